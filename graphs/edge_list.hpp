// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <graphs/types.hpp>

namespace gnn::graphs {

/// Edges as they are read: edge k goes from source[k] to target[k]. Duplicates and self-loops may occur.
struct EdgeList {
  NodeId num_nodes = 0;
  std::vector<NodeId> source;
  std::vector<NodeId> target;
  std::vector<float> weight;  ///< empty: every edge has weight 1; else one finite number an edge

  EdgeOffset num_edges() const { return static_cast<EdgeOffset>(source.size()); }
  bool weighted() const { return !weight.empty(); }
};

/// Throws Error(input) unless the arrays have one length, every id lies in [0, num_nodes) and weights are
/// finite.
void validate(const EdgeList& edges);

}  // namespace gnn::graphs
