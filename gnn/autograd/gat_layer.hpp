// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include <gnn/autograd/tape.hpp>
#include <gnn/core/adjacency.hpp>
#include <gnn/core/sparse_matrix.hpp>

namespace gnn::inline GNN_PRECISION {

/// What gat_layer computes with besides its matrices.
struct GatLayerOptions {
  double slope = 0.2;  ///< of leaky_relu
  double dropout = 0, attention_dropout = 0, feature_dropout = 0;
  std::uint32_t stream = 0, attention_stream = 1, feature_stream = 2;
  std::size_t masks = 1;  ///< of the input's dropout: one, or one a head
  bool mean = false;  ///< of the heads, in place of heads side by side
  bool elu = false;
};

/// The matrices of a layer: w is F x (heads C), a_s and a_t heads x C, their biases 1 x heads or undefined; bias is as wide as
/// the result. residual(columns) gives what is added to the result, R rows as wide, with zeros up to so many columns; it has a
/// bias of its own, if there is one, and is called once.
struct GatLayerWeights {
  Var w, a_s, a_t, b_s, b_t, bias;
  std::function<Var(std::size_t columns)> residual = {};
  Var residual_bias = {};
};

/// A layer of GAT as one op: with x after dropout,
///
///   z = x w,  s = head_scores(z, a_s, b_s),  t = head_scores(z, a_t, b_t) of the targets,
///   y = gat_attention(s, t, z after its dropout), or the mean of its heads, + residual + bias,  then ELU
///
/// x: S x F, in `sparse` or else in `dense`. Returns R x (heads C), or R x C. On a GPU this is a few kernels instead of some forty,
/// which is what small graphs wait for; elsewhere it is composed_gat_layer. The two differ in the order of sums.
Var gat_layer(const Adjacency& adjacency, const SparseMatrix* sparse, const Var& dense, const GatLayerWeights& weights,
              const GatLayerOptions& options);

/// The same, op by op.
Var composed_gat_layer(const Adjacency& adjacency, const SparseMatrix* sparse, const Var& dense, const GatLayerWeights& weights,
                       const GatLayerOptions& options);

}  // namespace gnn::inline GNN_PRECISION
