// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>
#include <utility>

#include <graphs/csr.hpp>

namespace gnn::test {

/// Everything that trips a kernel, in one graph of 347 nodes. The special nodes come first:
/// 0 has 310 edges in, 1 has 310 edges out, 2 has no edge, 3 has two self-loops, 4 has three equal edges
/// from 5.
inline graphs::EdgeList mixed_edges(std::size_t random_edges = 900) {
  graphs::EdgeList edges;
  edges.num_nodes = 347;
  const auto add = [&](std::uint64_t source, std::uint64_t target) {
    edges.source.push_back(NodeId(source));
    edges.target.push_back(NodeId(target));
  };
  std::mt19937_64 random(11);
  for (std::size_t e = 0; e < random_edges; ++e) {
    const std::uint64_t source = 3 + random() % 344;
    add(source, 3 + random() % 344);
  }
  for (std::uint64_t k = 0; k < 310; ++k) add(10 + k, 0);
  for (std::uint64_t k = 0; k < 310; ++k) add(1, 20 + k);
  for (int copy = 0; copy < 2; ++copy) add(3, 3);
  for (int copy = 0; copy < 3; ++copy) add(5, 4);
  return edges;
}

inline graphs::Csr mixed_graph() {
  return graphs::Csr::from_edges(mixed_edges());
}

/// 40 targets, 90 sources, every seventh pair.
inline graphs::Csr rectangular_graph() {
  std::vector<EdgeOffset> offsets = {0};
  std::vector<NodeId> columns;
  for (int i = 0; i < 40; ++i) {
    for (int j = 0; j < 90; ++j) {
      if ((i + j) % 7 == 0) columns.push_back(j);
    }
    offsets.push_back(EdgeOffset(columns.size()));
  }
  return graphs::Csr(90, offsets, columns);
}

inline graphs::Csr graph_without_edges(NodeId num_nodes) {
  return graphs::Csr::from_edges({num_nodes, {}, {}, {}});
}

/// The same edges in another order of the list.
inline graphs::EdgeList shuffled_edges(graphs::EdgeList edges, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (std::size_t k = edges.source.size(); k > 1; --k) {
    const std::size_t other = std::size_t(random() % k);
    std::swap(edges.source[k - 1], edges.source[other]);
    std::swap(edges.target[k - 1], edges.target[other]);
  }
  return edges;
}

}  // namespace gnn::test
