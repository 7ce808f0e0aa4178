// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/training.hpp>

#include <algorithm>

#include <gnn/kernels/cuda/adam.cuh>
#include <gnn/kernels/cuda/reduce.cuh>

// Plan: a thread owns one number or, for classes of which a node has one, a group of lanes a labelled node; where guesses are
// counted a block owns one class. Sums go from blocks, whose number depends on sizes only, to one block that adds theirs up in
// their order.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__device__ std::size_t largest(const Real* row, std::size_t n) {
  std::size_t found = 0;
  Real most = row[0];
  for (std::size_t c = 1; c < n; ++c) {
    const Real x = row[c];
    if (x > most) found = c;
    most = x > most ? x : most;
  }
  return found;
}

// What a group of lanes finds in a row of n numbers; every lane gets it. All lanes of a warp call it together, for a shuffle
// among some of them is many times slower.
struct RowScore {
  std::size_t largest;  // the first, when several are equal
  double log_sum;       // of exp
  double own, sum;      // exp of the lane's last number less the largest, and the sum over all
};
__device__ RowScore score_row(const LaneGroup& group, const Real* row, std::size_t n) {
  std::size_t found = n;
  Real most = 0;
  const auto take = [&](std::size_t c, Real x) {
    if (c < n && (found == n || x > most || (x == most && c < found))) found = c, most = x;
  };
  for (std::size_t c = group.lane; c < n; c += group.lanes) take(c, row[c]);
  for (unsigned step = group.lanes / 2; step > 0; step /= 2) {
    const std::size_t other = __shfl_xor_sync(~0u, found, int(step));
    take(other, __shfl_xor_sync(~0u, most, int(step)));
  }
  double sum = 0, own = 0;
  for (std::size_t c = group.lane; c < n; c += group.lanes) sum += own = exp(double(row[c]) - double(most));
  for (unsigned step = group.lanes / 2; step > 0; step /= 2) sum += __shfl_xor_sync(~0u, sum, int(step));
  return {found, double(most) + log(sum), own, sum};
}

// The sum of n numbers, by one block.
template <class T>
__device__ T sum_by_block(const T* x, std::size_t n) {
  T sum = 0;
  for (std::size_t k = threadIdx.x; k < n; k += block_size) sum += x[k];
  return block_sum(sum);
}

// A lane a class where nodes are few and all wait for one; else a lane takes several, which leaves none idle.
unsigned lanes_for_classes(std::size_t nodes, std::size_t classes) {
  constexpr std::size_t many = 16384, classes_a_lane = 5;
  return lanes_for(nodes < many ? classes : ceil_divide(classes, classes_a_lane));
}

// partial[block] = loss, partial[blocks + block] = hits, of the block's nodes. The last block adds them up.
__global__ void cross_entropy_block(Follows before, ConstMat logits, LabelView labels, double* partial, unsigned* blocks_done,
                                    double* result, Real* mean, Mat dlogits, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t k = group.index() < labels.count ? group.index() : labels.count - 1;
  const bool there = group.index() < labels.count;
  double loss = 0, hit = 0;
  if (labels.count > 0) {
    const Real* from = row(logits, std::size_t(labels.nodes[k]));
    const std::size_t label = std::size_t(labels.classes[k]);
    const RowScore score = score_row(group, from, logits.cols);
    for (std::size_t c = group.lane; there && dlogits.data && c < logits.cols; c += lanes) {
      const double p = logits.cols <= lanes ? score.own / score.sum : exp(double(from[c]) - score.log_sum);
      row(dlogits, std::size_t(labels.nodes[k]))[c] = Real(1 / double(labels.count) * (p - (label == c)));
    }
    if (there && group.lane == 0) {
      loss = score.log_sum - double(from[label]);
      hit = score.largest == label;
    }
  }
  loss = block_sum(loss);
  hit = block_sum(hit);
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = loss;
    partial[gridDim.x + blockIdx.x] = hit;
  }
  if (!is_last_block(blocks_done)) return;
  loss = sum_by_block(partial, gridDim.x);
  hit = sum_by_block(partial + gridDim.x, gridDim.x);
  if (threadIdx.x != 0) return;
  result[0] = labels.count ? loss / double(labels.count) : 0;
  result[1] = hit;
  if (mean) *mean = Real(result[0]);
}

__global__ void cross_entropy_backward_nodes(Follows before, ConstMat logits, LabelView labels, const Real* dloss, Mat dlogits,
                                             unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t k = group.index();
  if (k >= labels.count) return;
  const std::size_t i = std::size_t(labels.nodes[k]), label = std::size_t(labels.classes[k]);
  const double total = score_row(group, row(logits, i), logits.cols).log_sum, share = double(*dloss) / double(labels.count);
  for (std::size_t c = group.lane; c < logits.cols; c += lanes) {
    const double p = exp(double(row(logits, i)[c]) - total);
    row(dlogits, i)[c] += Real(share * (p - (label == c)));
  }
}

__global__ void guess_nodes(Follows before, ConstMat logits, LabelView labels, std::int32_t* guess) {
  before.wait();
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

__global__ void class_counts_block(Follows before, const std::int32_t* guess, LabelView labels, std::int64_t* counts) {
  before.wait();
  const std::int32_t c = std::int32_t(blockIdx.x);
  std::int64_t right = 0, wrong = 0, missed = 0;
  for (std::size_t k = threadIdx.x; k < labels.count; k += block_size) {
    right += guess[k] == c && labels.classes[k] == c;
    wrong += guess[k] == c && labels.classes[k] != c;
    missed += guess[k] != c && labels.classes[k] == c;
  }
  store_counts(right, wrong, missed, counts);
}

__global__ void adam_elements(Follows before, std::size_t n, AdamConstants c, AdamFactors f, const Real* gradient, Real* value,
                              Real* m, Real* v) {
  before.wait();
  const std::size_t k = thread_index();
  if (k >= n) return;
  value[k] = adam_number(c, f.rate, f.root, gradient[k], value[k], m[k], v[k]);
}

__global__ void sum_of_squares_block(Follows before, std::size_t n, const Real* x, double* partial) {
  before.wait();
  double sum = 0;
  for (std::size_t k = thread_index(); k < n; k += std::size_t(gridDim.x) * block_size) sum += double(x[k]) * double(x[k]);
  sum = block_sum(sum);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

__global__ void sum_of_squares_total(Follows before, const double* partial, std::size_t blocks, double* result) {
  before.wait();
  const double total = sum_by_block(partial, blocks);
  if (threadIdx.x == 0) *result = total;
}

__global__ void count_not_finite_block(Follows before, std::size_t n, const Real* x, std::size_t* partial) {
  before.wait();
  std::size_t found = 0;
  for (std::size_t k = thread_index(); k < n; k += std::size_t(gridDim.x) * block_size) found += x[k] - x[k] != 0;
  found = block_sum(found);
  if (threadIdx.x == 0) partial[blockIdx.x] = found;
}

__global__ void count_not_finite_total(Follows before, const std::size_t* partial, std::size_t blocks, std::size_t* found) {
  before.wait();
  const std::size_t total = sum_by_block(partial, blocks);
  if (threadIdx.x == 0) *found = total;
}

}  // namespace

void cross_entropy(Context& ctx, ConstMat logits, LabelView labels, double* result, Mat loss, Mat dlogits) {
  const unsigned lanes = lanes_for_classes(labels.count, logits.cols);
  const std::size_t threads = std::max<std::size_t>(1, labels.count * lanes);
  const Buffer partial(ctx.pool(), 2 * ceil_divide(threads, block_size) * sizeof(double));
  launch(ctx, cross_entropy_block, threads, logits, labels, static_cast<double*>(partial.data()), ctx.cuda().counters, result,
         loss.data, dlogits, lanes);
}

void cross_entropy_backward(Context& ctx, ConstMat logits, LabelView labels, ConstMat dloss, Mat dlogits) {
  const unsigned lanes = lanes_for_classes(labels.count, logits.cols);
  launch(ctx, cross_entropy_backward_nodes, labels.count * lanes, logits, labels, dloss.data, dlogits, lanes);
}

void class_counts(Context& ctx, ConstMat logits, LabelView labels, std::int64_t* counts) {
  const Buffer buffer(ctx.pool(), labels.count * sizeof(std::int32_t));
  std::int32_t* guess = static_cast<std::int32_t*>(buffer.data());
  launch(ctx, guess_nodes, labels.count, logits, labels, guess);
  launch_blocks(ctx, class_counts_block, dim3(unsigned(logits.cols)), guess, labels, counts);
}

void adam(Context& ctx, AdamStep step, ConstMat gradient, Mat value, Mat m, Mat v) {
  launch(ctx, adam_elements, value.size(), value.size(), AdamConstants(step), AdamFactors(step), gradient.data, value.data, m.data,
         v.data);
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
