// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include <apps/commands/command.hpp>
#include <apps/commands/form.hpp>
#include <apps/commands/load_data.hpp>
#include <apps/commands/recipe.hpp>
#include <apps/commands/report.hpp>
#include <apps/commands/saved_model.hpp>
#include <datasets/csv_field.hpp>
#include <datasets/in_quotes.hpp>
#include <gnn/train/explanation.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::apps {
namespace {

std::optional<NodeId> wanted_node(const Settings& settings, const datasets::Dataset& data) {
  if (!settings.has("node")) return std::nullopt;
  const std::string& text = settings.text("node");
  if (!data.node_names.empty()) {
    const auto found = std::ranges::find(data.node_names, text);
    if (found != data.node_names.end()) return NodeId(found - data.node_names.begin());
  } else {
    std::int64_t node = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), node);
    if (error == std::errc{} && end == text.data() + text.size() && node >= 0 && node < data.num_nodes()) return NodeId(node);
  }
  fail(ErrorKind::usage, settings.where("node"), ": expected a node of ", graphs::quote_for_message(data.name), ", found ",
       datasets::in_quotes(text));
}

std::string name_of(const datasets::Dataset& data, NodeId i) {
  return data.node_names.empty() ? std::to_string(i) : data.node_names[std::size_t(i)];
}

std::string head_text(int head) { return head < 0 ? "mean" : std::to_string(head + 1); }

std::string to_csv(const std::vector<ExplainedEdge>& edges, const datasets::Dataset& data) {
  std::string csv = "layer,head,source,target,weight,self_loop\n";
  for (const ExplainedEdge& e : edges) {
    fmt::format_to(std::back_inserter(csv), "{},{},{},{},{:.9g},{}\n", e.layer, head_text(e.head),
                   datasets::csv_field(name_of(data, e.source)), datasets::csv_field(name_of(data, e.target)), e.weight,
                   e.source == e.target ? 1 : 0);
  }
  return csv;
}

}  // namespace

int explain(Settings& settings, Output& output) {
  const std::string form = form_of_output(settings, {".csv"});
  Context ctx = make_context(settings);
  const SavedModel saved = saved_model(ctx, settings);
  const datasets::Dataset data = load_unsplit(settings, find_layer_kind(saved.card.config.layer));
  if (settings.has("edges")) print_notes(data, output);
  const GraphData ready = prepare(ctx, data, saved.card.config);
  ExplainOptions options{.node = wanted_node(settings, data), .top = std::size_t(settings.integer("top"))};
  options.all_heads = settings.text("head") == "all";
  const std::vector<ExplainedEdge> edges = explain(ctx, saved.model, ready, options);

  if (form == "-") {
    std::string csv = to_csv(edges, data);
    csv.pop_back();  // line() ends the last line
    output.line(csv);
    for (const ExplainedEdge& e : edges) {
      output.event(Event("edge")
                       .add("layer", e.layer)
                       .add("head", head_text(e.head))
                       .add("source", name_of(data, e.source))
                       .add("target", name_of(data, e.target))
                       .add("weight", e.weight)
                       .add("self_loop", e.source == e.target));
    }
    return 0;
  }
  write_text(settings.text("out"), to_csv(edges, data));
  output.note(fmt::format("{} weights written to {}", grouped(std::int64_t(edges.size())), settings.text("out")));
  return 0;
}

}  // namespace gnn::apps
