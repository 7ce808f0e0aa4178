// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <numeric>

#include <apps/commands/command.hpp>
#include <apps/commands/form.hpp>
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

std::vector<NodeId> wanted_nodes(const Settings& settings, const datasets::Dataset& data) {
  if (settings.has("nodes")) return load_node_list(settings, data);
  std::vector<NodeId> all(std::size_t(data.num_nodes()));
  std::iota(all.begin(), all.end(), NodeId(0));
  return all;
}

}  // namespace

int predict(Settings& settings, Output& output) {
  const std::string form = form_of_output(settings, {".csv", ".json", ".npz"});
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
  if (form == "-") {
    std::string csv = to_csv(p);
    csv.pop_back();  // line() ends the last line
    output.line(csv);
    output.event(to_event(p, model, data.name));
    return 0;
  }
  if (form == ".csv") write_text(out, to_csv(p));
  if (form == ".json") write_text(out, to_event(p, model, data.name).json() + "\n");
  if (form == ".npz") graphs::write_file_atomically(out, to_npz(p));
  output.note(fmt::format("{} nodes, classes written to {}", grouped(std::int64_t(p.nodes.size())), out));
  return 0;
}

}  // namespace gnn::apps
