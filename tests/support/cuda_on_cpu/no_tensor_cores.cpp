// SPDX-License-Identifier: Apache-2.0
// In the place of split_product.cu, whose kernels are written in PTX.
#include <gnn/kernels/cuda/blas.hpp>
#include <gnn/kernels/cuda/split_product.hpp>
namespace gnn::inline GNN_PRECISION::cuda {
bool split_product(Context&, ConstMat, bool, ConstMat, bool, bool, Mat) {
  return false;
}
void dense_product(Context& ctx, ConstMat a, bool at, ConstMat b, bool bt, bool add, Mat c) {
  blas_product(ctx, a, at, b, bt, add, c);
}
}  // namespace gnn::inline GNN_PRECISION::cuda
