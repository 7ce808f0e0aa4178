// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/direct.hpp>

#include <gnn/kernels/cuda/graph.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/gather.hpp>
#include <gnn/kernels/product.hpp>

namespace gnn::inline GNN_PRECISION::direct {

void fill(Context& ctx, Mat y, Real value) { kernels::fill(ctx, y, value); }
void copy(Context& ctx, ConstMat x, Mat y) { kernels::copy(ctx, x, y); }
void gather(Context& ctx, const Array<NodeId>& index, std::size_t each, ConstMat x, Mat y) {
  kernels::gather_rows(ctx, index.data(), each, x, y);
}
void matmul(Context& ctx, ConstMat x, ConstMat w, Mat y) { kernels::matmul(ctx, x, w, y); }

std::function<void()> record(Context& ctx, const std::function<void()>& work) {
  if constexpr (has_cuda) {
    if (ctx.device().kind == Device::cuda) return [&ctx, graph = cuda::capture(ctx, work)] { graph->replay(ctx); };
  }
  fail_without_cuda();
}

}  // namespace gnn::inline GNN_PRECISION::direct
