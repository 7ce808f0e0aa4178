// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/adjacency.hpp>
#include <gnn/core/philox.hpp>
#include <gnn/kernels/kernel.hpp>

namespace gnn::inline GNN_PRECISION {

/// What an edge's logit is made of in supergat_attention.
struct SimilarityScore {
  ConstMat z;  ///< S x (heads C)
  std::size_t heads = 1;
  ConstMat source_score, target_score;  ///< S x heads and R x heads, or both empty
  Real scale = 1;                       ///< of the dot product, where there are no scores
  Real slope = Real(0.2);               ///< of leaky_relu
};

/// What the forward pass keeps, per target and head; apart for the reason given at AttentionState.
struct SoftmaxState {
  Mat maximum;  ///< R x heads: the largest logit of the row
  Mat sum;      ///< R x heads: sum of exp(logit - maximum)
};

/// The attention of SuperGAT that looks at dot products, fused: for every edge j -> i and head
///
///   g = <z_i, z_j>,   w = source_score_j + target_score_i
///   u = w sigmoid(g)  with scores (MX), or scale g without (DP, SD)
///   alpha = softmax over the edges into i of leaky_relu(u, slope)
///   out_i = sum_j dropout(alpha) z_j
///
/// One gather of z_j serves the dot product and the sum: the softmax is taken along the way, and what was
/// summed is scaled down whenever a larger logit appears. A row without edges gives zeros.
GNN_KERNEL(supergat_attention, CsrView in, SimilarityScore score, Dropout dropout, Mat out,
           SoftmaxState state);
/// The gradients of supergat_attention. With delta = <dout_i, out_i> and r the dropout's multiplier, an edge
/// has
///
///   du = alpha (r <dout_i, z_j> - delta) leaky_relu'(u)
///   MX: dw = du sigmoid(g),  dg = du w sigmoid(g) (1 - sigmoid(g));    DP, SD: dg = scale du
///
///   pass over the edges out of j: dz_j += sum_i (alpha r dout_i + dg z_i),  dsource_score_j += sum_i dw
///   pass over the edges into i:   dz_i += sum_j dg z_j,                     dtarget_score_i += sum_j dw
///
/// Whichever pass a device makes first leaves what the edges need for the other. Gradients of scores that there
/// are not are empty.
GNN_KERNEL(supergat_attention_backward, CsrView in, CsrView out_edges, SimilarityScore score, Dropout dropout,
           ConstMat out, SoftmaxState state, ConstMat dout, Mat dz, Mat dsource_score, Mat dtarget_score);
/// alpha without dropout, edges in the order of the rows. alpha: E x heads.
GNN_KERNEL(supergat_attention_weights, CsrView in, SimilarityScore score, SoftmaxState state, Mat alpha);
}  // namespace gnn::inline GNN_PRECISION
