// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <graphs/edge_list.hpp>

namespace gnn::graphs {

// Made-up graphs for tests and benchmarks, directed and unweighted. The same arguments give the same list on
// every platform. Bad arguments throw Error(usage), more nodes or edges than the id types hold throw
// Error(input).

/// Edges i -> i + 1, the last node to the first. One node gives one self-loop.
EdgeList ring(NodeId num_nodes);

/// Edges i -> 0 from every other node: row 0 is a hub.
EdgeList star(NodeId num_nodes);

/// G(n, m) of Erdos and Renyi 1959: num_edges different edges without self-loops, every such set equally
/// likely.
EdgeList erdos_renyi(NodeId num_nodes, EdgeOffset num_edges, std::uint64_t seed);

/// Chances of the four quadrants of the adjacency matrix (source half, target half): a = low to low,
/// b = low to high, c = high to low, and high to high gets the rest. The values given are those of Graph500.
struct RmatOptions {
  double a = 0.57;
  double b = 0.19;
  double c = 0.19;
};

/// R-MAT of Chakrabarti, Zhan and Faloutsos 2004: 2^scale nodes with degrees of a power law. Every edge falls
/// through `scale` levels of quadrants. Duplicates and self-loops occur.
EdgeList rmat(int scale, EdgeOffset num_edges, std::uint64_t seed, const RmatOptions& options = {});

struct PlantedPartition {
  EdgeList edges;
  std::vector<std::int32_t> block;  ///< the block of every node, 0 to num_blocks - 1
};

/// Planted partition: node communities of almost equal size, numbered in order. Every edge has a uniform
/// target; its source lies in the target's block with probability `inside`, else in another block. Without
/// self-loops; duplicates may occur. Needs at least two blocks of at least two nodes.
PlantedPartition planted_partition(NodeId num_nodes, NodeId num_blocks, EdgeOffset num_edges, double inside,
                                   std::uint64_t seed);

}  // namespace gnn::graphs
