// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/aero_hops.hpp>

// The edge attention of AERO-GNN, in the terms of aero_hops.hpp: at and scale from z, and back.
namespace gnn::inline GNN_PRECISION {

/// at = softplus(v) + this, so that no degree is zero where there is an edge.
inline constexpr Real aero_epsilon = Real(1e-6);

/// Edge attention: at = softplus(v) + epsilon with, in the authors' form, v_ij = <w, ELU(decay (z_i + z_j))>
/// per head. w: heads x C. Overwrites at and scale.
GNN_KERNEL(aero_edges, CsrView in, ConstMat z, Real decay, ConstMat w, Mat at, Mat scale);
/// In the paper's form v_ij = target_score[i] + source_score[j] with the scores of aero_scores(), N x heads.
GNN_KERNEL(aero_edges_by_scores, CsrView in, ConstMat target_score, ConstMat source_score, Mat at, Mat scale);
/// target_score[i,h] = <w[h,:C], ELU(decay z_i)>, source_score the same with w[h,C:]. w: heads x 2C.
GNN_KERNEL(aero_scores, ConstMat z, Real decay, ConstMat w, Mat target_score, Mat source_score);
/// Puts dv = (da scale_i scale_j + ddegree_i) sigmoid(v) in the place of da; sigmoid(v) = 1 - exp(epsilon -
/// at).
GNN_KERNEL(aero_score_gradients, CsrView in, ConstMat at, ConstMat scale, ConstMat ddegree, Mat da);
/// Back through the authors' form, for one end of every edge, the one that the rows of `edges` belong to:
/// with u = decay (z_i + z_j), dz_i += decay w o sum over i's edges of dv ELU'(u). partial: pieces x (heads
/// C) for w, the sum of dv ELU(u); empty: left out.
GNN_KERNEL(aero_edges_backward, CsrView edges, ConstMat z, Real decay, ConstMat w, ConstMat dv, Mat dz,
           Mat partial);
/// The last two for both ends at once, where the graph is symmetric and with it at, and da lies at the
/// reverse: dv then is the sum over both directions of an edge, and a node's own row says all. reverse: the
/// place of each edge's reverse.
GNN_KERNEL(aero_symmetric_backward, CsrView in, const EdgeOffset* reverse, ConstMat z, Real decay, ConstMat w,
           ConstMat at, ConstMat scale, ConstMat ddegree, ConstMat da, Mat dz, Mat partial);
/// Back through the scores of the paper's form. dtarget_score, dsource_score: N x heads; partial: pieces x
/// (heads 2C) for w.
GNN_KERNEL(aero_scores_backward, CsrView in, ConstMat z, Real decay, ConstMat w, ConstMat dtarget_score,
           ConstMat dsource_score, Mat dz, Mat partial);
}  // namespace gnn::inline GNN_PRECISION
