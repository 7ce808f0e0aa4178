// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/links.hpp>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/reduce.cuh>
#include <gnn/kernels/cuda/row_softmax.cuh>

// Plan: a thread draws a pair; a group of lanes owns a row of pairs and shares the columns of its features.
// Pairs are sorted by counting: integers may be added in any order, and what remains open, the order within a
// row, is sorted out by the row's owner. Rows of pairs without an edge are short, because every node is drawn
// as often as any other.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__device__ bool has_edge(const CsrView& rows, NodeId i, NodeId j) {
  EdgeRange range = edges_of(rows, std::size_t(i));
  // Halves while the row is long, then eight at a time, whose loads do not wait for each other.
  constexpr unsigned at_once = 8;
  while (rows.ascending && range.last - range.first > at_once) {
    const std::size_t middle = (range.first + range.last) / 2;
    if (rows.columns[middle] <= j) {
      range.first = middle;
    } else {
      range.last = middle;
    }
  }
  for (std::size_t first = range.first; first < range.last; first += at_once) {
    bool found = false;
#pragma unroll
    for (unsigned k = 0; k < at_once; ++k) found |= first + k < range.last && rows.columns[first + k] == j;
    if (found) return true;
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

// The sum over the threads of a block up to each, without it; total: over all of them.
__device__ Count sum_before(Count own, Count& total) {
  __shared__ Count of_warps[block_size / 32];
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  Count before = own;
  for (unsigned step = 1; step < 32; step *= 2) {
    const Count more = __shfl_up_sync(~0u, before, step);
    if (lane >= step) before += more;
  }
  if (lane == 31) of_warps[warp] = before;
  __syncthreads();
  before -= own;
  total = 0;
  for (unsigned w = 0; w < block_size / 32; ++w) {
    if (w < warp) before += of_warps[w];
    total += of_warps[w];
  }
  __syncthreads();
  return before;
}

// A block owns a run of rows, a thread some of them side by side: sums[block] = their counts.
constexpr std::size_t rows_of_thread = 8, rows_of_run = rows_of_thread * block_size;
__global__ void sum_runs(std::size_t rows, const Count* counts, Count* sums) {
  const std::size_t first = thread_index() * rows_of_thread;
  Count own = 0, total;
#pragma unroll
  for (std::size_t k = 0; k < rows_of_thread; ++k) own += first + k < rows ? counts[first + k] : 0;
  sum_before(own, total);
  if (threadIdx.x == 0) sums[blockIdx.x] = total;
}

// offsets[i] = next[i] = the sum of the counts before row i. next holds the counts at first.
__global__ void scan_runs(std::size_t rows, const Count* sums, Count* next, EdgeOffset* offsets) {
  Count before = 0, total;
  for (std::size_t b = threadIdx.x; b < blockIdx.x; b += block_size) before += sums[b];
  sum_before(before, total);
  const Count before_run = total;
  const std::size_t first = thread_index() * rows_of_thread;
  Count count[rows_of_thread], own = 0;
#pragma unroll
  for (std::size_t k = 0; k < rows_of_thread; ++k) own += count[k] = first + k < rows ? next[first + k] : 0;
  before = before_run + sum_before(own, total);
#pragma unroll
  for (std::size_t k = 0; k < rows_of_thread; ++k) {
    if (first + k < rows) offsets[first + k] = EdgeOffset(next[first + k] = before);
    before += count[k];
  }
  if (blockIdx.x + 1 == gridDim.x && threadIdx.x == 0) offsets[rows] = EdgeOffset(before_run + total);
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

// A loss's pairs by rows, and the columns of features as one head's.
struct LinkRows {
  CsrView rows;
  SharedRows shared;
  HeadLanes shape;
  ConstMat source, target;
  LinkLogit kind;
};

// coefficient and loss of a row's pairs.
template <unsigned per, bool whole>
__device__ void score_pairs(const LinkRows& a, const LinkSet& set, Real scale, Mat loss, const WarpPlace& p, const LaneColumns& c,
                            std::size_t i, EdgeRange range) {
  Real to[per] = {};
  if (c.count > 0) load_columns<whole>(row(a.target, i), c, to);
  for_edges_of_group(a.shape, p, a.rows, range, [&](const std::size_t (&e)[edges_at_once], const NodeId (&j)[edges_at_once]) {
    Real from[edges_at_once][per] = {};
#pragma unroll
    for (unsigned k = 0; k < edges_at_once; ++k) {
      if (j[k] >= 0 && c.count > 0) load_columns<whole>(row_of(a.source, j[k]), c, from[k]);
    }
#pragma unroll
    for (unsigned k = 0; k < edges_at_once; ++k) {
      Real sum = 0;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) sum += a.kind == LinkLogit::product ? from[k][n] * to[n] : from[k][n] + to[n];
      const Real logit = scale * sum_head(sum, a.shape.lanes);
      if (j[k] < 0 || p.part != 0) continue;
      const Real kept = set.kept.data ? set.kept.data[e[k]] : Real(1);
      const Real wrong = set.label > 0 ? -logit : logit;  // the larger, the worse
      const Real small = exp(wrong > 0 ? -wrong : wrong);
      const Real share = (wrong > 0 ? Real(1) : small) / (1 + small);  // sigmoid(wrong)
      loss.data[e[k]] = kept * ((wrong > 0 ? wrong : Real(0)) + log(1 + small));
      set.coefficient.data[e[k]] = set.label > 0 ? -kept * share : kept * share;
    }
  });
}

template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size) link_loss_rows(LinkRows a, LinkSet set, Real scale, Mat loss) {
  const WarpPlace p(a.shape);
  const LaneColumns c(a.shape, p, 1);
  const auto score = [&](std::size_t i, EdgeRange range) { score_pairs<per, whole>(a, set, scale, loss, p, c, i, range); };
  for_rows(a.rows, score, [&](const RowPart& part, EdgeRange range) { score(std::size_t(part.row), range); });
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

// The sum over a row's pairs of coefficient y[other end,:], or of coefficient alone.
template <unsigned per, bool whole>
__device__ PlainSums<per> sum_pairs(const LinkRows& a, ConstMat coefficient, const WarpPlace& p, const LaneColumns& c, EdgeRange range) {
  PlainSums<per> sum;
  for_edges_of_group(a.shape, p, a.rows, range, [&](const std::size_t (&e)[edges_at_once], const NodeId (&j)[edges_at_once]) {
    Real y[edges_at_once][per], k_of[edges_at_once] = {};
#pragma unroll
    for (unsigned k = 0; k < edges_at_once; ++k) {
#pragma unroll
      for (unsigned n = 0; n < per; ++n) y[k][n] = 1;
      if (j[k] < 0 || c.count == 0) continue;
      k_of[k] = coefficient.data[edge_at(a.rows, e[k])];
      if (a.kind == LinkLogit::product) load_columns<whole>(row_of(a.source, j[k]), c, y[k]);
    }
#pragma unroll
    for (unsigned k = 0; k < edges_at_once; ++k) {
#pragma unroll
      for (unsigned n = 0; n < per; ++n) sum.x[n] += k_of[k] * y[k][n];
    }
  });
#pragma unroll
  for (unsigned n = 0; n < per; ++n) sum.x[n] = sum_lanes(sum.x[n], a.shape.lanes, 32);
  return sum;
}

// dx[i,:] += dloss result[1] times a row's sum; a.source is the other end's features.
template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size) add_link_gradients(LinkRows a, ConstMat coefficient, ConstMat result, ConstMat dloss,
                                                                 Mat dx) {
  const WarpPlace p(a.shape);
  const LaneColumns c(a.shape, p, 1);
  const Real factor = dloss.data[0] * result.data[1];
  sum_rows<PlainSums<per>>(
      a.rows, a.shared, [&](std::size_t, EdgeRange range) { return sum_pairs<per, whole>(a, coefficient, p, c, range); }, AddSums(),
      [&](std::size_t i, const PlainSums<per>& sum, const RowPart&) {
        if (p.group != 0) return;
#pragma unroll
        for (unsigned n = 0; n < per; ++n) {
          if (n < c.count) row(dx, i)[c.first + n] += factor * sum.x[n];
        }
      });
}

// The same two for features that are too wide for a warp's registers: a warp owns a row and walks over its columns.
__global__ void wide_link_loss_rows(LinkSet set, ConstMat source, ConstMat target, LinkLogit kind, Real scale, Mat loss) {
  const LaneGroup group(32);
  const std::size_t i = group.index();
  if (i >= std::size_t(set.in.num_rows)) return;
  const EdgeRange range = edges_of(set.in, i);
  for (std::size_t e = range.first; e < range.last; ++e) {
    const Real *from = row(source, std::size_t(set.in.columns[e])), *to = row(target, i);
    Real sum = 0;
    for (std::size_t c = group.lane; c < source.cols; c += 32) sum += kind == LinkLogit::product ? from[c] * to[c] : from[c] + to[c];
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

__global__ void wide_link_gradients(CsrView rows, ConstMat coefficient, ConstMat result, ConstMat dloss, ConstMat y, LinkLogit kind,
                                    Mat dx) {
  const LaneGroup group(32);
  const std::size_t i = group.index();
  if (i >= std::size_t(rows.num_rows)) return;
  const EdgeRange range = edges_of(rows, i);
  const Real factor = dloss.data[0] * result.data[1];
  for (std::size_t c = group.lane; c < y.cols; c += 32) {
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
  const unsigned runs = unsigned(std::max<std::size_t>(1, ceil_divide(n, rows_of_run)));
  const Buffer sums(ctx.pool(), runs * sizeof(Count));
  launch_blocks(ctx, sum_runs, dim3(runs), n, next, static_cast<Count*>(sums.data()));
  launch_blocks(ctx, scan_runs, dim3(runs), n, static_cast<const Count*>(sums.data()), next, offsets);
  launch(ctx, place_pairs, count, row, count, next, number);
  launch(ctx, finish_rows, n, column, num_rows, offsets, rows, columns, number);
}

void link_loss(Context& ctx, LinkSet positive, LinkSet negative, ConstMat source, ConstMat target,
               LinkLogit logit, Real scale, Real factor, Mat result) {
  constexpr std::size_t most_blocks = 512;
  const Buffer buffer(ctx.pool(), 4 * most_blocks * sizeof(double));
  double* partial = static_cast<double*>(buffer.data());
  HeadLanes shape;
  const bool narrow = share_heads(1, source.cols, shape), is_whole = narrow && whole_packs(shape, source.cols, {source, target});
  std::size_t blocks = 0;
  for (const LinkSet& set : {positive, negative}) {
    const std::size_t pairs = std::size_t(set.in.num_edges);
    const Tensor loss = ctx.tensor(pairs, 1);
    const std::size_t rows = std::size_t(set.in.num_rows);
    if (narrow) {
      with_columns(shape.per, is_whole, [&](auto per, auto whole) {
        launch_blocks(ctx, link_loss_rows<per(), whole()>, dim3(unsigned(num_row_blocks(set.in))),
                      LinkRows{set.in, {}, shape, source, target, logit}, set, scale, loss);
      });
    } else {
      launch(ctx, wide_link_loss_rows, rows * 32, set, source, target, logit, scale, loss);
    }
    const std::size_t own = std::min<std::size_t>(most_blocks, ceil_divide(pairs, block_size));
    launch_blocks(ctx, link_loss_blocks, dim3(unsigned(own)), loss, set.kept, partial + 2 * blocks);
    blocks += own;
  }
  launch_blocks(ctx, link_loss_total, dim3(1), partial, blocks, scale, factor, result);
}

void link_loss_backward(Context& ctx, CsrView in, CsrView out, ConstMat coefficient, ConstMat result,
                        ConstMat dloss, ConstMat source, ConstMat target, LinkLogit logit, Mat dsource,
                        Mat dtarget) {
  HeadLanes shape;
  const bool narrow = share_heads(1, source.cols, shape);
  const auto add = [&](const CsrView& rows, ConstMat other, Mat dx) {
    if (!dx.data) return;
    const std::size_t count = std::size_t(rows.num_rows);
    if (!narrow) return launch(ctx, wide_link_gradients, count * 32, rows, coefficient, result, dloss, other, logit, dx);
    LinkRows a{rows, {}, shape, other, {}, logit};
    with_columns(shape.per, whole_packs(shape, other.cols, {other}), [&](auto per, auto whole) {
      const Tensor memory = share_rows(ctx, a.rows, 1, per(), a.shared);
      launch_blocks(ctx, add_link_gradients<per(), whole()>, dim3(unsigned(num_row_blocks(a.rows))), a, coefficient, result, dloss, dx);
    });
  };
  add(in, source, dtarget);
  add(out, target, dsource);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
