// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/philox.hpp>
#include <gnn/kernels/kernel.hpp>
#include <graphs/types.hpp>

// All arguments here are whole matrices: their stride is their number of columns.
namespace gnn::inline GNN_PRECISION {

/// y = value.
GNN_KERNEL(fill, Mat y, Real value);
/// y = x.
GNN_KERNEL(copy, ConstMat x, Mat y);
/// y += factor x.
GNN_KERNEL(add_scaled, Real factor, ConstMat x, Mat y);
/// y = a + b.
GNN_KERNEL(add, ConstMat a, ConstMat b, Mat y);

/// y = x + row, for every row of x. row: 1 x cols.
GNN_KERNEL(add_row, ConstMat x, ConstMat row, Mat y);
/// row += the sum of x's rows. row: 1 x cols.
GNN_KERNEL(add_column_sums, ConstMat x, Mat row);
/// y = x > 0 ? x : exp(x) - 1.
GNN_KERNEL(elu, ConstMat x, Mat y);
/// dx += dy (y > 0 ? 1 : y + 1), with y the output of elu.
GNN_KERNEL(elu_backward, ConstMat y, ConstMat dy, Mat dx);
/// y = x > 0 ? x : slope x.
GNN_KERNEL(leaky_relu, ConstMat x, Real slope, Mat y);
/// dx += dy (x > 0 ? 1 : slope).
GNN_KERNEL(leaky_relu_backward, ConstMat x, Real slope, ConstMat dy, Mat dx);
/// Which of several masks over one matrix, and which node of the whole graph each row is (null: its own number).
struct MaskPlace {
  std::size_t mask = 0, masks = 1;
  const NodeId* ids = nullptr;
};

/// y = x times a dropout mask; the element of row i and column c is (id_i cols + c) masks + mask.
GNN_KERNEL(dropout_forward, ConstMat x, Dropout dropout, MaskPlace place, Mat y);
/// dx += dy times the same mask.
GNN_KERNEL(dropout_backward, ConstMat dy, Dropout dropout, MaskPlace place, Mat dx);
/// y = x with zeros behind each of `heads` equal groups of columns. x: N x (heads C), y: N x (heads D) with D >= C.
GNN_KERNEL(pad_heads, ConstMat x, std::size_t heads, Mat y);
/// dx += dy but for those.
GNN_KERNEL(pad_heads_backward, ConstMat dy, std::size_t heads, Mat dx);
/// y = mean over heads. x: N x (heads C), y: N x C.
GNN_KERNEL(mean_heads, ConstMat x, std::size_t heads, Mat y);
/// dx += dy / heads, for each head.
GNN_KERNEL(mean_heads_backward, ConstMat dy, std::size_t heads, Mat dx);
}  // namespace gnn::inline GNN_PRECISION
