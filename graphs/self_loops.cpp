// SPDX-License-Identifier: Apache-2.0
#include <graphs/self_loops.hpp>

#include <algorithm>
#include <compare>
#include <utility>

#include <graphs/sizes.hpp>

namespace gnn::graphs {
namespace {

/// Whether every row ascends by source, and equal sources by weight.
bool is_sorted(const Csr& graph) {
  const auto columns = graph.columns();
  const auto weights = graph.weights();
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    const auto end = size_t(graph.offsets()[size_t(i) + 1]);
    for (size_t e = size_t(graph.offsets()[size_t(i)]) + 1; e < end; ++e) {
      if (columns[e - 1] > columns[e]) return false;
      if (!weights.empty() && columns[e - 1] == columns[e] && std::strong_order(weights[e - 1], weights[e]) > 0)
        return false;
    }
  }
  return true;
}

}  // namespace

Csr with_self_loops(const Csr& graph, SelfLoops wish) {
  if (wish == SelfLoops::keep) return graph;
  if (graph.num_rows() != graph.num_columns() || !is_sorted(graph))
    return build_csr(graph.to_edges(), {.self_loops = wish}).graph;

  const bool adds = wish != SelfLoops::remove, drops = wish != SelfLoops::fill;
  const auto old = graph.columns();
  const auto old_weights = graph.weights();
  const auto num_rows = size_t(graph.num_rows());
  const size_t most = old.size() + (adds ? num_rows : 0);
  std::vector<EdgeOffset> offsets(num_rows + 1, 0);
  std::vector<NodeId> columns;
  std::vector<float> weights;
  columns.reserve(most);
  if (!old_weights.empty()) weights.reserve(most);
  const auto append = [&](size_t begin, size_t end) {
    columns.insert(columns.end(), old.begin() + std::ptrdiff_t(begin), old.begin() + std::ptrdiff_t(end));
    if (old_weights.empty()) return;
    weights.insert(weights.end(), old_weights.begin() + std::ptrdiff_t(begin), old_weights.begin() + std::ptrdiff_t(end));
  };
  for (size_t i = 0; i < num_rows; ++i) {
    const NodeId node = NodeId(i);
    const auto row = graph.row(node);
    const auto [first, last] = std::equal_range(row.begin(), row.end(), node);  // the self-loops
    const auto begin = size_t(graph.offsets()[i]), end = size_t(graph.offsets()[i + 1]);
    const auto loops = begin + size_t(first - row.begin()), behind = begin + size_t(last - row.begin());
    append(begin, loops);
    if (!drops) append(loops, behind);
    if (adds && (drops || loops == behind)) {
      columns.push_back(node);
      if (!old_weights.empty()) weights.push_back(1);
    }
    append(behind, end);
    offsets[i + 1] = to_edge_count(columns.size());
  }
  return Csr(graph.num_columns(), std::move(offsets), std::move(columns), std::move(weights));
}

}  // namespace gnn::graphs
