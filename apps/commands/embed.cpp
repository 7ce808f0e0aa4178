// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <apps/commands/command.hpp>
#include <apps/commands/form.hpp>
#include <apps/commands/load_data.hpp>
#include <apps/commands/recipe.hpp>
#include <apps/commands/report.hpp>
#include <apps/commands/saved_model.hpp>
#include <apps/commands/scores.hpp>
#include <datasets/formats/npz.hpp>
#include <gnn/train/prediction.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::apps {
namespace {

std::string to_tsv(const NodeVectors& e, const datasets::Dataset& data) {
  std::string text;
  for (std::size_t i = 0; i < std::size_t(data.num_nodes()); ++i) {
    text += data.node_names.empty() ? std::to_string(i) : data.node_names[i];
    for (std::size_t c = 0; c < e.columns; ++c) fmt::format_to(std::back_inserter(text), "\t{}", e.values[i * e.columns + c]);
    text += '\n';
  }
  return text;
}

std::vector<std::byte> to_npz(const NodeVectors& e, const datasets::Dataset& data) {
  std::vector<std::pair<std::string, std::vector<std::byte>>> arrays;
  const std::size_t shape[] = {std::size_t(data.num_nodes()), e.columns};
  if (!data.node_names.empty()) arrays.emplace_back("node", datasets::make_text_npy(data.node_names));
  arrays.emplace_back("embedding", datasets::make_npy("<f4", shape, std::as_bytes(std::span(e.values))));
  return datasets::make_npz(arrays);
}

}  // namespace

int embed(Settings& settings, Output& output) {
  const std::string form = form_of_output(settings, {".npz", ".tsv"});
  Context ctx = make_context(settings);
  const SavedModel saved = saved_model(ctx, settings);
  const datasets::Dataset data = load_unsplit(settings, find_layer_kind(saved.card.config.layer));
  if (settings.has("edges")) print_notes(data, output);
  const GraphData ready = prepare(ctx, data, saved.card.config);
  NodeVectors e;
  with_origin(settings, [&] { e = embed(ctx, saved.model, ready, settings.integer("layer")); });
  if (form == "-") {
    std::string tsv = to_tsv(e, data);
    tsv.pop_back();  // line() ends the last line
    output.line(tsv);
    const std::vector<double> numbers(e.values.begin(), e.values.end());
    Event event("embedding");
    event.add("model", saved.file.string()).add("data", data.name);
    if (!data.node_names.empty()) event.add("names", data.node_names);
    output.event(event.add("vectors", numbers, e.columns));
    return 0;
  }
  const std::string& out = settings.text("out");
  if (form == ".tsv") write_text(out, to_tsv(e, data));
  if (form == ".npz") graphs::write_file_atomically(out, to_npz(e, data));
  output.note(fmt::format("{} nodes, vectors of {} numbers written to {}", grouped(data.num_nodes()), e.columns, out));
  return 0;
}

}  // namespace gnn::apps
