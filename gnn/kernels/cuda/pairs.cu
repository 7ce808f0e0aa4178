// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/pairs.hpp>

#include <algorithm>

#include <gnn/kernels/cuda/reduce.cuh>

// Plan: a thread owns one number or row. A sum goes from blocks, whose number depends on sizes only, to one block that
// adds theirs up in their order.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr std::size_t most_blocks = 1024;

__device__ std::size_t largest(const Real* row, std::size_t n) {
  std::size_t found = 0;
  for (std::size_t c = 1; c < n; ++c) found = row[c] > row[found] ? c : found;
  return found;
}

__device__ double weight_of(const ConstMat& weight, std::size_t e) { return weight.data ? double(weight.data[e]) : 1; }

__global__ void multiply_elements(Follows before, ConstMat x, const Real* factor, bool add, Real* y) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < x.rows * x.cols) y[k] = (add ? y[k] : Real(0)) + factor[0] * x.data[k];
}

// partial[block] = the block's share of <x, y>.
__global__ void inner_product_block(Follows before, ConstMat x, const Real* y, double* partial) {
  before.wait();
  double sum = 0;
  for (std::size_t k = thread_index(); k < x.rows * x.cols; k += std::size_t(gridDim.x) * block_size) {
    sum += double(x.data[k]) * double(y[k]);
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

__global__ void log_sigmoid_block(Follows before, ConstMat score, ConstMat weight, Real sign, double* partial) {
  before.wait();
  double sum = 0;
  for (std::size_t e = thread_index(); e < score.rows; e += std::size_t(gridDim.x) * block_size) {
    const double z = -double(sign) * double(score.data[e]);
    sum += weight_of(weight, e) * ((z > 0 ? z : 0) + log1p(exp(-fabs(z))));
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

// result = (add ? result : 0) + factor times the sum of the blocks' shares.
__global__ void total_block(Follows before, const double* partial, std::size_t blocks, double factor, bool add, Real* result) {
  before.wait();
  double sum = 0;
  for (std::size_t k = threadIdx.x; k < blocks; k += block_size) sum += partial[k];
  sum = block_sum(sum);
  if (threadIdx.x == 0) result[0] = (add ? result[0] : Real(0)) + Real(factor * sum);
}

__global__ void row_maximum_rows(Follows before, ConstMat x, Real* y) {
  before.wait();
  const std::size_t i = thread_index();
  if (i < x.rows) y[i] = row(x, i)[largest(row(x, i), x.cols)];
}

__global__ void row_maximum_backward_rows(Follows before, ConstMat x, const Real* dy, Mat dx) {
  before.wait();
  const std::size_t i = thread_index();
  if (i < x.rows) row(dx, i)[largest(row(x, i), x.cols)] += dy[i];
}

__global__ void log_sigmoid_backward_elements(Follows before, ConstMat score, ConstMat weight, Real sign, Real factor,
                                              const Real* dloss, Real* dscore) {
  before.wait();
  const std::size_t e = thread_index();
  if (e >= score.rows) return;
  const double scale = -double(dloss[0]) * double(factor) * double(sign);
  dscore[e] += Real(scale * weight_of(weight, e) / (1 + exp(double(sign) * double(score.data[e]))));
}

unsigned blocks_for(std::size_t n) { return unsigned(std::min(most_blocks, ceil_divide(n, block_size))); }

Buffer partials(Context& ctx, unsigned blocks) {
  return Buffer(ctx.pool(), std::max<std::size_t>(1, blocks) * sizeof(double));
}

}  // namespace

void multiply(Context& ctx, ConstMat x, ConstMat factor, Mat y) {
  launch(ctx, multiply_elements, x.size(), x, factor.data, false, y.data);
}

void multiply_backward(Context& ctx, ConstMat x, ConstMat factor, ConstMat dy, Mat dx, Mat dfactor) {
  if (dx.data) launch(ctx, multiply_elements, x.size(), dy, factor.data, true, dx.data);
  if (!dfactor.data) return;
  const unsigned blocks = blocks_for(x.size());
  const Buffer partial = partials(ctx, blocks);
  double* const sums = static_cast<double*>(partial.data());
  launch_blocks(ctx, inner_product_block, dim3(blocks), x, dy.data, sums);
  launch_blocks(ctx, total_block, dim3(1), sums, std::size_t(blocks), 1.0, true, dfactor.data);
}

void row_maximum(Context& ctx, ConstMat x, Mat y) { launch(ctx, row_maximum_rows, x.rows, x, y.data); }

void row_maximum_backward(Context& ctx, ConstMat x, ConstMat dy, Mat dx) {
  launch(ctx, row_maximum_backward_rows, x.rows, x, dy.data, dx);
}

void log_sigmoid_loss(Context& ctx, ConstMat score, ConstMat weight, Real sign, Real factor, Mat loss) {
  const unsigned blocks = blocks_for(score.rows);
  const Buffer partial = partials(ctx, blocks);
  double* const sums = static_cast<double*>(partial.data());
  launch_blocks(ctx, log_sigmoid_block, dim3(blocks), score, weight, sign, sums);
  launch_blocks(ctx, total_block, dim3(1), sums, std::size_t(blocks), double(factor), false, loss.data);
}

void log_sigmoid_loss_backward(Context& ctx, ConstMat score, ConstMat weight, Real sign, Real factor, ConstMat dloss,
                               Mat dscore) {
  launch(ctx, log_sigmoid_backward_elements, score.rows, score, weight, sign, factor, dloss.data, dscore.data);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
