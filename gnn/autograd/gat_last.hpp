// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/gat_layer.hpp>

namespace gnn::inline GNN_PRECISION {

/// The last layer of a GAT on a small graph, on a GPU, with the loss that the tape awaits, there and back in one kernel: on Cora,
/// where a training step is a row of kernels with hardly anything to do, that is one in place of five. What it finds for the way
/// back is that of dL/dL = 1.
struct LastGat {
  /// Whether a layer is one: the model's last, of one head and nothing behind it, whose targets all have a label.
  static bool fits(const Adjacency& adjacency, const Var& x, const GatLayerWeights& weights, const GatLayerOptions& options);
  static Var layer(const Adjacency& adjacency, const Var& x, const GatLayerWeights& weights, const GatLayerOptions& options);
};

}  // namespace gnn::inline GNN_PRECISION
