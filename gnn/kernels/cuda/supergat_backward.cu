// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/row_softmax.cuh>
#include <gnn/kernels/cuda/supergat_rows.hpp>
#include <gnn/kernels/cuda/supergat_score.cuh>

// Plan: see row_sums.cuh for who owns a row: targets, then sources. A target has all that its softmax's gradient needs but the rows
// of its sources, so the first pass gathers z alone and takes every scalar there is; it leaves three numbers an edge and head to
// the second, which gathers z and dout.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned two_edges = 2;  // at once, where a lane has two rows of features for each, or its target's, too

struct Backward {
  CsrView rows;  // by target, then by source
  SharedRows shared;
  HeadLanes shape;
  SimilarityScore score;
  Dropout dropout;
  ConstMat out, maximum, sum, dy;  // in the second pass dy is dout
  bool writes;                     // a layer's way back: see SuperGatLayerBack
  SuperGatLayerBack layer;
  Mat shares;  // edges x 2 heads: of dout_i, of z_i in dz_j
  Mat dw, dz, dsource_score, dtarget_score;
};

// Of a row: the sums of its columns, then that of its score.
template <unsigned per>
using RowSums = PlainSums<per + 1>;

// The columns of dy that a head's belong to: the mean of heads has one head's.
__device__ LaneColumns columns_of_dy(const Backward& b, const WarpPlace& p, LaneColumns c) {
  if (b.layer.of_mean) c.first -= (p.first_head + p.head) * b.shape.channels;
  return c;
}

// A target's own numbers, for all lanes of a head. They are asked for when a row begins, and used when its first edges are under way,
// too: that is a wait less.
template <unsigned per, bool whole>
struct Target {
  Real z[per] = {}, dout[per] = {}, out[per] = {}, y[per] = {}, most = 0, sum = 0, score = 0;
  Real inverse = 0, delta = 0;

  __device__ Target(const Backward& b, const WarpPlace& p, const LaneColumns& c, NodeId i) {
    const std::size_t h = p.first_head + p.head;
    if (c.count > 0) {
      load_columns<whole>(row_of(b.score.z, i), c, z);
      load_columns<whole>(row_of(b.out, i), c, out);
      load_columns<whole>(row_of(b.dy, i), columns_of_dy(b, p, c), dout);
      if (b.layer.end.elu) load_columns<whole>(row_of(b.layer.end.y, i), columns_of_dy(b, p, c), y);
    }
    if (h >= b.score.heads) return;
    most = row_of(b.maximum, i)[h];
    sum = row_of(b.sum, i)[h];
    if (b.score.source_score.data) score = row_of(b.score.target_score, i)[h];
  }

  // first: this warp has the row's first edges, and so leaves dout for the second pass.
  __device__ void finish(const Backward& b, const WarpPlace& p, const LaneColumns& c, NodeId i, bool first) {
    const Real factor = b.layer.of_mean ? 1 / Real(b.score.heads) : Real(1);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      if (b.layer.end.elu) dout[n] *= elu_derivative(y[n]);
      delta += factor * dout[n] * out[n];
    }
    if (b.layer.dout.data && first && p.group == 0 && c.count > 0 && (!b.layer.of_mean || p.first_head + p.head == 0)) {
      store_columns<whole>(row_of(b.layer.dout, i), columns_of_dy(b, p, c), dout);
    }
    delta = sum_head(delta, b.shape.lanes);
    inverse = sum > 0 ? 1 / sum : Real(0);
  }
};

template <unsigned per, bool whole>
__device__ RowSums<per> sum_in_edges(const Backward& b, const WarpPlace& p, const LaneColumns& c, std::size_t i, EdgeRange range) {
  const std::size_t heads = b.score.heads, h = p.first_head + p.head;
  const bool scores = b.score.source_score.data != nullptr;
  const LinkGradient& links = b.layer.links;
  // Two factors that meet at the edges, so that nothing waits for them before.
  const Real dloss = links.dloss.data ? links.dloss.data[0] : Real(0), per_pair = links.dloss.data ? links.result.data[1] : Real(0);
  const Real factor = b.layer.of_mean ? 1 / Real(heads) : Real(1);
  const bool first = range.first == std::size_t(b.rows.offsets[i]);
  Target<per, whole> t(b, p, c, NodeId(i));
  bool finished = false;
  RowSums<per> r;
  for_edges_of_group<two_edges>(b.shape, p, b.rows, range, [&](const std::size_t (&e)[two_edges], const NodeId (&j)[two_edges]) {
    Real x[two_edges][per] = {}, score[two_edges] = {}, link[two_edges] = {};
#pragma unroll
    for (unsigned k = 0; k < two_edges; ++k) {
      if (j[k] < 0 || h >= heads) continue;
      if (scores) score[k] = row_of(b.score.source_score, j[k])[h];
      if (links.dloss.data) link[k] = links.coefficient.data[e[k]];
      if (c.count > 0) load_columns<whole>(row_of(b.score.z, j[k]), c, x[k]);
    }
    if (!finished) t.finish(b, p, c, NodeId(i), first);
    finished = true;
#pragma unroll
    for (unsigned k = 0; k < two_edges; ++k) {
      Real g = 0, along = 0;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) {
        g += x[k][n] * t.z[n];
        along += x[k][n] * t.dout[n];
      }
      g = sum_head(g, b.shape.lanes);
      along = factor * sum_head(along, b.shape.lanes);
      if (j[k] < 0 || h >= heads) continue;
      const EdgeScore s = edge_score(b.score, g, score[k] + t.score);
      const Real alpha = exp(s.logit - t.most) * t.inverse;
      const Real m = edge_multiplier(b.dropout, b.rows, e[k], i, std::size_t(j[k]), h, heads);
      const Real du = alpha * (m * along - t.delta) * s.derivative, dscore = du * s.gate;
      const Real dproduct = (scores ? dscore * s.sum * (1 - s.gate) : b.score.scale * du) + link[k] * per_pair * dloss;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) r.x[n] += dproduct * x[k][n];
      r.x[per] += dscore;
      if (p.part != 0) continue;
      Pack<2> shares;
      shares.x[0] = factor * alpha * m;
      shares.x[1] = dproduct;
      *reinterpret_cast<Pack<2>*>(row(b.shares, e[k]) + 2 * h) = shares;
      if (scores) row(b.dw, e[k])[h] = dscore;
    }
  });
  if (!finished) t.finish(b, p, c, NodeId(i), first);
  sum_lanes(r.x, b.shape.heads * b.shape.lanes, 32);
  return r;
}

// In the plain gradient of an attention a row adds to what is there; in a layer's the first pass writes and the second adds.
template <unsigned per, bool whole>
__device__ void write_target(const Backward& b, const WarpPlace& p, const LaneColumns& c, std::size_t i, const RowSums<per>& r) {
  const std::size_t h = p.first_head + p.head;
  if (p.group != 0 || h >= b.score.heads) return;
  if (p.part == 0 && b.dtarget_score.data) {
    Real& to = row_of(b.dtarget_score, NodeId(i))[h];
    to = b.writes ? r.x[per] : to + r.x[per];
  }
  if (c.count == 0) return;
  Real dz[per];
  if (!b.writes) load_columns<whole>(row_of(b.dz, NodeId(i)), c, dz);
#pragma unroll
  for (unsigned n = 0; n < per; ++n) {
    const Real through = b.layer.target_vector && n < c.count ? r.x[per] * b.layer.target_vector[c.at(n)] : Real(0);
    dz[n] = b.writes ? r.x[n] + through : dz[n] + r.x[n];
  }
  store_columns<whole>(row_of(b.dz, NodeId(i)), c, dz);
}

// Per target: one gather of z over the edges into it. With registers for three blocks at once it took 15 % longer.
template <unsigned per, bool whole, unsigned edges>
__global__ void __launch_bounds__(block_size, 2) supergat_targets(Follows before, Backward b) {
  before.wait();
  const WarpPlace p(b.shape);
  const LaneColumns c(b.shape, p, b.score.heads);
  sum_rows<RowSums<per>, short_rows_of<edges>>(
      b.rows, b.shared, [&](std::size_t i, EdgeRange range) { return sum_in_edges<per, whole>(b, p, c, i, range); }, AddSums(),
      [&](std::size_t i, const RowSums<per>& r, const RowPart&) { write_target<per, whole>(b, p, c, i, r); });
}

template <unsigned per, bool whole>
__device__ RowSums<per> sum_out_edges(const Backward& b, const WarpPlace& p, const LaneColumns& c, EdgeRange range) {
  const std::size_t h = p.first_head + p.head;
  const LaneColumns of_dout = columns_of_dy(b, p, c);
  RowSums<per> r;
  for_edges_of_group<two_edges>(b.shape, p, b.rows, range, [&](const std::size_t (&e)[two_edges], const NodeId (&i)[two_edges]) {
    Real d[two_edges][per] = {}, z[two_edges][per] = {}, dw[two_edges] = {};
    Pack<2> shares[two_edges] = {};
#pragma unroll
    for (unsigned k = 0; k < two_edges; ++k) {
      if (i[k] < 0 || h >= b.score.heads) continue;
      const std::size_t place = edge_at(b.rows, e[k]);
      shares[k] = *reinterpret_cast<const Pack<2>*>(row(b.shares, place) + 2 * h);
      if (b.dw.data) dw[k] = row(b.dw, place)[h];
      if (c.count == 0) continue;
      load_columns<whole>(row_of(b.dy, i[k]), of_dout, d[k]);
      load_columns<whole>(row_of(b.score.z, i[k]), c, z[k]);
    }
#pragma unroll
    for (unsigned k = 0; k < two_edges; ++k) {
      r.x[per] += dw[k];
#pragma unroll
      for (unsigned n = 0; n < per; ++n) r.x[n] += shares[k].x[0] * d[k][n] + shares[k].x[1] * z[k][n];
    }
  });
  sum_lanes(r.x, b.shape.heads * b.shape.lanes, 32);
  return r;
}

template <unsigned per, bool whole>
__device__ void write_source(const Backward& b, const WarpPlace& p, const LaneColumns& c, std::size_t j, const RowSums<per>& r) {
  const std::size_t h = p.first_head + p.head;
  if (p.group != 0 || h >= b.score.heads) return;
  if (p.part == 0 && b.dsource_score.data) {
    Real& to = row_of(b.dsource_score, NodeId(j))[h];
    to = b.writes ? r.x[per] : to + r.x[per];
  }
  if (c.count == 0) return;
  const LinkGradient& links = b.layer.links;
  const Real dloss = links.dloss.data ? links.dloss.data[0] : Real(0), per_pair = links.dloss.data ? links.result.data[1] : Real(0);
  Real dz[per], drawn[per] = {};
  load_columns<whole>(row_of(b.dz, NodeId(j)), c, dz);
  if (links.dloss.data && links.of_drawn.data) load_columns<whole>(row_of(links.of_drawn, NodeId(j)), c, drawn);
#pragma unroll
  for (unsigned n = 0; n < per; ++n) {
    const Real through = b.layer.source_vector && n < c.count ? r.x[per] * b.layer.source_vector[c.at(n)] : Real(0);
    dz[n] += r.x[n] + through + drawn[n] * per_pair * dloss;
  }
  store_columns<whole>(row_of(b.dz, NodeId(j)), c, dz);
}

// Per source: one gather of dout and z over the edges out of it.
template <unsigned per, bool whole, unsigned edges>
__global__ void __launch_bounds__(block_size, blocks_at_once<edges>) supergat_sources(Follows before, Backward b) {
  before.wait();
  const WarpPlace p(b.shape);
  const LaneColumns c(b.shape, p, b.score.heads);
  sum_rows<RowSums<per>, short_rows_of<edges>>(
      b.rows, b.shared, [&](std::size_t, EdgeRange range) { return sum_out_edges<per, whole>(b, p, c, range); }, AddSums(),
      [&](std::size_t j, const RowSums<per>& r, const RowPart&) { write_source<per, whole>(b, p, c, j, r); });
}

}  // namespace

void supergat_rows_backward(Context& ctx, CsrView in, CsrView out_edges, SimilarityScore score, Dropout dropout, ConstMat out,
                            SoftmaxState state, ConstMat dy, const SuperGatLayerBack* layer, Mat dz, Mat dsource_score,
                            Mat dtarget_score) {
  HeadLanes shape;
  const std::size_t heads = score.heads, channels = score.z.cols / heads, num_edges = std::size_t(in.num_edges);
  share_heads(heads, channels, shape);
  const SuperGatLayerBack plain, &back = layer ? *layer : plain;
  const bool scores = score.source_score.data != nullptr;
  const bool is_whole = whole_packs(shape, channels, {score.z, out, dy, dz, back.dout, back.end.y, back.links.of_drawn});
  const Tensor shares = ctx.tensor(num_edges, 2 * heads), dw = scores ? ctx.tensor(num_edges, heads) : Tensor();
  Backward b{in, {}, shape, score, dropout, out, state.maximum, state.sum, dy, layer != nullptr, back, shares, dw, dz,
             scores ? dsource_score : Mat{}, scores ? dtarget_score : Mat{}};
  with_columns_and_edges(shape.per, is_whole, out.rows, [&](auto per, auto whole, auto edges) {
    constexpr std::size_t numbers = sizeof(RowSums<per()>) / sizeof(Real);
    const Tensor of_targets = share_rows(ctx, b.rows, shape.slices, numbers, b.shared);
    launch_blocks(ctx, supergat_targets<per(), whole(), edges()>, dim3(unsigned(num_row_blocks(b.rows)), shape.slices), b);
    b.rows = out_edges;
    if (back.dout.data) b.dy = back.dout;
    const Tensor of_sources = share_rows(ctx, b.rows, shape.slices, numbers, b.shared);
    launch_blocks(ctx, supergat_sources<per(), whole(), edges()>, dim3(unsigned(num_row_blocks(b.rows)), shape.slices), b);
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
