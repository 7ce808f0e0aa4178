// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/kernel.hpp>

// How several results for the same nodes become one: by weights of each node (gates), or side by side.
namespace gnn::inline GNN_PRECISION {

/// y[i,:] = softmax of x[i,:].
GNN_KERNEL(row_softmax, ConstMat x, Mat y);
/// dx[i,k] += y[i,k] (dy[i,k] - <y[i,:], dy[i,:]>), with y the output of row_softmax.
GNN_KERNEL(row_softmax_backward, ConstMat y, ConstMat dy, Mat dx);
/// y[i,:] += gate[i,k] x[i,:]. gate: N x K; x, y: N x F. It serves both ways: forward over the terms x, backward with dy.
GNN_KERNEL(add_gated, ConstMat gate, std::size_t k, ConstMat x, Mat y);
/// dgate[i,k] += <x[i,:], dy[i,:]>.
GNN_KERNEL(gate_gradient, ConstMat x, ConstMat dy, std::size_t k, Mat dgate);
/// y = x, where both may be some columns of a wider matrix.
GNN_KERNEL(copy_columns, ConstMat x, Mat y);
/// y += x, likewise.
GNN_KERNEL(add_columns, ConstMat x, Mat y);
}  // namespace gnn::inline GNN_PRECISION
