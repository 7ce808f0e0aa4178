// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/head_scores.hpp>

#include <gnn/kernels/cuda/reduce.cuh>

// Plan: a group of lanes owns the score of one row and head; the gradient of z has a thread an element, that of `a` is
// a sum over rows in a fixed order.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__global__ void head_scores_rows(Follows before, ConstMat z, ConstMat a, ConstMat bias, Mat score, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  if (group.index() >= z.rows * a.rows) return;
  const std::size_t i = group.index() / a.rows, h = group.index() % a.rows;
  const Real sum = dot_product(group, row(z, i) + h * a.cols, row(a, h), a.cols);
  if (group.lane == 0) row(score, i)[h] = sum + (bias.data ? bias.data[h] : 0);
}

// dz[i,h,c] += dscore[i,h] a[h,c], a thread each.
__global__ void head_scores_backward_elements(Follows before, ConstMat a, ConstMat dscore, Mat dz) {
  before.wait();
  const std::size_t k = thread_index();
  if (k >= dz.rows * dz.cols) return;
  const std::size_t i = k / dz.cols, h = k % dz.cols / a.cols, c = k % a.cols;
  row(dz, i)[k % dz.cols] += row(dscore, i)[h] * row(a, h)[c];
}

}  // namespace

void head_scores(Context& ctx, ConstMat z, ConstMat a, ConstMat bias, Mat score) {
  const unsigned lanes = lanes_for(a.cols);
  launch(ctx, head_scores_rows, z.rows * a.rows * lanes, z, a, bias, score, lanes);
}

void head_scores_backward(Context& ctx, ConstMat z, ConstMat a, ConstMat dscore, Mat dz, Mat da) {
  if (dz.data) launch(ctx, head_scores_backward_elements, dz.size(), a, dscore, dz);
  if (da.data) add_weighted_column_sums(ctx, z, dscore, da);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
