// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/kernel.hpp>

// Scores of pairs of nodes, and the loss that tells edges from pairs that are none. Matrices here are whole.
namespace gnn::inline GNN_PRECISION {

/// y = factor x. factor: 1 x 1.
GNN_KERNEL(multiply, ConstMat x, ConstMat factor, Mat y);
/// dx += factor dy; dfactor += <x, dy>. An empty dx or dfactor is left out.
GNN_KERNEL(multiply_backward, ConstMat x, ConstMat factor, ConstMat dy, Mat dx, Mat dfactor);
/// y[i] = the largest of x[i,:]. y: N x 1.
GNN_KERNEL(row_maximum, ConstMat x, Mat y);
/// dx[i,k] += dy[i], for the first k with the largest x[i,k].
GNN_KERNEL(row_maximum_backward, ConstMat x, ConstMat dy, Mat dx);
/// loss = -factor sum_e weight[e] log sigmoid(sign score[e]), summed in double. score, weight: E x 1; weight may be empty
/// for ones; loss: 1 x 1.
GNN_KERNEL(log_sigmoid_loss, ConstMat score, ConstMat weight, Real sign, Real factor, Mat loss);
/// dscore[e] -= dloss factor weight[e] sign sigmoid(-sign score[e]).
GNN_KERNEL(log_sigmoid_loss_backward, ConstMat score, ConstMat weight, Real sign, Real factor, ConstMat dloss, Mat dscore);
}  // namespace gnn::inline GNN_PRECISION
