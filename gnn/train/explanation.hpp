// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gnn/train/model.hpp>

namespace gnn::inline GNN_PRECISION {

/// What one edge counted for in one layer.
struct ExplainedEdge {
  std::string layer;  ///< "layer1", "hop3"
  int head;           ///< from 0; -1: the mean over heads
  NodeId source, target;
  double weight;  ///< attention, which sums to 1 over the edges into a node, or the fixed weight of a layer
                  ///< without attention
};

struct ExplainOptions {
  std::optional<NodeId> node{};  ///< only the edges into this one
  std::size_t top = 0;     ///< of the edges into a node only so many, heaviest first; 0: all, in their order
  bool all_heads = false;  ///< one weight for each head in place of their mean
};

/// What the edges counted for in a trained model, layer by layer, then target by target. Throws
/// Error(mismatch) for a model that does not look at edges, Error(usage) when the node is none of the data's.
std::vector<ExplainedEdge> explain(Context& ctx, const Model& model, const GraphData& data,
                                   const ExplainOptions& options = {});

}  // namespace gnn::inline GNN_PRECISION
