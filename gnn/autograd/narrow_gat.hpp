// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/gat_layer.hpp>

namespace gnn::inline GNN_PRECISION {

/// A layer of GAT on a GPU whose input is narrower than its heads together: attention runs over x in place of z = x w, whose scores
/// are those of x by the vectors w a,
///
///   s = x (w_h a_s),  t = x (w_h a_t),  y_h = (sum_j alpha_ij x_j) w_h
///
/// so that an edge gathers F numbers once for four heads, not C for each. On the way back, too: x is an input of the model, which
/// wants no gradient, so that the passes over edges end at the two vectors. Projected rows have no dropout; heads lie side by side.
struct NarrowGat {
  /// Whether a layer is one that gains by it.
  static bool fits(const Tape& tape, const Var& x, const GatLayerWeights& weights, const GatLayerOptions& options);
  static Var layer(const Adjacency& adjacency, const Var& x, const GatLayerWeights& weights, const Var& through,
                   const GatLayerOptions& options);
};

}  // namespace gnn::inline GNN_PRECISION
