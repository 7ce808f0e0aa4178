// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gnn/kernels/cuda/link_score.cuh>
#include <gnn/kernels/cuda/reduce.cuh>
#include <gnn/kernels/cuda/row_softmax.cuh>
#include <gnn/kernels/cuda/supergat_rows.hpp>
#include <gnn/kernels/cuda/supergat_score.cuh>

// Plan: a pair's product is the same from both of its ends, and so is its share of the gradient. Each end takes it for itself: then
// one pass gives loss and gradient, and nothing is left for the way back but a factor. See row_sums.cuh for who owns a row.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct DrawnRows {
  CsrView rows;
  HeadLanes shape;  // all columns as one head's
  ConstMat z;
  Real scale;
  Mat gradient, loss;
};

// The gradient's columns, then the loss, which the first lane of a pair has.
template <unsigned per, bool whole, unsigned edges>
__device__ PlainSums<per + 1> sum_pairs(const DrawnRows& a, const WarpPlace& p, const LaneColumns& c, std::size_t i, EdgeRange range) {
  Real own[per] = {};
  if (c.count > 0) load_columns<whole>(row(a.z, i), c, own);
  PlainSums<per + 1> r;
  for_edges_of_group<edges>(a.shape, p, a.rows, range, [&](const std::size_t (&)[edges], const NodeId (&j)[edges]) {
    Real x[edges][per] = {};
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      if (j[k] >= 0 && c.count > 0) load_columns<whole>(row_of(a.z, j[k]), c, x[k]);
    }
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      Real product = 0;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) product += x[k][n] * own[n];
      const PairLoss pair = pair_loss(a.scale * sum_head(product, a.shape.lanes));
      if (j[k] < 0) continue;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) r.x[n] += pair.share * x[k][n];
      if (p.part == 0) r.x[per] += pair.loss;
    }
  });
  sum_lanes(r.x, a.shape.lanes, 32);
  return r;
}

template <unsigned per, bool whole, unsigned edges>
__global__ void __launch_bounds__(block_size) drawn_pair_rows(Follows before, DrawnRows a) {
  before.wait();
  const WarpPlace p(a.shape);
  const LaneColumns c(a.shape, p, 1);
  sum_rows<PlainSums<per + 1>, short_rows_of<edges>>(
      a.rows, SharedRows{}, [&](std::size_t i, EdgeRange range) { return sum_pairs<per, whole, edges>(a, p, c, i, range); }, AddSums(),
      [&](std::size_t i, const PlainSums<per + 1>& r, const RowPart&) {
        if (p.group != 0) return;
        if (p.part == 0) a.loss.data[i] = r.x[per];
        if (c.count == 0) return;
        Real sum[per];
#pragma unroll
        for (unsigned n = 0; n < per; ++n) sum[n] = r.x[n];
        store_columns<whole>(row(a.gradient, i), c, sum);
      });
}

// The same of rows that are too wide for a warp's registers: it walks over the columns.
__global__ void wide_drawn_pair_rows(Follows before, CsrView rows, ConstMat z, Real scale, Mat gradient, Mat loss) {
  before.wait();
  const LaneGroup group(32);
  const std::size_t i = group.index();
  if (i >= std::size_t(rows.num_rows)) return;
  const EdgeRange range = edges_of(rows, i);
  Real* const to = row(gradient, i);
  for (std::size_t c = group.lane; c < z.cols; c += 32) to[c] = 0;
  Real sum = 0;
  for (std::size_t e = range.first; e < range.last; ++e) {
    const Real* from = row_of(z, rows.columns[e]);
    const PairLoss pair = pair_loss(scale * dot_product(group, from, row(z, i), z.cols));
    for (std::size_t c = group.lane; c < z.cols; c += 32) to[c] += pair.share * from[c];
    sum += pair.loss;
  }
  if (group.lane == 0) loss.data[i] = sum;
}

struct EdgeLinks {
  ConstMat products, kept, drawn_loss;
  double num_drawn;
  Real scale, factor;
  Mat coefficient, result;
};

// A thread has edges and nodes; each block leaves its share of losses and of pairs that count, and the last one adds them up.
__global__ void edge_link_blocks(Follows before, EdgeLinks a, double* partial, unsigned* blocks_done) {
  before.wait();
  const std::size_t step = std::size_t(gridDim.x) * block_size;
  double sum = 0, count = 0;
  for (std::size_t e = thread_index(); e < a.products.rows; e += step) {
    const Real kept = a.kept.data ? a.kept.data[e] : Real(1);
    Real product = 0;
    for (std::size_t h = 0; h < a.products.cols; ++h) product += row(a.products, e)[h];
    const PairLoss pair = pair_loss(-a.scale * product);
    a.coefficient.data[e] = -kept * pair.share;
    sum += double(kept * pair.loss);
    count += double(kept);
  }
  for (std::size_t i = thread_index(); i < a.drawn_loss.rows; i += step) sum += 0.5 * double(a.drawn_loss.data[i]);
  sum = block_sum(sum);
  count = block_sum(count);
  if (threadIdx.x == 0) {
    partial[2 * blockIdx.x] = sum;
    partial[2 * blockIdx.x + 1] = count;
  }
  if (!is_last_block(blocks_done)) return;
  sum = count = 0;
  for (std::size_t b = threadIdx.x; b < gridDim.x; b += block_size) {
    sum += __ldcg(&partial[2 * b]);
    count += __ldcg(&partial[2 * b + 1]);
  }
  sum = block_sum(sum);
  count = block_sum(count) + a.num_drawn;
  if (threadIdx.x != 0) return;
  a.result.data[0] = count > 0 ? Real(double(a.factor) * sum / count) : Real(0);
  a.result.data[1] = count > 0 ? Real(double(a.factor) * double(a.scale) / count) : Real(0);
}

}  // namespace

void drawn_pairs(Context& ctx, CsrView ends, ConstMat z, Real scale, Mat gradient, Mat loss) {
  HeadLanes shape;
  const std::size_t rows = std::size_t(ends.num_rows);
  if (!share_heads(1, z.cols, shape)) return launch(ctx, wide_drawn_pair_rows, rows * 32, ends, z, scale, gradient, loss);
  with_columns_and_edges(shape.per, whole_packs(shape, z.cols, {z, gradient}), rows, [&](auto per, auto whole, auto edges) {
    launch_blocks(ctx, drawn_pair_rows<per(), whole(), edges()>, dim3(unsigned(num_row_blocks(ends))),
                  DrawnRows{ends, shape, z, scale, gradient, loss});
  });
}

void edge_links(Context& ctx, ConstMat products, ConstMat kept, ConstMat drawn_loss, std::size_t num_drawn, Real scale, Real factor,
                Mat coefficient, Mat result) {
  const std::size_t blocks = std::clamp<std::size_t>(ceil_divide(products.rows, block_size), 1, 512);
  const Buffer partial(ctx.pool(), 2 * blocks * sizeof(double));
  launch_blocks(ctx, edge_link_blocks, dim3(unsigned(blocks)),
                EdgeLinks{products, kept, drawn_loss, double(num_drawn), scale, factor, coefficient, result},
                static_cast<double*>(partial.data()), ctx.cuda().counters);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
