// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/philox.hpp>
#include <gnn/core/sparse_matrix.hpp>
#include <gnn/kernels/kernel.hpp>

namespace gnn::inline GNN_PRECISION {

/// y = x w. x: N x F, w: F x M, y: N x M.
GNN_KERNEL(matmul, ConstMat x, ConstMat w, Mat y);
/// dx += dy w^T.
GNN_KERNEL(matmul_input_gradient, ConstMat dy, ConstMat w, Mat dx);
/// dw += x^T dy.
GNN_KERNEL(matmul_weight_gradient, ConstMat x, ConstMat dy, Mat dw);
/// y = (mask o x) w for sparse x, N x F. The columns of w (F x M) and y fall into `masks` equal groups; group g sees x
/// through a dropout mask of its own, with elements (id_row F + column) masks + g. A mask is drawn per non-zero only.
/// ids: which node of the whole graph each row of x is; null: its own number.
/// kept: gets 1 where a non-zero passes a mask and 0 where not, non-zeros x masks; null: not wanted. On a CPU only.
GNN_KERNEL(sparse_matmul, SparseView x, ConstMat w, Dropout dropout, std::size_t masks, const NodeId* ids, std::uint8_t* kept,
           Mat y);
/// dw += (mask o x)^T dy, given x transposed: rows are the F features. kept: from sparse_matmul; null: drawn once more.
GNN_KERNEL(sparse_matmul_weight_gradient, SparseView x_transposed, ConstMat dy, Dropout dropout, std::size_t masks,
           const NodeId* ids, const std::uint8_t* kept, Mat dw);

/// The last one to come, with what it reads.
struct SparseWeightGradient {
  SparseMatrix x;
  Tensor dy;
  Dropout dropout;
  std::size_t masks;
  Array<NodeId> ids;
  const std::uint8_t* kept;
  Tensor dw;
};
inline void add_weight_gradient(Context& ctx, const SparseWeightGradient& g) {
  kernels::sparse_matmul_weight_gradient(ctx, g.x.transposed(), g.dy, g.dropout, g.masks, g.ids.data(), g.kept, g.dw);
}

}  // namespace gnn::inline GNN_PRECISION
