// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gat_rows.hpp>

#include <gnn/kernels/cuda/edge_turns.cuh>
#include <gnn/kernels/cuda/few_edges.cuh>

// Plan: see row_sums.cuh for who owns a row and head_lanes.cuh for the lanes. The features of an edge's source are read once.
// The softmax is online: what was summed is scaled down when later edges have a larger logit.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct Rows {
  CsrView in;
  SharedRows shared;
  ConstMat source_score, target_score, value;
  Real slope;
  Dropout dropout;
  HeadLanes shape;
  Mat out;
  AttentionState state;
  GatEnd end;
};

// What was summed over some edges of a row.
template <unsigned per>
struct Sums {
  Real most = -INFINITY, total = 0, positive_total = 0;  // slots
  Real sum[per] = {}, positive[per] = {};                // columns

  __device__ void add(const Sums& other, unsigned head) {
    const Real next = other.most > most ? other.most : most;
    const Real down = most == next ? Real(1) : exp(most - next), other_down = other.most == next ? Real(1) : exp(other.most - next);
    const Real of_columns = __shfl_sync(~0u, down, int(head)), other_of_columns = __shfl_sync(~0u, other_down, int(head));
    most = next;
    total = down * total + other_down * other.total;
    positive_total = down * positive_total + other_down * other.positive_total;
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      sum[n] = of_columns * sum[n] + other_of_columns * other.sum[n];
      positive[n] = of_columns * positive[n] + other_of_columns * other.positive[n];
    }
  }
};

template <unsigned per, bool whole, class Walk>
__device__ Sums<per> sum_edges(const Rows& a, const HeadLanes& lanes, const WarpPlace& p, const LaneColumns& c, std::size_t i,
                               EdgeRange range) {
  Sums<per> r;
  const unsigned heads = lanes.num_heads(a.source_score.cols), h = p.first_head + p.slot_head, slots = lanes.slots();
  const bool has_head = h < heads, keep = a.state.positive_out.data != nullptr;
  const Real to = has_head ? row(a.target_score, i)[h] : Real(0);
  const NodeId* columns = a.in.columns + range.first;
  const unsigned count = unsigned(range.last - range.first);  // of a warp's edges
  for (unsigned base = 0; base < count; base += Walk::steps * slots) {
    NodeId j[Walk::steps];
    Real of_source[Walk::steps], share[Walk::steps];
#pragma unroll
    for (unsigned k = 0; k < Walk::steps; ++k) {
      const unsigned e = base + k * slots + p.slot_edge;
      j[k] = e < count ? columns[e] : NodeId(-1);
    }
#pragma unroll
    for (unsigned k = 0; k < Walk::steps; ++k) of_source[k] = j[k] >= 0 && has_head ? row_of(a.source_score, j[k])[h] : -INFINITY;
    const auto find_shares = [&] {
      Real most = -INFINITY, u[Walk::steps];
#pragma unroll
      for (unsigned k = 0; k < Walk::steps; ++k) {
        u[k] = of_source[k] + to;
        most = u[k] > most ? u[k] : most;
      }
      // leaky_relu never falls: the largest sum has the largest logit.
      most = max_lanes(most, lanes.heads, 32);
      most = has_head ? leaky(most, a.slope) : Real(0);
      most = r.most > most ? r.most : most;
      if (base != 0) {
        const Real down = exp(r.most - most), of_columns = __shfl_sync(~0u, down, int(p.head));
        r.total *= down;
        r.positive_total *= down;
#pragma unroll
        for (unsigned k = 0; k < per; ++k) {
          r.sum[k] *= of_columns;
          r.positive[k] *= of_columns;
        }
      }
      r.most = most;
#pragma unroll
      for (unsigned k = 0; k < Walk::steps; ++k) {
        share[k] = 0;
        if (j[k] < 0 || !has_head) continue;
        const Real weight = exp(leaky(u[k], a.slope) - most);
        r.total += weight;
        if (u[k] > 0) r.positive_total += weight;
        const Real m = weight * edge_multiplier(a.dropout, a.in, range.first + base + k * slots + p.slot_edge, i, std::size_t(j[k]), h, heads);
        share[k] = u[k] > 0 ? m : -m;  // its sign says on which branch of leaky_relu the edge is
      }
    };
    for_turns<per, whole, whole, Walk>(lanes, p, c, a.value, base, count, a.dropout.threshold == 0, share, j, find_shares,
                   [&](const Real (&s)[Walk::turn], const Real (&x)[Walk::turn][per]) {
#pragma unroll
                     for (unsigned b = 0; b < Walk::turn; ++b) {
                       const Real size = s[b] < 0 ? -s[b] : s[b], positive = s[b] < 0 ? Real(0) : s[b];
#pragma unroll
                       for (unsigned n = 0; n < per; ++n) {
                         r.sum[n] += size * x[b][n];
                         if (keep) r.positive[n] += positive * x[b][n];
                       }
                     }
                   });
  }
  r.total = sum_lanes(r.total, lanes.heads, 32);
  r.positive_total = sum_lanes(r.positive_total, lanes.heads, 32);
  sum_lanes(r.sum, lanes.heads * lanes.lanes, 32);
  if (keep) sum_lanes(r.positive, lanes.heads * lanes.lanes, 32);
  return r;
}

// The same for a warp that has few edges.
template <unsigned per, class Walk>
__device__ Sums<per> sum_few_edges(const Rows& a, Follows before, const WarpPlace& p, LaneColumns c, std::size_t i, EdgeRange range) {
  using Lanes = typename Walk::Lanes;
  using Edges = FewEdges<Walk>;
  constexpr unsigned heads = Lanes::heads, unroll = Lanes::unroll;
  Sums<per> r;
  if (c.count == 0) c.first = 0;
  const unsigned count = unsigned(range.last - range.first);
  for (unsigned base = 0; base < count; base += Edges::steps * Edges::slots) {
    const Edges edges(p, a.in.columns + range.first, base, count);
    Real u[Edges::steps], share[Edges::steps], most = -INFINITY;
    edges.multipliers(p, a.dropout, a.in, range.first, [i](NodeId j) { return EdgeEnds{i, std::size_t(j)}; }, share);
    before.wait();  // for scores and values; the edges and their draws were there
    before.start_next();
    const Real to = row(a.target_score, i)[p.slot_head];
#pragma unroll
    for (unsigned k = 0; k < Edges::steps; ++k) u[k] = row_of(a.source_score, edges.node[k])[p.slot_head];
    typename Edges::template Features<per> features;
    edges.load(p, c, a.value, features);
#pragma unroll
    for (unsigned k = 0; k < Edges::steps; ++k) {
      u[k] = edges.there(p, k) ? u[k] + to : -INFINITY;
      most = u[k] > most ? u[k] : most;
    }
    // leaky_relu never falls: the largest sum has the largest logit.
    most = leaky(max_lanes<unroll>(most, heads, 32), a.slope);
    if (base > 0) {
      most = r.most > most ? r.most : most;
      const Real down = exp(r.most - most), of_columns = __shfl_sync(~0u, down, int(p.head));
      r.total *= down;
      r.positive_total *= down;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) {
        r.sum[n] *= of_columns;
        r.positive[n] *= of_columns;
      }
    }
    r.most = most;
#pragma unroll
    for (unsigned k = 0; k < Edges::steps; ++k) {
      const Real weight = edges.there(p, k) ? exp(leaky(u[k], a.slope) - most) : Real(0), m = weight * share[k];
      r.total += weight;
      r.positive_total += u[k] > 0 ? weight : Real(0);
      share[k] = u[k] > 0 ? m : -m;  // its sign says on which branch of leaky_relu the edge is
    }
    edges.visit(p, share, features, [&](Real s, const Real (&x)[per]) {
      const Real size = s < 0 ? -s : s, positive = s < 0 ? Real(0) : s;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) {
        r.sum[n] += size * x[n];
        r.positive[n] += positive * x[n];
      }
    });
  }
  r.total = sum_lanes<unroll>(r.total, heads, 32);
  r.positive_total = sum_lanes<unroll>(r.positive_total, heads, 32);
  sum_lanes<unroll>(r.sum, heads * Lanes::lanes, 32);
  sum_lanes<unroll>(r.positive, heads * Lanes::lanes, 32);
  return r;
}

template <unsigned per, bool whole, class Lanes>
__device__ void write_row(const Rows& a, const Lanes& lanes, const WarpPlace& p, const LaneColumns& c, std::size_t i, const Sums<per>& r) {
  const unsigned heads = lanes.num_heads(a.source_score.cols), h = p.first_head + p.slot_head;
  // What comes from memory is under way before it is needed.
  Real end[per] = {};
  if (a.end.y.data && p.group == 0 && c.count > 0) {
    load_columns<false>(a.end.bias, c, end);
    if (a.end.second_bias) {
      Real more[per];
      load_columns<false>(a.end.second_bias, c, more);
#pragma unroll
      for (unsigned n = 0; n < per; ++n) end[n] += more[n];
    }
    if (a.end.through.data) {
      Real through[per];
      load_columns<whole>(row(a.end.through, i), c, through);
#pragma unroll
      for (unsigned n = 0; n < per; ++n) end[n] += through[n];
    }
  }
  const Real inverse = r.total > 0 ? 1 / r.total : r.total;  // 0 without edges, and NaN stays
  if (p.slot_edge == 0 && h < heads && a.state.maximum.data) {
    row(a.state.maximum, i)[h] = r.total > 0 ? r.most : Real(0);
    row(a.state.sum, i)[h] = r.total;
    if (a.state.positive_mass.data) row(a.state.positive_mass, i)[h] = r.positive_total * inverse;
  }
  const Real of_columns = __shfl_sync(~0u, inverse, int(p.head));
  if (p.group != 0 || c.count == 0) return;
  Real x[per];
#pragma unroll
  for (unsigned n = 0; n < per; ++n) x[n] = r.sum[n] * of_columns;
  if (a.out.data) store_columns_away<whole>(row(a.out, i), c, x);
  if (a.end.y.data) {
    Real y[per];
#pragma unroll
    for (unsigned n = 0; n < per; ++n) y[n] = x[n] + end[n];
    if (a.end.elu) {
#pragma unroll
      for (unsigned n = 0; n < per; ++n) y[n] = elu_of(y[n]);
    }
    store_columns_away<whole>(row(a.end.y, i), c, y);
  }
  if (!a.state.positive_out.data) return;
#pragma unroll
  for (unsigned n = 0; n < per; ++n) x[n] = r.positive[n] * of_columns;
  store_columns_away<whole>(row(a.state.positive_out, i), c, x);
}

template <unsigned per, bool whole, class Walk>
__global__ void __launch_bounds__(block_size, 2) gat_rows_kernel(Follows before, Rows a) {
  before.wait_later();
  if constexpr (!has_few_edges<Walk>) before.wait();
  const typename Walk::Lanes lanes(a.shape);
  const WarpPlace p(lanes);
  const LaneColumns c(lanes, p, a.source_score.cols, per, !whole);
  sum_rows<Sums<per>, has_few_edges<Walk> ? ShortRows::dealt_by_list : ShortRows::handed_out>(
      a.in, a.shared,
      [&](std::size_t i, EdgeRange range) {
        if constexpr (has_few_edges<Walk>) return sum_few_edges<per, Walk>(a, before, p, c, i, range);
        else return sum_edges<per, whole, Walk>(a, lanes, p, c, i, range);
      },
      [&](Sums<per>& sums, const Sums<per>& more) { sums.add(more, p.head); },
      [&](std::size_t i, const Sums<per>& r, const RowPart&) {
        before.wait();  // for a row without edges
        write_row<per, whole>(a, lanes, p, c, i, r);
      });
}

}  // namespace

bool gat_rows_fit(std::size_t heads, std::size_t channels) {
  HeadLanes unused;
  return share_heads(heads, channels, unused);
}

void gat_rows(Context& ctx, CsrView in, ConstMat source_score, ConstMat target_score, ConstMat value, Real slope, Dropout dropout,
              Mat out, AttentionState state, GatEnd end) {
  HeadLanes shape;
  const std::size_t heads = source_score.cols, channels = value.cols / heads;
  share_heads_of(std::size_t(in.num_rows), heads, channels, shape);
  const bool is_whole = whole_packs(shape, channels, {value, out, state.positive_out, end.y, end.through});
  with_columns_and_any_walk(shape, in, heads, is_whole, [&](auto per, auto whole, auto walk) {
    SharedRows shared;
    const Tensor memory = share_rows(ctx, in, shape.slices, sizeof(Sums<per()>) / sizeof(Real), shared);
    launch_blocks(ctx, gat_rows_kernel<per(), whole(), decltype(walk)>, dim3(unsigned(num_row_blocks(in)), shape.slices),
                  Rows{in, shared, source_score, target_score, value, slope, dropout, shape, out, state, end});
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
