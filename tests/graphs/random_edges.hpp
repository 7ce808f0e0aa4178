// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include <graphs/edge_list.hpp>

namespace gnn::graphs {

/// Random edges among all nodes but the last, which stays isolated; node 0 is a hub. Weights are few whole
/// numbers and zeros of both signs, so that duplicates with equal weights occur.
inline EdgeList random_edges(NodeId num_nodes, size_t num_edges, bool weighted, std::mt19937_64& random) {
  EdgeList edges;
  edges.num_nodes = num_nodes;
  const auto node = [&] { return static_cast<NodeId>(random() % std::uint64_t(num_nodes - 1)); };
  for (size_t e = 0; e < num_edges; ++e) {
    edges.source.push_back(node());
    edges.target.push_back(random() % 4 == 0 ? NodeId(0) : node());
    if (weighted) edges.weight.push_back(random() % 2 == 0 ? 0.0f : float(random() % 3) * -1.0f);
  }
  return edges;
}

inline EdgeList shuffled(const EdgeList& edges, std::mt19937_64& random) {
  std::vector<size_t> order(edges.source.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::shuffle(order.begin(), order.end(), random);
  EdgeList result;
  result.num_nodes = edges.num_nodes;
  for (const size_t e : order) {
    result.source.push_back(edges.source[e]);
    result.target.push_back(edges.target[e]);
    if (edges.weighted()) result.weight.push_back(edges.weight[e]);
  }
  return result;
}

}  // namespace gnn::graphs
