// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/few_edges.cuh>
#include <gnn/kernels/cuda/gat_rows.hpp>

// The way back through GAT's attention in a small graph, in one pass over sources, where gat_rows_backward.cu has one over targets
// before it: what that finds for a target, each edge into it finds again here. Three gathers in place of one cost less than a
// kernel's start and end; and all but that of dy are made while the kernel that finds dy still runs.
namespace gnn::inline GNN_PRECISION::cuda {

/// A launch.
struct Few {
  CsrView out_edges;
  SharedRows shared;
  HeadLanes shape;
  Real slope;
  Dropout dropout;
  ConstMat source_score, target_score, value, out;
  AttentionState state;
  ConstMat dy, y;
  GatSources to;
  Mat bias_pieces;
  bool reads_early;  // all but dy was there before the kernel in front of this one began
};

/// What a source finds over its edges.
template <unsigned per>
struct Gathered {
  Real dscore = 0, sum[per] = {};  // columns; dscore: of the lane's own columns

  __device__ void add(const Gathered& other) {
    dscore += other.dscore;
#pragma unroll
    for (unsigned n = 0; n < per; ++n) sum[n] += other.sum[n];
  }
};

/// What a node's row is written with, besides what was gathered and its own dy.
template <unsigned per>
struct OwnRow {
  Real z[per] = {}, out[per] = {}, positive[per] = {}, y[per] = {}, mass = 0;

  __device__ void load(const Few& a, const WarpPlace& p, const LaneColumns& c, std::size_t j, bool elu) {
    if (p.group != 0 || c.count == 0) return;
    if (a.to.z.data) load_columns<true>(row(a.to.z, j), c, z);
    if (j >= a.out.rows) return;
    load_columns<true>(row(a.out, j), c, out);
    load_columns<true>(row(a.state.positive_out, j), c, positive);
    if (elu) load_columns<true>(row(a.y, j), c, y);
    mass = row(a.state.positive_mass, j)[p.head];
  }
};

template <unsigned per, bool elu, class Walk>
__device__ Gathered<per> gather(const Few& a, Follows before, const WarpPlace& p, const LaneColumns& c, std::size_t j, EdgeRange range) {
  using Lanes = typename Walk::Lanes;
  using Edges = FewEdges<Walk>;
  Gathered<per> r;
  LaneColumns read = c;
  if (c.count == 0) read.first = 0;
  const Real from = row(a.source_score, j)[p.slot_head];
  Real own[per];
  load_columns<true>(row(a.value, j), read, own);
  const unsigned count = unsigned(range.last - range.first);
  for (unsigned base = 0; base < count; base += Edges::steps * Edges::slots) {
    const Edges edges(p, a.out_edges.columns + range.first, base, count);
    Real to[Edges::steps], most[Edges::steps], sum[Edges::steps], share[Edges::steps], weight[Edges::steps];
#pragma unroll
    for (unsigned k = 0; k < Edges::steps; ++k) {
      to[k] = row_of(a.target_score, edges.node[k])[p.slot_head];
      most[k] = row_of(a.state.maximum, edges.node[k])[p.slot_head];
      sum[k] = row_of(a.state.sum, edges.node[k])[p.slot_head];
    }
    edges.multipliers(p, a.dropout, a.out_edges, range.first, [j](NodeId i) { return EdgeEnds{std::size_t(i), j}; }, share);
#pragma unroll
    for (unsigned k = 0; k < Edges::steps; ++k) {
      const Real u = from + to[k], derivative = u > 0 ? Real(1) : a.slope;
      const Real alpha = edges.there(p, k) ? exp(u * derivative - most[k]) / sum[k] : Real(0), m = alpha * share[k];
      weight[k] = alpha * derivative;
      share[k] = u > 0 ? m : -m;  // its sign says on which branch of leaky_relu the edge is
    }
    // The three rows of an edge take registers: a turn's are under way at once.
#pragma unroll
    for (unsigned t = 0; t < Edges::steps * Edges::turns; ++t) {
      const unsigned k = t / Edges::turns, turn = t % Edges::turns;
      if (!edges.has_turn(k, turn)) continue;
      Real dy[Walk::turn][per], out[Walk::turn][per], y[Walk::turn][per];
#pragma unroll
      for (unsigned b = 0; b < Walk::turn; ++b) {
        const NodeId i = edges.node_of(p, k, turn, b);
        load_row(a.out, read, i, out[b]);
        if constexpr (elu) load_row(a.y, read, i, y[b]);
      }
      before.wait();
      before.start_next();
#pragma unroll
      for (unsigned b = 0; b < Walk::turn; ++b) load_row(a.dy, read, edges.node_of(p, k, turn, b), dy[b]);
#pragma unroll
      for (unsigned b = 0; b < Walk::turn; ++b) {
        const int slot = int(Edges::slot_of(p, turn, b) + p.head);
        const Real s = __shfl_sync(~0u, share[k], slot), w = __shfl_sync(~0u, weight[k], slot), size = s < 0 ? -s : s;
        Real with_value = 0, with_out = 0;
#pragma unroll
        for (unsigned n = 0; n < per; ++n) {
          Real d = dy[b][n];
          if constexpr (elu) d *= elu_derivative(y[b][n]);
          if (w == 0) d = 0;  // a row that does not count may hold NaN
          with_value += d * own[n];
          with_out += d * (w == 0 ? Real(0) : out[b][n]);
          r.sum[n] += size * d;
        }
        r.dscore += (s < 0 ? a.slope * size : size) * with_value - w * with_out;
      }
    }
  }
  before.wait();  // of a row without edges
  if (c.count == 0) r.dscore = 0;
  constexpr unsigned unroll = Lanes::unroll;
  r.dscore = sum_lanes<unroll>(sum_lanes<unroll>(r.dscore, Lanes::heads * Lanes::lanes, 32), 1, Lanes::lanes);
  sum_lanes<unroll>(r.sum, Lanes::heads * Lanes::lanes, 32);
  return r;
}

/// The gradient of a target's score, of the lane's head: see kernels::gat_attention_backward. d: dy as it was before the layer's end,
/// which this finds, too. All lanes call it.
template <unsigned per, bool elu, class Walk>
__device__ Real target_gradient(const Few& a, const OwnRow<per>& own, Real (&d)[per]) {
  using Lanes = typename Walk::Lanes;
  Real along = 0, along_positive = 0;
#pragma unroll
  for (unsigned n = 0; n < per; ++n) {
    if constexpr (elu) d[n] *= elu_derivative(own.y[n]);
    along += d[n] * own.out[n];
    along_positive += d[n] * own.positive[n];
  }
  along = sum_lanes<Lanes::unroll>(along, 1, Lanes::lanes);
  along_positive = sum_lanes<Lanes::unroll>(along_positive, 1, Lanes::lanes);
  return (1 - a.slope) * (along_positive - along * own.mass);
}

/// write(j, r, own, part) for every source, by one warp, see sum_rows(). All threads call it.
template <unsigned per, bool elu, class Walk, class Write>
__device__ void for_sources(const Few& a, Follows before, const WarpPlace& p, const LaneColumns& c, const Write& write) {
  OwnRow<per> own;
  sum_rows<Gathered<per>, ShortRows::dealt_by_list>(
      a.out_edges, a.shared,
      [&](std::size_t j, EdgeRange range) {
        own.load(a, p, c, j, elu);
        return gather<per, elu, Walk>(a, before, p, c, j, range);
      },
      [](Gathered<per>& sums, const Gathered<per>& more) { sums.add(more); },
      [&](std::size_t j, const Gathered<per>& r, const RowPart& part) { write(j, r, own, part); });
}

/// Calls launch(per, walk, a) for one of few_edges.cuh's shapes; else returns false.
template <class Launch>
bool launch_few(Context& ctx, Few a, std::initializer_list<ConstMat> matrices, const Launch& launch) {
  const std::size_t heads = a.source_score.cols, channels = a.value.cols / heads;
  if (!share_heads_of(std::size_t(a.out_edges.num_rows), heads, channels, a.shape)) return false;
  bool done = false;
  with_columns_and_any_walk(a.shape, a.out_edges, heads, whole_packs(a.shape, channels, matrices), [&](auto per, auto, auto walk) {
    if constexpr (has_few_edges<decltype(walk)>) {
      const Tensor memory = share_rows(ctx, a.out_edges, 1, sizeof(Gathered<per()>) / sizeof(Real), a.shared);
      launch(per, walk, a);
      done = true;
    }
  });
  return done;
}

}  // namespace gnn::inline GNN_PRECISION::cuda
