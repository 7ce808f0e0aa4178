// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/adjacency.hpp>
#include <gnn/core/philox.hpp>
#include <gnn/kernels/kernel.hpp>

// The steps of attention one by one, with arrays of one row per edge in the order of the rows by target. Layers use
// the fused kernels of attention.hpp; these are for layers that weigh edges in other ways, and the fused ones' proof.
namespace gnn::inline GNN_PRECISION {

/// score[e,h] = source_score[j,h] + target_score[i,h] for edge e: j -> i. score: E x heads.
GNN_KERNEL(edge_scores, CsrView in, ConstMat source_score, ConstMat target_score, Mat score);
/// dsource_score[j,h] += sum of dscore over the edges out of j; dtarget_score[i,h] += sum over the edges into i.
GNN_KERNEL(edge_scores_backward, CsrView in, CsrView out, ConstMat dscore, Mat dsource_score, Mat dtarget_score);
/// alpha[e,h] = softmax of score[:,h] over the edges of e's row. score, alpha: E x heads.
GNN_KERNEL(edge_softmax, CsrView in, ConstMat score, Mat alpha);
/// dscore[e,h] += alpha[e,h] (dalpha[e,h] - sum over e's row of alpha dalpha).
GNN_KERNEL(edge_softmax_backward, CsrView in, ConstMat alpha, ConstMat dalpha, Mat dscore);
/// y = x times a dropout mask drawn per edge and head.
GNN_KERNEL(edge_dropout_forward, CsrView in, ConstMat x, Dropout dropout, Mat y);
/// dx += dy times the same mask.
GNN_KERNEL(edge_dropout_backward, CsrView in, ConstMat dy, Dropout dropout, Mat dx);
/// y[i,h,:] = sum over the edges e: j -> i of weight[e,h] x[j,h,:]. weight: E x heads; x, y: N x (heads C).
GNN_KERNEL(propagate, CsrView in, ConstMat weight, ConstMat x, Mat y);
/// dx[j,h,:] += sum over the edges e: j -> i of weight[e,h] dy[i,h,:].
GNN_KERNEL(propagate_input_gradient, CsrView out, ConstMat weight, ConstMat dy, Mat dx);
/// dweight[e,h] += <dy[i,h,:], x[j,h,:]>.
GNN_KERNEL(propagate_weight_gradient, CsrView in, ConstMat x, ConstMat dy, Mat dweight);
}  // namespace gnn::inline GNN_PRECISION
