// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/product.hpp>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/project.hpp>
#include <gnn/kernels/cuda/launch.cuh>
#include <gnn/kernels/cuda/split_product.hpp>
#include <gnn/kernels/elementwise.hpp>

// Dense products are split_product.cu's or cuBLAS's. Sparse ones with more masks than project.cu takes walk the rows of the sparse side; a thread owns
// one number of the result.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

// y[row] (+)= sum over its non-zeros of value times mask times w[column]. transposed: the rows are the columns of x,
// which matters for the masks only.
__global__ void sparse_elements(Follows before, SparseView rows, ConstMat w, Dropout dropout, std::size_t masks,
                                const NodeId* ids, bool transposed, bool add, Mat y) {
  before.wait();
  const std::size_t n = thread_index();
  if (n >= y.rows * y.cols) return;
  const std::size_t i = n / y.cols, c = n % y.cols, group = c / (y.cols / masks);
  const std::size_t width = std::size_t(transposed ? rows.pattern.num_rows : rows.pattern.num_columns);
  const EdgeRange range = edges_of(rows.pattern, i);
  Real sum = 0;
  for (std::size_t e = range.first; e < range.last; ++e) {
    const std::size_t column = std::size_t(rows.pattern.columns[e]);
    const std::size_t node = transposed ? column : i, feature = transposed ? i : column;
    const std::uint64_t place = std::uint64_t(ids ? std::size_t(ids[node]) : node) * width + feature;
    sum += feature_multiplier(dropout, place * masks + group) * rows.values[e] * row(w, column)[c];
  }
  row(y, i)[c] = add ? row(y, i)[c] + sum : sum;
}

}  // namespace

void matmul(Context& ctx, ConstMat x, ConstMat w, Mat y) {
  if (x.cols == 0) return fill(ctx, y, Real(0));
  dense_product(ctx, x, false, w, false, false, y);
}

void matmul_input_gradient(Context& ctx, ConstMat dy, ConstMat w, Mat dx) {
  if (dy.cols > 0) dense_product(ctx, dy, false, w, true, true, dx);
}

void matmul_weight_gradient(Context& ctx, ConstMat x, ConstMat dy, Mat dw) {
  if (x.rows > 0) dense_product(ctx, x, true, dy, false, true, dw);
}

void sparse_matmul(Context& ctx, SparseView x, ConstMat w, Dropout dropout, std::size_t masks, const NodeId* ids,
                   std::uint8_t*, Mat y) {
  if (masks <= most_masks) return project_sparse(ctx, x, w, dropout, masks, ids, false, y, ProjectedScores{});
  launch(ctx, sparse_elements, y.size(), x, w, dropout, masks, ids, false, false, y);
}

void sparse_matmul_weight_gradient(Context& ctx, SparseView x_transposed, ConstMat dy, Dropout dropout, std::size_t masks,
                                   const NodeId* ids, const std::uint8_t*, Mat dw) {
  if (masks <= most_masks) return project_sparse(ctx, x_transposed, dy, dropout, masks, ids, true, dw, ProjectedScores{});
  launch(ctx, sparse_elements, dw.size(), x_transposed, dy, dropout, masks, ids, true, true, dw);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
