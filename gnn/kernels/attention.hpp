// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/adjacency.hpp>
#include <gnn/core/philox.hpp>
#include <gnn/kernels/kernel.hpp>

namespace gnn::inline GNN_PRECISION {

/// What the forward pass of gat_attention keeps for its backward pass, all per target node and head.
/// maximum and sum stay apart: alpha rebuilt from their log-sum-exp alone loses 1e-4 in float at logits near 1000.
struct AttentionState {
  Mat maximum;        ///< N x heads: the largest logit of the row
  Mat sum;            ///< N x heads: sum of exp(logit - maximum)
  Mat positive_out;   ///< N x (heads C): the part of the output over edges whose logit is positive; empty: not kept
  Mat positive_mass;  ///< N x heads: the attention (before its dropout) on those edges; empty: not kept
};

/// The attention of GAT, fused: score, softmax over the edges into i, dropout and weighted sum, in one op.
///
///   u_ijh = source_score[j,h] + target_score[i,h]          for every edge j -> i
///   alpha = softmax over the row of leaky_relu(u, slope)
///   out[i,h,:] = sum_j dropout(alpha_ijh) value[j,h,:]
///
/// value, out: N x (heads C). A row without edges gives zeros. No array of size edges x channels exists.
GNN_KERNEL(gat_attention, CsrView in, ConstMat source_score, ConstMat target_score, ConstMat value, Real slope,
           Dropout dropout, Mat out, AttentionState state);
/// The gradients of gat_attention with a single gather of features per edge. With c = <dout, out> per node and head,
///
///   dtarget_score[i,h] += (1 - slope) (<dout_i, positive_out_i> - c_ih positive_mass_ih)
///   dalpha_ijh = r <dout_i, value_j>,   du = alpha (dalpha - c_ih) (u > 0 ? 1 : slope)
///   dsource_score[j,h] += sum_i du,     dvalue[j,h,:] += sum_i r alpha dout[i,h,:]
///
/// where r is the dropout's multiplier. The first line needs no edge: the logits' gradients of a row sum to zero, so
/// those of the positive ones decide. The other lines run over the edges out of j, whose row has one owner.
GNN_KERNEL(gat_attention_backward, CsrView out_edges, ConstMat source_score, ConstMat target_score, ConstMat value,
           Real slope, Dropout dropout, ConstMat out, AttentionState state, ConstMat dout, Mat dsource_score,
           Mat dtarget_score, Mat dvalue);
/// alpha[e,h] of gat_attention without dropout, edges in the order of the rows. alpha: E x heads.
GNN_KERNEL(gat_attention_weights, CsrView in, ConstMat source_score, ConstMat target_score, Real slope,
           AttentionState state, Mat alpha);
}  // namespace gnn::inline GNN_PRECISION
