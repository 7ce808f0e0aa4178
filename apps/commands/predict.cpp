// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <numeric>

#include <apps/commands/command.hpp>
#include <apps/commands/load_data.hpp>
#include <apps/commands/own_graph.hpp>
#include <apps/commands/predictions.hpp>
#include <apps/commands/recipe.hpp>
#include <apps/commands/report.hpp>
#include <apps/commands/saved_model.hpp>
#include <apps/commands/scores.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::apps {
namespace {

enum class Form { standard_output, csv, json, npz };

Form form_of(const Settings& settings) {
  const std::string& out = settings.text("out");
  if (out == "-") return Form::standard_output;
  const std::string extension = std::filesystem::path(out).extension().string();
  if (extension == ".csv") return Form::csv;
  if (extension == ".json") return Form::json;
  if (extension == ".npz") return Form::npz;
  fail(ErrorKind::usage, settings.where("out"), ": expected FILE.csv, FILE.json, FILE.npz or -, found ",
       datasets::in_quotes(out));
}

std::vector<NodeId> wanted_nodes(const Settings& settings, const datasets::Dataset& data) {
  if (settings.has("nodes")) return load_node_list(settings, data);
  std::vector<NodeId> all(std::size_t(data.num_nodes()));
  std::iota(all.begin(), all.end(), NodeId(0));
  return all;
}

void write(const std::string& path, const std::string& text) {
  graphs::write_file_atomically(path, std::as_bytes(std::span(text)));
}

}  // namespace

int predict(Settings& settings, Output& output) {
  const Form form = form_of(settings);
  Context ctx = make_context(settings);
  const SavedModel saved = saved_model(ctx, settings);
  const ModelConfig& config = saved.card.config;
  const datasets::Dataset data = load_unsplit(settings, find_layer_kind(config.layer));
  const std::vector<NodeId> nodes = wanted_nodes(settings, data);
  if (settings.has("edges")) print_notes(data, output);
  const Tensor logits = logits_of(ctx, saved.model, prepare(ctx, data, config));

  const Predictions p = predictions_of(logits, config.task == Task::multi_label, settings.on("probs"), nodes, data.node_names,
                                       config.class_names);
  const std::string model = saved.file.string();
  const std::string& out = settings.text("out");
  switch (form) {
    case Form::csv:
      write(out, to_csv(p));
      break;
    case Form::json:
      write(out, to_event(p, model, data.name).json() + "\n");
      break;
    case Form::npz:
      graphs::write_file_atomically(out, to_npz(p));
      break;
    case Form::standard_output:
      std::string csv = to_csv(p);
      csv.pop_back();  // line() ends the last line
      output.line(csv);
      output.event(to_event(p, model, data.name));
      return 0;
  }
  output.note(fmt::format("{} nodes, classes written to {}", grouped(std::int64_t(p.nodes.size())), out));
  return 0;
}

}  // namespace gnn::apps
