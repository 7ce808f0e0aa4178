// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/explanation.hpp>

#include <algorithm>
#include <numeric>

#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

/// Collects the edges into nodes, layer by layer and head by head.
class Explanation {
 public:
  Explanation(const graphs::Csr& graph, const ExplainOptions& options) : graph_(graph), options_(options) {}

  /// weights: of the edges into the nodes from `first` to before `last`, E x heads.
  void add(const EdgeWeights& weights, NodeId first, NodeId last) {
    const std::vector<Real> numbers = weights.weights.to_host();
    const std::size_t heads = weights.weights.cols(),
                      before = std::size_t(graph_.offsets()[std::size_t(first)]);
    const NodeId from = options_.node ? std::max(first, *options_.node) : first;
    const NodeId to = options_.node ? std::min(last, NodeId(*options_.node + 1)) : last;
    for (NodeId i = from; i < to; ++i) {
      const std::size_t row = (std::size_t(graph_.offsets()[std::size_t(i)]) - before) * heads;
      const auto of_edge = [&](std::size_t k) { return std::span(numbers).subspan(row + k * heads, heads); };
      if (!options_.all_heads) {
        add_row(weights.name, -1, i, [&](std::size_t k) {
          const auto of_heads = of_edge(k);
          return std::accumulate(of_heads.begin(), of_heads.end(), 0.0) / double(heads);
        });
      }
      for (std::size_t h = 0; options_.all_heads && h < heads; ++h) {
        add_row(weights.name, int(h), i, [&](std::size_t k) { return double(of_edge(k)[h]); });
      }
    }
  }

  std::vector<ExplainedEdge> take() { return std::move(edges_); }

 private:
  template <class Weight>
  void add_row(const std::string& layer, int head, NodeId i, const Weight& weight) {
    const auto sources = graph_.row(i);
    const std::size_t begin = edges_.size();
    for (std::size_t k = 0; k < sources.size(); ++k)
      edges_.push_back({layer, head, sources[k], i, weight(k)});
    if (options_.top == 0) return;
    std::stable_sort(edges_.begin() + std::ptrdiff_t(begin), edges_.end(),
                     [](const ExplainedEdge& a, const ExplainedEdge& b) { return a.weight > b.weight; });
    edges_.resize(std::min(edges_.size(), begin + options_.top));
  }

  const graphs::Csr& graph_;
  const ExplainOptions& options_;
  std::vector<ExplainedEdge> edges_;
};

}  // namespace

std::vector<ExplainedEdge> explain(Context& ctx, const Model& model, const GraphData& data,
                                   const ExplainOptions& options) {
  if (options.node) {
    check(*options.node >= 0 && std::size_t(*options.node) < data.num_nodes(), "node: expected a node below ",
          data.num_nodes(), ", found ", std::int64_t(*options.node));
  }
  Explanation explanation(data.source->graph, options);
  std::size_t layers = 0;
  ctx.run([&] {
    NodeId first = 0;
    for (const Field& part : data.parts) {
      const std::vector<EdgeWeights> found = model.explain(ctx, part);
      const NodeId last = NodeId(std::size_t(first) + part.num_nodes());
      layers = found.size();
      for (const EdgeWeights& weights : found) explanation.add(weights, first, last);
      first = last;
    }
  });
  if (layers == 0) {
    fail(ErrorKind::mismatch, model.config().layer,
         ": expected a model that weighs edges, found one that does not look at them");
  }
  return explanation.take();
}

}  // namespace gnn::inline GNN_PRECISION
