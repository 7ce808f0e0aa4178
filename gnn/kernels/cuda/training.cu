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
constexpr unsigned held = 2;  // numbers that a lane keeps
struct RowScore {
  unsigned largest;         // the first, when several are equal
  double most, sum;         // sum: of exp of the numbers less the largest
  double of[held];          // exp of the lane's first numbers less the largest
  __device__ double log_sum() const { return most + log(sum); }
};
__device__ RowScore score_row(const LaneGroup& group, const Real* row, std::size_t columns) {
  const unsigned n = unsigned(columns);
  Real x[held];
#pragma unroll
  for (unsigned k = 0; k < held; ++k) x[k] = group.lane + k * group.lanes < n ? row[group.lane + k * group.lanes] : -INFINITY;
  unsigned found = n;
  Real most = 0;
  const auto take = [&](unsigned c, Real y) {
    if (c < n && (found == n || y > most || (y == most && c < found))) found = c, most = y;
  };
#pragma unroll
  for (unsigned k = 0; k < held; ++k) take(group.lane + k * group.lanes, x[k]);
  for (unsigned c = group.lane + held * group.lanes; c < n; c += group.lanes) take(c, row[c]);
  for (unsigned step = group.lanes / 2; step > 0; step /= 2) {
    const unsigned other = __shfl_xor_sync(~0u, found, int(step));
    take(other, __shfl_xor_sync(~0u, most, int(step)));
  }
  RowScore score{found, double(most), 0, {}};
#pragma unroll
  for (unsigned k = 0; k < held; ++k) {
    if (group.lane + k * group.lanes < n) score.sum += score.of[k] = exp(double(x[k]) - score.most);
  }
  for (unsigned c = group.lane + held * group.lanes; c < n; c += group.lanes) score.sum += exp(double(row[c]) - score.most);
  for (unsigned step = group.lanes / 2; step > 0; step /= 2) score.sum += __shfl_xor_sync(~0u, score.sum, int(step));
  return score;
}

// use(c, p): the probability of each of the lane's classes.
template <class Use>
__device__ void for_probabilities(const LaneGroup& group, const Real* row, std::size_t columns, const RowScore& score, const Use& use) {
  const unsigned n = unsigned(columns);
  const double inverse = 1 / score.sum;
#pragma unroll
  for (unsigned k = 0; k < held; ++k) {
    if (group.lane + k * group.lanes < n) use(group.lane + k * group.lanes, score.of[k] * inverse);
  }
  for (unsigned c = group.lane + held * group.lanes; c < n; c += group.lanes) use(c, exp(double(row[c]) - score.most) * inverse);
}

struct LossSums {
  double loss, hits;
};

// The sums over a block of any size, for its first thread. All threads call it.
__device__ LossSums sum_losses(LossSums x) {
  __shared__ LossSums sums[32];
  const unsigned warps = blockDim.x / 32, lane = threadIdx.x % 32;
  const auto over_warp = [&] {
#pragma unroll
    for (unsigned step = 16; step > 0; step /= 2) {
      x.loss += __shfl_xor_sync(~0u, x.loss, int(step));
      x.hits += __shfl_xor_sync(~0u, x.hits, int(step));
    }
  };
  over_warp();
  if (lane == 0) sums[threadIdx.x / 32] = x;
  __syncthreads();
  if (threadIdx.x < 32) {
    x = lane < warps ? sums[lane] : LossSums{0, 0};
    over_warp();
  }
  return x;
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

// partial[block]: the sums over the block's nodes. The last block adds them up; of one block there is nothing to add up.
__global__ void __launch_bounds__(1024) cross_entropy_block(Follows before, ConstMat logits, LabelView labels, LossSums* partial, unsigned* blocks_done,
                                    double* result, Real* mean, Mat dlogits, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t at = (std::size_t(blockIdx.x) * blockDim.x + threadIdx.x) >> (__ffs(int(lanes)) - 1);
  const bool there = at < labels.count;
  LossSums sums{0, 0};
  if (labels.count > 0) {
    const std::size_t k = there ? at : labels.count - 1;
    const Real* from = row(logits, std::size_t(labels.nodes[k]));
    const unsigned label = unsigned(labels.classes[k]);
    const RowScore score = score_row(group, from, logits.cols);
    if (there && dlogits.data) {
      Real* to = row(dlogits, std::size_t(labels.nodes[k]));
      const double share = 1 / double(labels.count);
      for_probabilities(group, from, logits.cols, score, [&](unsigned c, double p) { to[c] = Real(share * (p - (label == c))); });
    }
    if (there && group.lane == 0) sums = {score.log_sum() - double(from[label]), double(score.largest == label)};
  }
  sums = sum_losses(sums);
  if (gridDim.x > 1) {
    if (threadIdx.x == 0) partial[blockIdx.x] = sums;
    if (!is_last_block(blocks_done)) return;
    sums = {0, 0};
    for (std::size_t b = threadIdx.x; b < gridDim.x; b += blockDim.x) {
      sums.loss += partial[b].loss;
      sums.hits += partial[b].hits;
    }
    sums = sum_losses(sums);
  }
  if (threadIdx.x != 0) return;
  result[0] = labels.count ? sums.loss / double(labels.count) : 0;
  result[1] = sums.hits;
  if (mean) *mean = Real(result[0]);
}

__global__ void cross_entropy_backward_nodes(Follows before, ConstMat logits, LabelView labels, const Real* dloss, Mat dlogits,
                                             unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t k = group.index();
  if (k >= labels.count) return;
  const std::size_t i = std::size_t(labels.nodes[k]), label = std::size_t(labels.classes[k]);
  const double share = double(*dloss) / double(labels.count);
  const RowScore score = score_row(group, row(logits, i), logits.cols);
  for_probabilities(group, row(logits, i), logits.cols, score,
                    [&](unsigned c, double p) { row(dlogits, i)[c] += Real(share * (p - (label == c))); });
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
  // One block where it is large enough: blocks that meet wait for memory twice.
  constexpr std::size_t largest_block = 1024;
  unsigned lanes = lanes_for_classes(labels.count, logits.cols);
  if (lanes > 2 && labels.count * lanes > largest_block && labels.count * lanes / 2 <= largest_block) lanes /= 2;
  const std::size_t threads = std::max<std::size_t>(32, ceil_divide(labels.count * lanes, 32) * 32);
  const std::size_t of_block = threads <= largest_block ? threads : block_size, blocks = ceil_divide(threads, of_block);
  const Buffer partial(ctx.pool(), blocks * sizeof(LossSums));
  launch_grid(ctx, cross_entropy_block, Grid{dim3(unsigned(blocks)), unsigned(of_block)}, logits, labels,
              static_cast<LossSums*>(partial.data()), ctx.cuda().counters, result, loss.data, dlogits, lanes);
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
