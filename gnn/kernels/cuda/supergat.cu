// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/supergat.hpp>

#include <gnn/kernels/cuda/row_softmax.cuh>
#include <gnn/kernels/cuda/supergat_wide.cuh>

// Plan: see row_sums.cuh for who owns a row. The dot product of an edge is the sum over the lanes of a
// head, which then have the features for the weighted sum at hand. Heads with more channels than a warp has registers for are
// left to supergat_wide.cuh.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct Forward {
  CsrView in;
  SharedRows shared;
  HeadLanes shape;
  SimilarityScore score;
  Dropout dropout;
  Mat out;
  SoftmaxState state;
};

template <unsigned per, bool whole, unsigned edges>
__device__ RowSoftmax<per> sum_edges(const Forward& f, const WarpPlace& p, const LaneColumns& c, std::size_t i, EdgeRange range) {
  const std::size_t heads = f.score.heads, h = p.first_head + p.head;
  const bool scores = f.score.source_score.data != nullptr;
  const Real own_score = scores && h < heads ? row(f.score.target_score, i)[h] : Real(0);
  Real own[per] = {};
  if (c.count > 0) load_columns<whole>(row(f.score.z, i), c, own);
  RowSoftmax<per> r;
  for_edges_of_group<edges>(f.shape, p, f.in, range, [&](const std::size_t (&e)[edges], const NodeId (&j)[edges]) {
    Real x[edges][per] = {}, logit[edges], multiplier[edges], score[edges] = {};
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      if (j[k] < 0 || h >= heads) continue;
      if (scores) score[k] = row_of(f.score.source_score, j[k])[h];
      if (c.count > 0) load_columns<whole>(row_of(f.score.z, j[k]), c, x[k]);
    }
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      Real g = 0;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) g += x[k][n] * own[n];
      g = sum_head(g, f.shape.lanes);
      const bool there = j[k] >= 0 && h < heads;
      logit[k] = there ? edge_score(f.score, g, score[k] + own_score).logit : -INFINITY;
      multiplier[k] = there ? edge_multiplier(f.dropout, f.in, e[k], i, std::size_t(j[k]), h, heads) : Real(0);
    }
    r.add(logit, multiplier, x);
  });
  r.meet_groups(f.shape.heads * f.shape.lanes);
  return r;
}

template <unsigned per, bool whole, unsigned edges>
__global__ void __launch_bounds__(block_size, 2) supergat_rows(Follows before, Forward f) {
  before.wait();
  const WarpPlace p(f.shape);
  const std::size_t h = p.first_head + p.head;
  const LaneColumns c(f.shape, p, f.score.heads);
  const auto write = [&](std::size_t i, const RowSoftmax<per>& r, const RowPart&) {
    if (p.group != 0 || h >= f.score.heads) return;
    if (p.part == 0) {
      row(f.state.maximum, i)[h] = r.most == -INFINITY ? Real(0) : r.most;
      row(f.state.sum, i)[h] = r.total;
    }
    if (c.count == 0) return;
    Real y[per];
#pragma unroll
    for (unsigned n = 0; n < per; ++n) y[n] = r.sum[n] * r.inverse();
    store_columns<whole>(row(f.out, i), c, y);
  };
  sum_rows<RowSoftmax<per>>(f.in, f.shared, [&](std::size_t i, EdgeRange range) { return sum_edges<per, whole, edges>(f, p, c, i, range); },
                            AddSoftmax(), write);
}

// The logits must be those of the forward pass to the last bit, for near 1000 a bit is 1e-4 of a weight.
template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size) supergat_weights(Follows before, Forward f, Mat alpha) {
  before.wait();
  const WarpPlace p(f.shape);
  const std::size_t h = p.first_head + p.head, i = std::size_t(blockIdx.x) * warps_of_block + threadIdx.x / 32;
  const LaneColumns c(f.shape, p, f.score.heads);
  if (i >= std::size_t(f.in.num_rows)) return;
  Real own[per] = {};
  if (c.count > 0) load_columns<whole>(row(f.score.z, i), c, own);
  for_edges_of_group<edges_at_once>(f.shape, p, f.in, edges_of(f.in, i), [&](const std::size_t (&e)[edges_at_once], const NodeId (&j)[edges_at_once]) {
#pragma unroll
    for (unsigned k = 0; k < edges_at_once; ++k) {
      Real x[per] = {}, g = 0;
      if (j[k] >= 0 && c.count > 0) load_columns<whole>(row_of(f.score.z, j[k]), c, x);
#pragma unroll
      for (unsigned n = 0; n < per; ++n) g += x[n] * own[n];
      g = sum_head(g, f.shape.lanes);
      if (j[k] < 0 || p.part != 0 || h >= f.score.heads) continue;
      const Real logit = edge_score(f.score, g, std::size_t(j[k]), i, h).logit;
      row(alpha, e[k])[h] = exp(logit - row(f.state.maximum, i)[h]) / row(f.state.sum, i)[h];
    }
  });
}

constexpr unsigned two_rows = 2;  // edges at once, with two rows of features each

struct Backward {
  CsrView rows;  // by source, or by target
  SharedRows shared;
  HeadLanes shape;
  SimilarityScore score;
  Dropout dropout;
  ConstMat out, maximum, sum, dout;
  Mat inverse_sum, delta, dg, dw, dz, dsource_score, dtarget_score;
};

// Per target and head: 1 / sum and <dout, out>.
template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size) supergat_nodes(Follows before, Backward b) {
  before.wait();
  const WarpPlace p(b.shape);
  const LaneColumns c(b.shape, p, b.score.heads);
  const std::size_t i = (std::size_t(blockIdx.x) * warps_of_block + threadIdx.x / 32) * b.shape.groups + p.group;
  Real along = 0;
  if (i < b.out.rows && c.count > 0) {
    Real x[per], d[per];
    load_columns<whole>(row(b.out, i), c, x);
    load_columns<whole>(row(b.dout, i), c, d);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) along += x[n] * d[n];
  }
  along = sum_head(along, b.shape.lanes);
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
  Real own[per] = {};
  if (c.count > 0) load_columns<whole>(row(b.score.z, j), c, own);
  RowSums<per> r;
  for_edges_of_group<two_rows>(b.shape, p, b.rows, range, [&](const std::size_t (&e)[two_rows], const NodeId (&i)[two_rows]) {
    Real d[two_rows][per] = {}, other[two_rows][per] = {};
    Real most[two_rows] = {}, inverse[two_rows] = {}, delta[two_rows] = {}, score[two_rows] = {};
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
      const Real dproduct = scores ? dscore * s.sum * (1 - s.gate) : b.score.scale * du;
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

void supergat_attention(Context& ctx, CsrView in, SimilarityScore score, Dropout dropout, Mat out,
                        SoftmaxState state) {
  HeadLanes shape;
  const std::size_t channels = score.z.cols / score.heads;
  if (!share_heads(score.heads, channels, shape)) return wide_supergat(ctx, in, score, dropout, out, state);
  const bool is_whole = whole_packs(shape, channels, {score.z, out});
  with_columns_and_edges(shape.per, is_whole, out.rows, [&](auto per, auto whole, auto edges) {
    SharedRows shared;
    const Tensor memory = share_rows(ctx, in, shape.slices, sizeof(RowSoftmax<per()>) / sizeof(Real), shared);
    launch_blocks(ctx, supergat_rows<per(), whole(), edges()>, dim3(unsigned(num_row_blocks(in)), shape.slices),
                  Forward{in, shared, shape, score, dropout, out, state});
  });
}

void supergat_attention_backward(Context& ctx, CsrView in, CsrView out_edges, SimilarityScore score,
                                 Dropout dropout, ConstMat out, SoftmaxState state, ConstMat dout, Mat dz,
                                 Mat dsource_score, Mat dtarget_score) {
  HeadLanes shape;
  const std::size_t heads = score.heads, channels = score.z.cols / heads, num_edges = std::size_t(in.num_edges);
  if (!share_heads(heads, channels, shape)) {
    return wide_supergat_backward(ctx, in, out_edges, score, dropout, out, state, dout, dz, dsource_score, dtarget_score);
  }
  const bool scores = score.source_score.data != nullptr, is_whole = whole_packs(shape, channels, {score.z, out, dout});
  const Tensor inverse_sum = ctx.tensor(out.rows, heads), delta = ctx.tensor(out.rows, heads);
  const Tensor dg = ctx.tensor(num_edges, heads), dw = scores ? ctx.tensor(num_edges, heads) : Tensor();
  Backward b{out_edges, {}, shape, score, dropout, out, state.maximum, state.sum, dout, inverse_sum, delta, dg, dw, dz,
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

void supergat_attention_weights(Context& ctx, CsrView in, SimilarityScore score, SoftmaxState state,
                                Mat alpha) {
  HeadLanes shape;
  const std::size_t channels = score.z.cols / score.heads;
  if (!share_heads(score.heads, channels, shape)) return wide_supergat_weights(ctx, in, score, state, alpha);
  const bool is_whole = whole_packs(shape, channels, {score.z});
  with_columns(shape.per, is_whole, [&](auto per, auto whole) {
    launch_blocks(ctx, supergat_weights<per(), whole()>, dim3(unsigned(ceil_divide(std::size_t(in.num_rows), warps_of_block)), shape.slices),
                  Forward{in, {}, shape, score, Dropout{}, {}, state}, alpha);
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
