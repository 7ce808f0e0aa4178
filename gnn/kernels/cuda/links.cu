// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/links.hpp>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/reduce.cuh>

// Plan: a thread draws a pair; a group of lanes owns a row of pairs and shares the columns of its features.
// Pairs are sorted by counting: integers may be added in any order, and what remains open, the order within a
// row, is sorted out by the row's owner. Rows of pairs without an edge are short, because every node is drawn
// as often as any other.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__device__ bool has_edge(const CsrView& rows, NodeId i, NodeId j) {
  for (std::size_t e = std::size_t(rows.offsets[i]); e < std::size_t(rows.offsets[i + 1]); ++e) {
    if (rows.columns[e] == j) return true;
  }
  return false;
}

// A number in [0, n) for a word, each as likely as any other to 2^-32 n.
__device__ std::size_t scaled(std::uint32_t word, std::size_t n) {
  return std::size_t((std::uint64_t(word) * n) >> 32);
}

__device__ uint4 draw_words(const Dropout& d, std::size_t k, NodeId first_id, std::uint32_t call) {
  return philox_words(make_uint4(std::uint32_t(k), std::uint32_t(first_id), d.stream + (call << 12), step_of(d)),
                      std::uint32_t(d.seed), std::uint32_t(d.seed >> 32));
}

__global__ void draw_pairs(CsrView in, CsrView out, PairSpace space, Dropout draw, std::size_t count,
                           NodeId* target, NodeId* source) {
  const std::size_t k = thread_index();
  if (k >= count) return;
  if (space.non_edges) {
    const std::size_t pick = scaled(draw_words(draw, k, space.first_id, 0).x, space.num_non_edges);
    target[k] = space.non_edges[2 * pick];
    source[k] = space.non_edges[2 * pick + 1];
    return;
  }
  const std::size_t nodes = std::size_t(space.num_nodes);
  uint4 words = {};
  for (std::uint32_t t = 0;; ++t) {
    if (t % 2 == 0) words = draw_words(draw, k, space.first_id, t / 2);
    const NodeId i = space.first_node + NodeId(scaled(t % 2 == 0 ? words.x : words.z, nodes));
    const NodeId j = space.first_node + NodeId(scaled(t % 2 == 0 ? words.y : words.w, nodes));
    if (i == j || has_edge(in, i, j) || has_edge(out, i, j)) continue;
    target[k] = i;
    source[k] = j;
    return;
  }
}

using Count = unsigned long long;  // what atomicAdd knows
static_assert(sizeof(Count) >= sizeof(EdgeOffset));

__global__ void count_pairs(const NodeId* row, std::size_t count, Count* counts) {
  const std::size_t k = thread_index();
  if (k < count) atomicAdd(&counts[row[k]], Count(1));
}

__global__ void clear_counts(std::size_t n, Count* counts) {
  const std::size_t k = thread_index();
  if (k < n) counts[k] = 0;
}

// One block: offsets[i] = next[i] = the sum of the counts before row i. next holds the counts at first.
__global__ void scan_counts(std::size_t rows, Count* next, EdgeOffset* offsets) {
  __shared__ Count sums[block_size];
  Count before = 0;
  for (std::size_t first = 0; first < rows; first += block_size) {
    const std::size_t i = first + threadIdx.x;
    const Count own = i < rows ? next[i] : 0;
    sums[threadIdx.x] = own;
    __syncthreads();
    for (unsigned step = 1; step < block_size; step *= 2) {
      const Count more = threadIdx.x >= step ? sums[threadIdx.x - step] : 0;
      __syncthreads();
      sums[threadIdx.x] += more;
      __syncthreads();
    }
    if (i < rows) {
      offsets[i] = EdgeOffset(before + sums[threadIdx.x] - own);
      next[i] = before + sums[threadIdx.x] - own;
    }
    before += sums[block_size - 1];
    __syncthreads();
  }
  if (threadIdx.x == 0) offsets[rows] = EdgeOffset(before);
}

__global__ void place_pairs(const NodeId* row, std::size_t count, Count* next, EdgeOffset* number) {
  const std::size_t k = thread_index();
  if (k < count) number[atomicAdd(&next[row[k]], Count(1))] = EdgeOffset(k);
}

// Sorts a row's numbers, by insertion, and fetches its pairs.
__global__ void finish_rows(const NodeId* column, NodeId num_rows, const EdgeOffset* offsets, NodeId* rows,
                            NodeId* columns, EdgeOffset* number) {
  const std::size_t i = thread_index();
  if (i >= std::size_t(num_rows)) return;
  for (EdgeOffset p = offsets[i]; p < offsets[i + 1]; ++p) {
    const EdgeOffset k = number[p];
    EdgeOffset q = p;
    for (; q > offsets[i] && number[q - 1] > k; --q) number[q] = number[q - 1];
    number[q] = k;
  }
  for (EdgeOffset p = offsets[i]; p < offsets[i + 1]; ++p) {
    rows[p] = NodeId(i);
    columns[p] = column[number[p]];
  }
}

// coefficient and loss of every pair of a row.
__global__ void link_loss_rows(LinkSet set, ConstMat source, ConstMat target, LinkLogit kind, Real scale,
                               Mat loss, unsigned lanes) {
  const LaneGroup group(lanes);
  const std::size_t i = group.index();
  if (i >= std::size_t(set.in.num_rows)) return;
  const EdgeRange range = edges_of(set.in, i);
  for (std::size_t e = range.first; e < range.last; ++e) {
    const Real *from = row(source, std::size_t(set.in.columns[e])), *to = row(target, i);
    Real sum = 0;
    for (std::size_t c = group.lane; c < source.cols; c += lanes)
      sum += kind == LinkLogit::product ? from[c] * to[c] : from[c] + to[c];
    const Real logit = scale * group.sum(sum);
    if (group.lane != 0) continue;
    const Real kept = set.kept.data ? set.kept.data[e] : Real(1);
    const Real wrong = set.label > 0 ? -logit : logit;  // the larger, the worse
    const Real small = exp(wrong > 0 ? -wrong : wrong);
    const Real share = (wrong > 0 ? Real(1) : small) / (1 + small);  // sigmoid(wrong)
    loss.data[e] = kept * ((wrong > 0 ? wrong : Real(0)) + log(1 + small));
    set.coefficient.data[e] = set.label > 0 ? -kept * share : kept * share;
  }
}

// Each block's share of the losses and of the pairs kept.
__global__ void link_loss_blocks(ConstMat loss, ConstMat kept, double* partial) {
  double sum = 0, count = 0;
  for (std::size_t e = thread_index(); e < loss.rows; e += std::size_t(gridDim.x) * block_size) {
    sum += double(loss.data[e]);
    count += kept.data ? double(kept.data[e]) : 1;
  }
  sum = block_sum(sum);
  count = block_sum(count);
  if (threadIdx.x != 0) return;
  partial[2 * blockIdx.x] = sum;
  partial[2 * blockIdx.x + 1] = count;
}

__global__ void link_loss_total(const double* partial, std::size_t blocks, Real scale, Real factor,
                                Mat result) {
  double sum = 0, count = 0;
  for (std::size_t b = threadIdx.x; b < blocks; b += block_size) {
    sum += partial[2 * b];
    count += partial[2 * b + 1];
  }
  sum = block_sum(sum);
  count = block_sum(count);
  if (threadIdx.x != 0) return;
  result.data[0] = count > 0 ? Real(double(factor) * sum / count) : Real(0);
  result.data[1] = count > 0 ? Real(double(factor) * double(scale) / count) : Real(0);
}

// dx[i,:] += dloss result[1] times the sum over a row's pairs of coefficient y[other end,:], or of
// coefficient alone.
__global__ void add_link_gradients(CsrView rows, ConstMat coefficient, ConstMat result, ConstMat dloss,
                                   ConstMat y, LinkLogit kind, Mat dx, unsigned lanes) {
  const LaneGroup group(lanes);
  const std::size_t i = group.index();
  if (i >= std::size_t(rows.num_rows)) return;
  const EdgeRange range = edges_of(rows, i);
  const Real factor = dloss.data[0] * result.data[1];
  for (std::size_t c = group.lane; c < y.cols; c += lanes) {
    Real sum = 0;
    for (std::size_t p = range.first; p < range.last; ++p) {
      const Real k = factor * coefficient.data[edge_at(rows, p)];
      sum += kind == LinkLogit::product ? k * row(y, std::size_t(rows.columns[p]))[c] : k;
    }
    row(dx, i)[c] += sum;
  }
}

}  // namespace

void draw_non_edges(Context& ctx, CsrView in, CsrView out, PairSpace space, Dropout draw, std::size_t count,
                    NodeId* target, NodeId* source) {
  launch(ctx, draw_pairs, count, in, out, space, draw, count, target, source);
}

void sort_pairs(Context& ctx, const NodeId* row, const NodeId* column, std::size_t count, NodeId num_rows,
                EdgeOffset* offsets, NodeId* rows, NodeId* columns, EdgeOffset* number) {
  const std::size_t n = std::size_t(num_rows);
  const Buffer buffer(ctx.pool(), n * sizeof(Count));
  Count* next = static_cast<Count*>(buffer.data());
  launch(ctx, clear_counts, n, n, next);
  launch(ctx, count_pairs, count, row, count, next);
  launch_blocks(ctx, scan_counts, dim3(1), n, next, offsets);
  launch(ctx, place_pairs, count, row, count, next, number);
  launch(ctx, finish_rows, n, column, num_rows, offsets, rows, columns, number);
}

void link_loss(Context& ctx, LinkSet positive, LinkSet negative, ConstMat source, ConstMat target,
               LinkLogit logit, Real scale, Real factor, Mat result) {
  constexpr std::size_t most_blocks = 512;
  const Buffer buffer(ctx.pool(), 4 * most_blocks * sizeof(double));
  double* partial = static_cast<double*>(buffer.data());
  const unsigned lanes = lanes_for(source.cols);
  std::size_t blocks = 0;
  for (const LinkSet& set : {positive, negative}) {
    const std::size_t pairs = std::size_t(set.in.num_edges);
    const Tensor loss = ctx.tensor(pairs, 1);
    launch(ctx, link_loss_rows, std::size_t(set.in.num_rows) * lanes, set, source, target, logit, scale, loss,
           lanes);
    const std::size_t own = std::min<std::size_t>(most_blocks, ceil_divide(pairs, block_size));
    launch_blocks(ctx, link_loss_blocks, dim3(unsigned(own)), loss, set.kept, partial + 2 * blocks);
    blocks += own;
  }
  launch_blocks(ctx, link_loss_total, dim3(1), partial, blocks, scale, factor, result);
}

void link_loss_backward(Context& ctx, CsrView in, CsrView out, ConstMat coefficient, ConstMat result,
                        ConstMat dloss, ConstMat source, ConstMat target, LinkLogit logit, Mat dsource,
                        Mat dtarget) {
  const unsigned lanes = lanes_for(source.cols);
  const std::size_t threads = std::size_t(in.num_rows) * lanes;
  if (dtarget.data)
    launch(ctx, add_link_gradients, threads, in, coefficient, result, dloss, source, logit, dtarget, lanes);
  if (dsource.data)
    launch(ctx, add_link_gradients, threads, out, coefficient, result, dloss, target, logit, dsource, lanes);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
