// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <optional>

#include <apps/commands/command.hpp>
#include <apps/commands/form.hpp>
#include <apps/commands/load_data.hpp>
#include <apps/commands/recipe.hpp>
#include <apps/commands/report.hpp>
#include <apps/commands/saved_model.hpp>
#include <apps/commands/scores.hpp>
#include <datasets/formats/npz.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::apps {
namespace {

/// Vectors of all nodes, one behind the other.
struct Embedding {
  std::size_t width = 0;
  std::vector<Real> numbers;
};

/// Which of `hidden` states --layer names; nothing for the logits.
std::optional<std::size_t> chosen_layer(const Settings& settings, std::size_t hidden) {
  const std::int64_t layer = settings.integer("layer"), count = std::int64_t(hidden);
  if (layer == 0) return std::nullopt;
  if (layer > count || layer < -count) {
    fail(ErrorKind::usage, settings.where("layer"), ": this model has ", hidden, hidden == 1 ? " hidden layer" : " hidden layers",
         ", found ", layer, hidden == 0 ? "; 0 is the logits" : "");
  }
  return std::size_t(layer > 0 ? layer - 1 : count + layer);
}

Embedding embedding_of(Context& ctx, const Model& model, const GraphData& data, const Settings& settings) {
  Embedding all;
  ctx.run([&] {
    for (const Field& part : data.parts) {
      const std::vector<Tensor> hidden = model.hidden(ctx, part);
      const std::optional<std::size_t> layer = chosen_layer(settings, hidden.size());
      const Tensor state = layer ? hidden[*layer] : model.logits(ctx, part);
      all.width = state.cols();
      const std::vector<Real> numbers = state.to_host();
      all.numbers.insert(all.numbers.end(), numbers.begin(), numbers.end());
    }
  });
  return all;
}

std::string to_tsv(const Embedding& e, const datasets::Dataset& data) {
  std::string text;
  for (std::size_t i = 0; i < std::size_t(data.num_nodes()); ++i) {
    text += data.node_names.empty() ? std::to_string(i) : data.node_names[i];
    for (std::size_t c = 0; c < e.width; ++c) fmt::format_to(std::back_inserter(text), "\t{}", e.numbers[i * e.width + c]);
    text += '\n';
  }
  return text;
}

std::vector<std::byte> to_npz(const Embedding& e, const datasets::Dataset& data) {
  std::vector<std::pair<std::string, std::vector<std::byte>>> arrays;
  const std::size_t shape[] = {std::size_t(data.num_nodes()), e.width};
  if (!data.node_names.empty()) arrays.emplace_back("node", datasets::make_text_npy(data.node_names));
  arrays.emplace_back("embedding", datasets::make_npy("<f4", shape, std::as_bytes(std::span(e.numbers))));
  return datasets::make_npz(arrays);
}

}  // namespace

int embed(Settings& settings, Output& output) {
  const std::string form = form_of_output(settings, {".npz", ".tsv"});
  Context ctx = make_context(settings);
  const SavedModel saved = saved_model(ctx, settings);
  const datasets::Dataset data = load_unsplit(settings, find_layer_kind(saved.card.config.layer));
  if (settings.has("edges")) print_notes(data, output);
  const Embedding e = embedding_of(ctx, saved.model, prepare(ctx, data, saved.card.config), settings);
  if (form == "-") {
    std::string tsv = to_tsv(e, data);
    tsv.pop_back();  // line() ends the last line
    output.line(tsv);
    const std::vector<double> numbers(e.numbers.begin(), e.numbers.end());
    Event event("embedding");
    event.add("model", saved.file.string()).add("data", data.name);
    if (!data.node_names.empty()) event.add("names", data.node_names);
    output.event(event.add("vectors", numbers, e.width));
    return 0;
  }
  const std::string& out = settings.text("out");
  if (form == ".tsv") write_text(out, to_tsv(e, data));
  if (form == ".npz") graphs::write_file_atomically(out, to_npz(e, data));
  output.note(fmt::format("{} nodes, vectors of {} numbers written to {}", grouped(data.num_nodes()), e.width, out));
  return 0;
}

}  // namespace gnn::apps
