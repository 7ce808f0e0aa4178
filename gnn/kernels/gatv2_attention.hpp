// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/adjacency.hpp>
#include <gnn/core/philox.hpp>
#include <gnn/kernels/kernel.hpp>

namespace gnn::inline GNN_PRECISION {

/// What the forward pass of gatv2_attention keeps for its backward pass. Edges in the order of the rows by target.
struct PairAttentionState {
  Mat alpha;  ///< E x heads: the attention before its dropout; empty: not kept
  /// E x sign_bytes(): one bit for each edge and channel, 1 where source + target is positive; null: not kept. Which bit
  /// is which channel's is a matter of the device.
  std::uint8_t* positive = nullptr;
};

/// Bytes that the signs of one edge take.
constexpr std::size_t sign_bytes(std::size_t heads, std::size_t channels) {
  return (heads * ((channels + 7) / 8) + 7) / 8 * 8;
}

/// The attention of GATv2, fused: score, softmax over the edges into i, dropout and weighted sum, in one op.
///
///   logit_ijh = sum over c of a[h,c] leaky_relu(source[j,h,c] + target[i,h,c], slope)     for every edge j -> i
///   alpha = softmax of the logits over the row
///   out[i,h,:] = sum_j dropout(alpha_ijh) value[j,h,:]
///
/// source, value: S x (heads C); target, out: R x (heads C); a: heads x C. A row without edges gives zeros. The rows of
/// source and value are gathered once for each edge; value may be source. Beside bits no array of size edges x channels
/// exists.
GNN_KERNEL(gatv2_attention, CsrView in, ConstMat source, ConstMat target, ConstMat value, ConstMat a, Real slope, Dropout dropout,
           Mat out, PairAttentionState state);
/// The gradients of gatv2_attention. With r the dropout's multiplier and phi = 1 where the sign of source + target is
/// positive, else slope,
///
///   dlogit_ijh = alpha_ijh (r <dout_i, value_j> - <dout_i, out_i>)
///   dvalue[j,h,:] += sum_i r alpha dout[i,h,:]
///   P[j,h,c] = sum_i dlogit phi,      dsource += a P
///   Q[i,h,c] = sum_j dlogit phi = (1 - slope) sum over the j with a positive sign of dlogit,      dtarget += a Q
///   da[h,c] += sum_j source[j,h,c] P[j,h,c] + sum_i target[i,h,c] Q[i,h,c]
///
/// P runs over the edges out of j and gathers dout, once for each edge; Q runs over the edges into i and gathers nothing,
/// thanks to the bits, and its second form holds because a row's dlogit sum to zero. leaky_relu(u) = phi u, so the gradient
/// of `a` needs no edge any more. Each row has one owner. dsource, dtarget and dvalue may be one matrix.
GNN_KERNEL(gatv2_attention_backward, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat value, ConstMat a,
           Real slope, Dropout dropout, ConstMat out, PairAttentionState state, ConstMat dout, Mat dsource, Mat dtarget,
           Mat dvalue, Mat da);
}  // namespace gnn::inline GNN_PRECISION
