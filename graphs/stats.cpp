// SPDX-License-Identifier: Apache-2.0
#include <graphs/stats.hpp>

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>

#include <graphs/error.hpp>

namespace gnn::graphs {
namespace {

void check_square(const char* where, const Csr& graph) {
  check(graph.num_rows() == graph.num_columns(), where, ": needs a square matrix, got ", +graph.num_rows(),
        "x", +graph.num_columns());
}

/// Union-find: the root of a node's tree; every node passed is hung one level higher.
NodeId find_root(std::vector<NodeId>& parent, NodeId node) {
  while (parent[size_t(node)] != node) {
    parent[size_t(node)] = parent[size_t(parent[size_t(node)])];
    node = parent[size_t(node)];
  }
  return node;
}

NodeId count_components(const Csr& graph) {
  std::vector<NodeId> parent(size_t(graph.num_rows()));
  std::iota(parent.begin(), parent.end(), NodeId(0));
  NodeId components = graph.num_rows();
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    for (const NodeId j : graph.row(i)) {
      const NodeId a = find_root(parent, i);
      const NodeId b = find_root(parent, j);
      if (a == b) continue;
      parent[size_t(std::max(a, b))] = std::min(a, b);
      --components;
    }
  }
  return components;
}

NodeId count_isolated(const Csr& graph) {
  std::vector<bool> has_edge(size_t(graph.num_rows()), false);
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    if (graph.degree(i) > 0) has_edge[size_t(i)] = true;
  }
  for (const NodeId j : graph.columns()) has_edge[size_t(j)] = true;
  return static_cast<NodeId>(std::count(has_edge.begin(), has_edge.end(), false));
}

}  // namespace

Stats statistics(const Csr& graph) {
  check_square("statistics", graph);
  Stats result;
  if (graph.num_rows() == 0) return result;

  result.num_components = count_components(graph);
  result.num_isolated = count_isolated(graph);
  result.mean_degree = double(graph.num_edges()) / double(graph.num_rows());
  result.min_degree = graph.degree(0);
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    const EdgeOffset degree = graph.degree(i);
    result.min_degree = std::min(result.min_degree, degree);
    result.max_degree = std::max(result.max_degree, degree);
    const auto bin = size_t(std::bit_width(std::uint64_t(degree)));
    if (bin >= result.degree_histogram.size()) result.degree_histogram.resize(bin + 1, 0);
    ++result.degree_histogram[bin];
    const auto row = graph.row(i);
    result.num_self_loops =
        static_cast<EdgeOffset>(result.num_self_loops + std::count(row.begin(), row.end(), i));
  }
  return result;
}

double edge_homophily(const Csr& graph, std::span<const std::int32_t> label) {
  check_square("edge_homophily", graph);
  check(label.size() == size_t(graph.num_rows()), "edge_homophily: ", label.size(), " labels, but ",
        +graph.num_rows(), " nodes");
  std::int64_t counted = 0;
  std::int64_t equal = 0;
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    for (const NodeId j : graph.row(i)) {
      const std::int32_t target = label[size_t(i)];
      const std::int32_t source = label[size_t(j)];
      if (i == j || target == -1 || source == -1) continue;
      ++counted;
      equal += source == target;
    }
  }
  return counted == 0 ? std::numeric_limits<double>::quiet_NaN() : double(equal) / double(counted);
}

bool is_symmetric(const Csr& graph) {
  if (graph.num_rows() != graph.num_columns()) return false;
  // Both sides sorted by row, column and weight, whatever the order in the rows given.
  const Csr sorted = Csr::from_edges(graph.to_edges());
  const Csr reversed = sorted.transposed();
  return std::ranges::equal(sorted.offsets(), reversed.offsets()) &&
         std::ranges::equal(sorted.columns(), reversed.columns()) &&
         std::ranges::equal(sorted.weights(), reversed.weights());
}

}  // namespace gnn::graphs
