// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/training.hpp>

#include <algorithm>
#include <cmath>

#include <gnn/kernels/cuda/reduce.cuh>

// Plan: a thread owns one labelled node or one number, and where guesses are counted a block owns one class. Sums go
// from blocks, whose number depends on sizes only, to one block that adds theirs up in their order.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__device__ std::size_t largest(const Real* row, std::size_t n) {
  std::size_t found = 0;
  for (std::size_t c = 1; c < n; ++c) found = row[c] > row[found] ? c : found;
  return found;
}

// log of the sum of exp(row), in double.
__device__ double log_sum_exp(const Real* row, std::size_t n) {
  const double most = double(row[largest(row, n)]);
  double sum = 0;
  for (std::size_t c = 0; c < n; ++c) sum += exp(double(row[c]) - most);
  return most + log(sum);
}

// partial[block] = loss, partial[blocks + block] = hits, of the block's nodes.
__global__ void cross_entropy_block(ConstMat logits, LabelView labels, double* partial) {
  const std::size_t k = thread_index();
  double loss = 0, hit = 0;
  if (k < labels.count) {
    const Real* from = row(logits, std::size_t(labels.nodes[k]));
    const std::size_t label = std::size_t(labels.classes[k]);
    loss = log_sum_exp(from, logits.cols) - double(from[label]);
    hit = largest(from, logits.cols) == label;
  }
  loss = block_sum(loss);
  hit = block_sum(hit);
  if (threadIdx.x != 0) return;
  partial[blockIdx.x] = loss;
  partial[gridDim.x + blockIdx.x] = hit;
}

// The sum of n numbers, by one block.
template <class T>
__device__ T sum_by_block(const T* x, std::size_t n) {
  T sum = 0;
  for (std::size_t k = threadIdx.x; k < n; k += block_size) sum += x[k];
  return block_sum(sum);
}

__global__ void cross_entropy_total(const double* partial, std::size_t blocks, std::size_t count, double* result) {
  const double loss = sum_by_block(partial, blocks), hits = sum_by_block(partial + blocks, blocks);
  if (threadIdx.x != 0) return;
  result[0] = count ? loss / double(count) : 0;
  result[1] = hits;
}

__global__ void cross_entropy_backward_nodes(ConstMat logits, LabelView labels, double share, Mat dlogits) {
  const std::size_t k = thread_index();
  if (k >= labels.count) return;
  const std::size_t i = std::size_t(labels.nodes[k]), label = std::size_t(labels.classes[k]);
  const double total = log_sum_exp(row(logits, i), logits.cols);
  for (std::size_t c = 0; c < logits.cols; ++c) {
    const double p = exp(double(row(logits, i)[c]) - total);
    row(dlogits, i)[c] += Real(share * (p - (label == c)));
  }
}

// partial[block] = loss of the block's numbers; a thread owns one node and class.
__global__ void sigmoid_cross_entropy_block(ConstMat logits, MultiLabelView labels, double* partial) {
  const std::size_t n = thread_index(), k = n / labels.classes;
  double loss = 0;
  if (k < labels.count) {
    const double z = double(row(logits, std::size_t(labels.nodes[k]))[n % labels.classes]);
    loss = (z > 0 ? z : 0.0) - z * labels.targets[n] + log1p(exp(-fabs(z)));
  }
  loss = block_sum(loss);
  if (threadIdx.x == 0) partial[blockIdx.x] = loss;
}

__global__ void sigmoid_cross_entropy_total(const double* partial, std::size_t blocks, std::size_t count, double* result) {
  const double loss = sum_by_block(partial, blocks);
  if (threadIdx.x == 0) result[0] = count ? loss / double(count) : 0;
}

__global__ void sigmoid_cross_entropy_backward_numbers(ConstMat logits, MultiLabelView labels, double share, Mat dlogits) {
  const std::size_t n = thread_index(), k = n / labels.classes, c = n % labels.classes;
  if (k >= labels.count) return;
  const std::size_t i = std::size_t(labels.nodes[k]);
  const double p = 1 / (1 + exp(-double(row(logits, i)[c])));
  row(dlogits, i)[c] += Real(share * (p - labels.targets[n]));
}

__global__ void guess_nodes(ConstMat logits, LabelView labels, std::int32_t* guess) {
  const std::size_t k = thread_index();
  if (k < labels.count) guess[k] = std::int32_t(largest(row(logits, std::size_t(labels.nodes[k])), logits.cols));
}

// A block sums what its threads found about class blockIdx.x: right, wrong, missed.
__device__ void store_counts(std::int64_t right, std::int64_t wrong, std::int64_t missed, std::int64_t* counts) {
  right = block_sum(right);
  wrong = block_sum(wrong);
  missed = block_sum(missed);
  if (threadIdx.x != 0) return;
  counts[3 * blockIdx.x] = right;
  counts[3 * blockIdx.x + 1] = wrong;
  counts[3 * blockIdx.x + 2] = missed;
}

__global__ void class_counts_block(const std::int32_t* guess, LabelView labels, std::int64_t* counts) {
  const std::int32_t c = std::int32_t(blockIdx.x);
  std::int64_t right = 0, wrong = 0, missed = 0;
  for (std::size_t k = threadIdx.x; k < labels.count; k += block_size) {
    right += guess[k] == c && labels.classes[k] == c;
    wrong += guess[k] == c && labels.classes[k] != c;
    missed += guess[k] != c && labels.classes[k] == c;
  }
  store_counts(right, wrong, missed, counts);
}

__global__ void multi_label_counts_block(ConstMat logits, MultiLabelView labels, std::int64_t* counts) {
  const std::size_t c = blockIdx.x;
  std::int64_t right = 0, wrong = 0, missed = 0;
  for (std::size_t k = threadIdx.x; k < labels.count; k += block_size) {
    const bool guessed = row(logits, std::size_t(labels.nodes[k]))[c] > 0, holds = labels.targets[k * labels.classes + c] != 0;
    right += guessed && holds;
    wrong += guessed && !holds;
    missed += !guessed && holds;
  }
  store_counts(right, wrong, missed, counts);
}

// What a step of Adam multiplies with, worked out once.
struct AdamFactors {
  Real beta1, rest1, beta2, rest2, l2, epsilon;
  Real rate;  // rate / (1 - beta1^t)
  Real root;  // 1 / sqrt(1 - beta2^t)
};

__global__ void adam_elements(std::size_t n, AdamFactors f, const Real* gradient, Real* value, Real* m, Real* v) {
  const std::size_t k = thread_index();
  if (k >= n) return;
  const Real g = gradient[k] + f.l2 * value[k];
  m[k] = f.beta1 * m[k] + f.rest1 * g;
  v[k] = f.beta2 * v[k] + f.rest2 * g * g;
  value[k] -= f.rate * m[k] / (sqrt(v[k]) * f.root + f.epsilon);
}

__global__ void sum_of_squares_block(std::size_t n, const Real* x, double* partial) {
  double sum = 0;
  for (std::size_t k = thread_index(); k < n; k += std::size_t(gridDim.x) * block_size) sum += double(x[k]) * double(x[k]);
  sum = block_sum(sum);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

__global__ void sum_of_squares_total(const double* partial, std::size_t blocks, double* result) {
  const double total = sum_by_block(partial, blocks);
  if (threadIdx.x == 0) *result = total;
}

__global__ void count_not_finite_block(std::size_t n, const Real* x, std::size_t* partial) {
  std::size_t found = 0;
  for (std::size_t k = thread_index(); k < n; k += std::size_t(gridDim.x) * block_size) found += x[k] - x[k] != 0;
  found = block_sum(found);
  if (threadIdx.x == 0) partial[blockIdx.x] = found;
}

__global__ void count_not_finite_total(const std::size_t* partial, std::size_t blocks, std::size_t* found) {
  const std::size_t total = sum_by_block(partial, blocks);
  if (threadIdx.x == 0) *found = total;
}

}  // namespace

void cross_entropy(Context& ctx, ConstMat logits, LabelView labels, double* result) {
  const std::size_t blocks = ceil_divide(labels.count, block_size);
  const Buffer buffer(ctx.pool(), 2 * blocks * sizeof(double));
  double* partial = static_cast<double*>(buffer.data());
  launch(ctx, cross_entropy_block, labels.count, logits, labels, partial);
  launch_blocks(ctx, cross_entropy_total, dim3(1), partial, blocks, labels.count, result);
}

void cross_entropy_backward(Context& ctx, ConstMat logits, LabelView labels, Real scale, Mat dlogits) {
  const double share = double(scale) / double(labels.count);
  launch(ctx, cross_entropy_backward_nodes, labels.count, logits, labels, share, dlogits);
}

void sigmoid_cross_entropy(Context& ctx, ConstMat logits, MultiLabelView labels, double* result) {
  const std::size_t numbers = labels.count * labels.classes, blocks = ceil_divide(numbers, block_size);
  const Buffer buffer(ctx.pool(), blocks * sizeof(double));
  double* partial = static_cast<double*>(buffer.data());
  launch(ctx, sigmoid_cross_entropy_block, numbers, logits, labels, partial);
  launch_blocks(ctx, sigmoid_cross_entropy_total, dim3(1), partial, blocks, numbers, result);
}

void sigmoid_cross_entropy_backward(Context& ctx, ConstMat logits, MultiLabelView labels, Real scale, Mat dlogits) {
  const double share = double(scale) / (double(labels.count) * double(labels.classes));
  launch(ctx, sigmoid_cross_entropy_backward_numbers, labels.count * labels.classes, logits, labels, share, dlogits);
}

void class_counts(Context& ctx, ConstMat logits, LabelView labels, std::int64_t* counts) {
  const Buffer buffer(ctx.pool(), labels.count * sizeof(std::int32_t));
  std::int32_t* guess = static_cast<std::int32_t*>(buffer.data());
  launch(ctx, guess_nodes, labels.count, logits, labels, guess);
  launch_blocks(ctx, class_counts_block, dim3(unsigned(logits.cols)), guess, labels, counts);
}

void multi_label_counts(Context& ctx, ConstMat logits, MultiLabelView labels, std::int64_t* counts) {
  launch_blocks(ctx, multi_label_counts_block, dim3(unsigned(labels.classes)), logits, labels, counts);
}

void adam(Context& ctx, AdamStep step, ConstMat gradient, Mat value, Mat m, Mat v) {
  AdamFactors f;
  f.beta1 = Real(step.beta1);
  f.rest1 = Real(1 - step.beta1);
  f.beta2 = Real(step.beta2);
  f.rest2 = Real(1 - step.beta2);
  f.l2 = Real(step.l2);
  f.epsilon = Real(step.epsilon);
  f.rate = Real(step.rate / (1 - std::pow(step.beta1, double(step.step))));
  f.root = Real(1 / std::sqrt(1 - std::pow(step.beta2, double(step.step))));
  launch(ctx, adam_elements, value.size(), value.size(), f, gradient.data, value.data, m.data, v.data);
}

void sum_of_squares(Context& ctx, ConstMat x, double* result) {
  const std::size_t blocks = std::min<std::size_t>(1024, ceil_divide(x.size(), block_size));
  const Buffer buffer(ctx.pool(), blocks * sizeof(double));
  double* partial = static_cast<double*>(buffer.data());
  launch_blocks(ctx, sum_of_squares_block, dim3(unsigned(blocks)), x.size(), x.data, partial);
  launch_blocks(ctx, sum_of_squares_total, dim3(1), partial, blocks, result);
}

void count_not_finite(Context& ctx, ConstMat x, std::size_t* found) {
  const std::size_t blocks = std::min<std::size_t>(1024, ceil_divide(x.size(), block_size));
  const Buffer buffer(ctx.pool(), blocks * sizeof(std::size_t));
  std::size_t* partial = static_cast<std::size_t*>(buffer.data());
  launch_blocks(ctx, count_not_finite_block, dim3(unsigned(blocks)), x.size(), x.data, partial);
  launch_blocks(ctx, count_not_finite_total, dim3(1), partial, blocks, found);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
