// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/symmetric_weights.hpp>

#include <gnn/kernels/cuda/launch.cuh>

// Plan: a thread owns a row.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__global__ void degree_scale_rows(Follows before, CsrView in, Mat scale) {
  before.wait();
  const std::size_t i = thread_index();
  if (i >= scale.rows) return;
  const EdgeRange range = edges_of(in, i);
  Real degree = in.weights ? Real(0) : Real(range.last - range.first);
  for (std::size_t e = range.first; in.weights && e < range.last; ++e) degree += in.weights[e];
  row(scale, i)[0] = degree > 0 ? 1 / sqrt(degree) : Real(0);
}

__global__ void symmetric_weights_rows(Follows before, CsrView in, ConstMat scale, Mat weight) {
  before.wait();
  const std::size_t i = thread_index();
  if (i >= scale.rows) return;
  const EdgeRange range = edges_of(in, i);
  for (std::size_t e = range.first; e < range.last; ++e) {
    const Real own = in.weights ? in.weights[e] : Real(1);
    row(weight, e)[0] = own * row(scale, i)[0] * row(scale, std::size_t(in.columns[e]))[0];
  }
}

}  // namespace

void symmetric_weights(Context& ctx, CsrView in, Mat weight) {
  const Tensor scale = ctx.tensor(std::size_t(in.num_rows), 1);
  launch(ctx, degree_scale_rows, scale.rows(), in, scale);
  launch(ctx, symmetric_weights_rows, scale.rows(), in, scale, weight);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
