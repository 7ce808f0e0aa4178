// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/row_softmax.cuh>
#include <gnn/kernels/cuda/supergat_links.hpp>
#include <gnn/kernels/cuda/supergat_score.cuh>

// Plan: see row_sums.cuh for who owns a row: sources, then targets.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned two_rows = 2;  // edges at once, with two rows of features each

struct Backward {
  CsrView rows;  // by source, or by target
  SharedRows shared;
  HeadLanes shape;
  SimilarityScore score;
  Dropout dropout;
  ConstMat out, maximum, sum, dout;
  LinkGradient links;
  Mat inverse_sum, delta, dg, dw, dz, dsource_score, dtarget_score;
};

// Per target and head: 1 / sum and <dout, out>.
template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size) supergat_nodes(Follows before, Backward b) {
  before.wait();
  const WarpPlace p(b.shape);
  const LaneColumns c(b.shape, p, b.score.heads);
  const std::size_t i = (std::size_t(blockIdx.x) * warps_of_block + threadIdx.x / 32) * b.shape.groups + p.group;
  const Real along = dot_of_head<per, whole>(b.shape, c, b.out, b.dout, i);
  const std::size_t h = p.first_head + p.head;
  if (i >= b.out.rows || p.part != 0 || h >= b.score.heads) return;
  const Real sum = row(b.sum, i)[h];
  row(b.inverse_sum, i)[h] = sum > 0 ? 1 / sum : Real(0);
  row(b.delta, i)[h] = along;
}

// Of a row: the sums of its columns, then that of its score.
template <unsigned per>
using RowSums = PlainSums<per + 1>;

template <unsigned per>
__device__ void meet_groups(RowSums<per>& r, unsigned from) {
  sum_lanes(r.x, from, 32);
}

template <unsigned per>
__device__ void add_row(const Backward& b, const WarpPlace& p, const LaneColumns& c, std::size_t i, const Mat& dscore,
                        const PlainSums<per + 1>& r) {
  const std::size_t h = p.first_head + p.head;
  if (p.group != 0 || h >= b.score.heads) return;
  if (p.part == 0 && dscore.data) row(dscore, i)[h] += r.x[per];
#pragma unroll
  for (unsigned n = 0; n < per; ++n) {
    if (n < c.count) row(b.dz, i)[c.first + n] += r.x[n];
  }
}

template <unsigned per, bool whole>
__device__ RowSums<per> sum_out_edges(const Backward& b, const WarpPlace& p, const LaneColumns& c, std::size_t j, EdgeRange range) {
  const std::size_t heads = b.score.heads, h = p.first_head + p.head;
  const bool scores = b.score.source_score.data != nullptr;
  const Real own_score = scores && h < heads ? row(b.score.source_score, j)[h] : Real(0);
  const Real link_factor = b.links.dloss.data ? b.links.dloss.data[0] * b.links.result.data[1] : Real(0);
  Real own[per] = {};
  if (c.count > 0) load_columns<whole>(row(b.score.z, j), c, own);
  RowSums<per> r;
  for_edges_of_group<two_rows>(b.shape, p, b.rows, range, [&](const std::size_t (&e)[two_rows], const NodeId (&i)[two_rows]) {
    Real d[two_rows][per] = {}, other[two_rows][per] = {};
    Real most[two_rows] = {}, inverse[two_rows] = {}, delta[two_rows] = {}, score[two_rows] = {}, link[two_rows] = {};
    std::size_t place[two_rows] = {};
    // Everything from memory is under way before the first number is used.
#pragma unroll
    for (unsigned k = 0; k < two_rows; ++k) {
      if (i[k] < 0 || h >= heads) continue;
      most[k] = row_of(b.maximum, i[k])[h];
      inverse[k] = row_of(b.inverse_sum, i[k])[h];
      delta[k] = row_of(b.delta, i[k])[h];
      if (scores) score[k] = row_of(b.score.target_score, i[k])[h];
      place[k] = edge_at(b.rows, e[k]);
      if (b.links.dloss.data) link[k] = b.links.coefficient.data[place[k]];
      if (c.count == 0) continue;
      load_columns<whole>(row_of(b.dout, i[k]), c, d[k]);
      load_columns<whole>(row_of(b.score.z, i[k]), c, other[k]);
    }
#pragma unroll
    for (unsigned k = 0; k < two_rows; ++k) {
      Real g = 0, along = 0;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) {
        g += other[k][n] * own[n];
        along += d[k][n] * own[n];
      }
      g = sum_head(g, b.shape.lanes);
      along = sum_head(along, b.shape.lanes);
      if (i[k] < 0 || h >= heads) continue;
      const EdgeScore s = edge_score(b.score, g, own_score + score[k]);
      const Real alpha = exp(s.logit - most[k]) * inverse[k];
      const Real m = edge_multiplier(b.dropout, b.rows, e[k], std::size_t(i[k]), j, h, heads), share = alpha * m;
      const Real du = alpha * (m * along - delta[k]) * s.derivative, dscore = du * s.gate;
      const Real dproduct = (scores ? dscore * s.sum * (1 - s.gate) : b.score.scale * du) + link_factor * link[k];
#pragma unroll
      for (unsigned n = 0; n < per; ++n) r.x[n] += share * d[k][n] + dproduct * other[k][n];
      r.x[per] += dscore;
      if (p.part != 0) continue;
      row(b.dg, place[k])[h] = dproduct;
      if (scores) row(b.dw, place[k])[h] = dscore;
    }
  });
  meet_groups<per>(r, b.shape.heads * b.shape.lanes);
  return r;
}

// Per source: one gather of dout and z over the edges out of it.
template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size, 2) supergat_sources(Follows before, Backward b) {
  before.wait();
  const WarpPlace p(b.shape);
  const LaneColumns c(b.shape, p, b.score.heads);
  sum_rows<RowSums<per>>(
      b.rows, b.shared, [&](std::size_t j, EdgeRange range) { return sum_out_edges<per, whole>(b, p, c, j, range); }, AddSums(),
      [&](std::size_t j, const RowSums<per>& r, const RowPart&) { add_row<per>(b, p, c, j, b.dsource_score, r); });
}

template <unsigned per, bool whole, unsigned edges>
__device__ RowSums<per> sum_in_edges(const Backward& b, const WarpPlace& p, const LaneColumns& c, EdgeRange range) {
  const std::size_t h = p.first_head + p.head;
  RowSums<per> r;
  for_edges_of_group<edges>(b.shape, p, b.rows, range, [&](const std::size_t (&e)[edges], const NodeId (&j)[edges]) {
    Real x[edges][per] = {}, dg[edges] = {}, dw[edges] = {};
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      if (j[k] < 0 || h >= b.score.heads) continue;
      dg[k] = row(b.dg, e[k])[h];
      if (b.dw.data) dw[k] = row(b.dw, e[k])[h];
      if (c.count > 0) load_columns<whole>(row_of(b.score.z, j[k]), c, x[k]);
    }
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      r.x[per] += dw[k];
#pragma unroll
      for (unsigned n = 0; n < per; ++n) r.x[n] += dg[k] * x[k][n];
    }
  });
  meet_groups<per>(r, b.shape.heads * b.shape.lanes);
  return r;
}

// Per target: one gather of z over the edges into it.
template <unsigned per, bool whole, unsigned edges>
__global__ void __launch_bounds__(block_size) supergat_targets(Follows before, Backward b) {
  before.wait();
  const WarpPlace p(b.shape);
  const LaneColumns c(b.shape, p, b.score.heads);
  sum_rows<RowSums<per>>(
      b.rows, b.shared, [&](std::size_t, EdgeRange range) { return sum_in_edges<per, whole, edges>(b, p, c, range); }, AddSums(),
      [&](std::size_t i, const RowSums<per>& r, const RowPart&) { add_row<per>(b, p, c, i, b.dtarget_score, r); });
}

}  // namespace

void supergat_rows_backward(Context& ctx, CsrView in, CsrView out_edges, SimilarityScore score, Dropout dropout, ConstMat out,
                            SoftmaxState state, ConstMat dout, LinkGradient links, Mat dz, Mat dsource_score, Mat dtarget_score) {
  HeadLanes shape;
  const std::size_t heads = score.heads, channels = score.z.cols / heads, num_edges = std::size_t(in.num_edges);
  share_heads(heads, channels, shape);
  const bool scores = score.source_score.data != nullptr, is_whole = whole_packs(shape, channels, {score.z, out, dout});
  const Tensor inverse_sum = ctx.tensor(out.rows, heads), delta = ctx.tensor(out.rows, heads);
  const Tensor dg = ctx.tensor(num_edges, heads), dw = scores ? ctx.tensor(num_edges, heads) : Tensor();
  Backward b{out_edges, {}, shape, score, dropout, out, state.maximum, state.sum, dout, links, inverse_sum, delta, dg, dw, dz,
             scores ? dsource_score : Mat{}, scores ? dtarget_score : Mat{}};
  with_columns_and_edges(shape.per, is_whole, out.rows, [&](auto per, auto whole, auto edges) {
    launch_blocks(ctx, supergat_nodes<per(), whole()>, dim3(unsigned(ceil_divide(out.rows, warps_of_block * shape.groups)), shape.slices), b);
    constexpr std::size_t numbers = sizeof(RowSums<per()>) / sizeof(Real);
    const Tensor of_sources = share_rows(ctx, b.rows, shape.slices, numbers, b.shared);
    launch_blocks(ctx, supergat_sources<per(), whole()>, dim3(unsigned(num_row_blocks(b.rows)), shape.slices), b);
    b.rows = in;
    const Tensor of_targets = share_rows(ctx, b.rows, shape.slices, numbers, b.shared);
    launch_blocks(ctx, supergat_targets<per(), whole(), edges()>, dim3(unsigned(num_row_blocks(b.rows)), shape.slices), b);
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
