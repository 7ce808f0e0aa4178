// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/tape.hpp>
#include <gnn/core/adjacency.hpp>
#include <gnn/core/sparse_matrix.hpp>

namespace gnn::inline GNN_PRECISION {

/// What supergat_layer computes with besides its matrices. Streams: `stream` for the input's dropout, + 1 for the attention's, + 2 and
/// + 3 for draw_links().
struct SuperGatLayerOptions {
  std::size_t heads = 1;
  double dot_scale = 1;  ///< of the products, in attention where there are no scores, and in the loss
  double slope = 0.2;    ///< of leaky_relu
  double dropout = 0, attention_dropout = 0;
  std::uint32_t stream = 0;
  bool mean = false;  ///< of the heads, in place of heads side by side
  bool elu = false;
  double edge_loss = 0;  ///< factor of the loss of the edges; 0: none
  double edge_ratio = 1, negative_ratio = 0.5;
};

/// The matrices of a layer: w is F x (heads C), a_s and a_t heads x C or undefined (DP, SD); bias is as wide as the result.
struct SuperGatLayerWeights {
  Var w, a_s, a_t, bias;
};

struct SuperGatLayerResult {
  Var y;
  Var loss;  ///< 1 x 1; undefined without edge loss, without edges and in inference
};

/// A layer of SuperGAT whose attention looks at dot products, as one op: with x after dropout,
///
///   z = x w,  s = head_scores(z, a_s),  t = head_scores(z, a_t) of the targets, where there are vectors
///   y = supergat_attention(z, s, t), or the mean of its heads, + bias,  then ELU
///   loss = link_loss(z, z) of products, scaled by dot_scale / heads
///
/// x: S x F, in `sparse` or else in `dense`. Returns R x (heads C), or R x C. On a GPU this is a few kernels, and what pairs and edges
/// draw and lose runs beside them; elsewhere it is composed_supergat_layer. The two differ in the order of sums.
SuperGatLayerResult supergat_layer(const Adjacency& adjacency, const SparseMatrix* sparse, const Var& dense,
                                   const SuperGatLayerWeights& weights, const SuperGatLayerOptions& options);

/// The same, op by op.
SuperGatLayerResult composed_supergat_layer(const Adjacency& adjacency, const SparseMatrix* sparse, const Var& dense,
                                            const SuperGatLayerWeights& weights, const SuperGatLayerOptions& options);

/// Begins a layer's draws, for a supergat_layer() to come on this tape, beside all that is given to the context before it.
void begin_supergat_layer(Tape& tape, const Adjacency& adjacency, std::size_t channels, const SuperGatLayerOptions& options);

}  // namespace gnn::inline GNN_PRECISION
