// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <graphs/csr.hpp>

namespace gnn::graphs {

/// What a user wants to know of a graph before training. A degree is a row's length, the number of edges into
/// a node.
struct Stats {
  NodeId num_components = 0;  ///< connected components, edges taken without direction
  NodeId num_isolated = 0;    ///< nodes without any edge, in or out
  EdgeOffset num_self_loops = 0;
  EdgeOffset min_degree = 0;
  EdgeOffset max_degree = 0;
  double mean_degree = 0;
  /// Entry 0 counts the nodes of degree 0, entry k > 0 those with a degree in [2^(k-1), 2^k). Ends at
  /// max_degree.
  std::vector<NodeId> degree_histogram;
};

/// Throws Error(usage) when the matrix is not square. A graph without nodes gives zeros.
Stats statistics(const Csr& graph);

/// Share of the edges that join two nodes of one label, in [0, 1] (Zhu et al. 2020, arXiv:2006.11468).
/// Self-loops and edges at a node of label -1 do not count; NaN when no edge counts. label has one entry a
/// node, else Error(usage).
double edge_homophily(const Csr& graph, std::span<const std::int32_t> label);

/// True when every edge has its reverse as often and with the same weights. A matrix that is not square has
/// none.
bool is_symmetric(const Csr& graph);

}  // namespace gnn::graphs
