// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include <apps/commands/command.hpp>
#include <apps/commands/form.hpp>
#include <apps/commands/load_data.hpp>
#include <apps/commands/recipe.hpp>
#include <apps/commands/report.hpp>
#include <apps/commands/saved_model.hpp>
#include <datasets/csv_field.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::apps {
namespace {

struct ExplainedEdge {
  std::string layer;
  int head;  // -1: the mean over heads
  NodeId source, target;
  double weight;
};

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

/// Collects the edges into nodes, layer by layer and head by head; heaviest first where only some are wanted.
class Explanation {
 public:
  Explanation(const graphs::Csr& graph, std::optional<NodeId> node, std::size_t top) : graph_(graph), node_(node), top_(top) {}

  /// weights: of the edges into the nodes from `first` on, E x heads.
  void add(const std::string& layer, NodeId first, NodeId last, const EdgeWeights& weights, bool all_heads) {
    const std::vector<Real> numbers = weights.weights.to_host();
    const std::size_t heads = weights.weights.cols(), before = std::size_t(graph_.offsets()[std::size_t(first)]);
    for (NodeId i = node_.value_or(first); i < (node_ ? NodeId(*node_ + 1) : last); ++i) {
      if (i < first || i >= last) continue;
      const Real* row = &numbers[0] + (std::size_t(graph_.offsets()[std::size_t(i)]) - before) * heads;
      if (!all_heads) add_row(layer, -1, i, [&](std::size_t k) {
          return std::accumulate(row + k * heads, row + (k + 1) * heads, 0.0) / double(heads);
        });
      for (std::size_t h = 0; all_heads && h < heads; ++h) {
        add_row(layer, int(h), i, [&](std::size_t k) { return double(row[k * heads + h]); });
      }
    }
  }

  const std::vector<ExplainedEdge>& edges() const { return edges_; }

 private:
  template <class Weight>
  void add_row(const std::string& layer, int head, NodeId i, const Weight& weight) {
    const auto sources = graph_.row(i);
    const std::size_t begin = edges_.size();
    for (std::size_t k = 0; k < sources.size(); ++k) edges_.push_back({layer, head, sources[k], i, weight(k)});
    if (top_ == 0) return;
    std::stable_sort(edges_.begin() + std::ptrdiff_t(begin), edges_.end(),
                     [](const ExplainedEdge& a, const ExplainedEdge& b) { return a.weight > b.weight; });
    edges_.resize(std::min(edges_.size(), begin + top_));
  }

  const graphs::Csr& graph_;
  std::optional<NodeId> node_;
  std::size_t top_;
  std::vector<ExplainedEdge> edges_;
};

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
  Explanation explanation(ready.source->graph, wanted_node(settings, data), std::size_t(settings.integer("top")));
  const bool all_heads = settings.text("head") == "all";
  std::size_t layers = 0;
  ctx.run([&] {
    NodeId first = 0;
    for (const Field& part : ready.parts) {
      const std::vector<EdgeWeights> found = saved.model.explain(ctx, part);
      const NodeId last = NodeId(std::size_t(first) + part.num_nodes());
      layers = found.size();
      for (const EdgeWeights& weights : found) explanation.add(weights.name, first, last, weights, all_heads);
      first = last;
    }
  });
  if (layers == 0) {
    fail(ErrorKind::mismatch, saved.card.config.layer, ": expected a model that weighs edges, found one that does not look at them");
  }

  const std::vector<ExplainedEdge>& edges = explanation.edges();
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
