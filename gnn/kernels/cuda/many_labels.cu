// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/training.hpp>

#include <algorithm>

#include <gnn/kernels/cuda/reduce.cuh>

// The loss of nodes with any number of labels, what is counted of it, and its gradient, in one pass. Plan: a thread has one class, and
// takes turns with the nodes. Losses go from blocks, whose number depends on sizes only, to one block that adds them up in their
// order; counts are whole numbers, for which no order matters.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct ManyLabels {
  ConstMat logits;
  MultiLabelView labels;
  unsigned lanes;  // classes that a block has side by side
  double* partial;
  unsigned* blocks_done;
  double* result;
  unsigned long long* counts;
  Real* loss;
  Mat dlogits;
};

// Adds up what the block's threads of class c found; `there`: it is a class.
__device__ void add_counts(const ManyLabels& a, std::size_t c, bool there, const unsigned (&found)[3]) {
  __shared__ unsigned shared[3][block_size];
#pragma unroll
  for (unsigned n = 0; n < 3; ++n) shared[n][threadIdx.x] = found[n];
  __syncthreads();
  if (threadIdx.x >= a.lanes || !there) return;
  for (unsigned n = 0; n < 3; ++n) {
    unsigned sum = 0;
    for (unsigned t = threadIdx.x; t < block_size; t += a.lanes) sum += shared[n][t];
    if (sum > 0) atomicAdd(&a.counts[3 * c + n], static_cast<unsigned long long>(sum));
  }
}

__global__ void __launch_bounds__(block_size) many_labels_block(Follows before, ManyLabels a) {
  before.wait();
  const std::size_t classes = a.labels.classes, c = std::size_t(blockIdx.y) * a.lanes + threadIdx.x % a.lanes;
  const std::size_t rows = block_size / a.lanes, share_of = a.labels.count * classes;
  const bool there = c < classes;
  const double share = share_of ? 1 / double(share_of) : 0;
  double loss = 0;
  unsigned found[3] = {};  // right, wrong, missed
  for (std::size_t k = blockIdx.x * rows + threadIdx.x / a.lanes; there && k < a.labels.count; k += gridDim.x * rows) {
    const std::size_t i = std::size_t(a.labels.nodes[k]);
    const double z = double(row(a.logits, i)[c]);
    const unsigned target = a.labels.targets[k * classes + c], guess = z > 0;
    found[0] += guess & unsigned(target != 0);
    found[1] += guess & unsigned(target == 0);
    found[2] += (1 - guess) & unsigned(target != 0);
    if (!a.partial) continue;
    const double e = exp(-fabs(z));
    loss += (z > 0 ? z : 0.0) - z * target + log1p(e);
    if (a.dlogits.data) row(a.dlogits, i)[c] = Real(share * ((z > 0 ? 1.0 : e) / (1 + e) - target));
  }
  if (a.counts) add_counts(a, c, there, found);
  if (!a.partial) return;
  loss = block_sum(loss);
  const std::size_t blocks = std::size_t(gridDim.x) * gridDim.y;
  if (threadIdx.x == 0) a.partial[std::size_t(blockIdx.y) * gridDim.x + blockIdx.x] = loss;
  if (!is_last_block(a.blocks_done)) return;
  loss = 0;
  for (std::size_t k = threadIdx.x; k < blocks; k += block_size) loss += a.partial[k];
  loss = block_sum(loss) * share;
  if (threadIdx.x != 0) return;
  a.result[0] = loss;
  if (a.loss) *a.loss = Real(loss);
}

__global__ void no_counts(Follows before, std::size_t n, std::int64_t* counts) {
  before.wait();
  if (thread_index() < n) counts[thread_index()] = 0;
}

__global__ void sigmoid_cross_entropy_backward_numbers(Follows before, ConstMat logits, MultiLabelView labels,
                                                       const Real* dloss, Mat dlogits) {
  before.wait();
  const std::size_t n = thread_index(), k = n / labels.classes, c = n % labels.classes;
  if (k >= labels.count) return;
  const std::size_t i = std::size_t(labels.nodes[k]);
  const double p = 1 / (1 + exp(-double(row(logits, i)[c])));
  const double share = double(*dloss) / (double(labels.count) * double(labels.classes));
  row(dlogits, i)[c] += Real(share * (p - labels.targets[n]));
}

// With result, the loss, too.
void many_labels(Context& ctx, ConstMat logits, MultiLabelView labels, double* result, std::int64_t* counts, Mat loss, Mat dlogits) {
  constexpr std::size_t most_blocks = 528;
  unsigned lanes = 32;
  while (lanes < block_size && lanes < labels.classes) lanes *= 2;
  const std::size_t blocks = std::clamp<std::size_t>(ceil_divide(labels.count, block_size / lanes), 1, most_blocks),
                    slices = std::max<std::size_t>(1, ceil_divide(labels.classes, lanes));
  const Buffer partial(ctx.pool(), blocks * slices * sizeof(double));
  if (counts) launch(ctx, no_counts, 3 * labels.classes, 3 * labels.classes, counts);
  launch_blocks(ctx, many_labels_block, dim3(unsigned(blocks), unsigned(slices)),
                ManyLabels{logits, labels, lanes, result ? static_cast<double*>(partial.data()) : nullptr, ctx.cuda().counters, result,
                           reinterpret_cast<unsigned long long*>(counts), loss.data, dlogits});
}

}  // namespace

void sigmoid_cross_entropy(Context& ctx, ConstMat logits, MultiLabelView labels, double* result, std::int64_t* counts, Mat loss,
                           Mat dlogits) {
  many_labels(ctx, logits, labels, result, counts, loss, dlogits);
}

void sigmoid_cross_entropy_backward(Context& ctx, ConstMat logits, MultiLabelView labels, ConstMat dloss, Mat dlogits) {
  launch(ctx, sigmoid_cross_entropy_backward_numbers, labels.count * labels.classes, logits, labels, dloss.data, dlogits);
}

void multi_label_counts(Context& ctx, ConstMat logits, MultiLabelView labels, std::int64_t* counts) {
  many_labels(ctx, logits, labels, nullptr, counts, Mat{}, Mat{});
}

}  // namespace gnn::inline GNN_PRECISION::cuda
