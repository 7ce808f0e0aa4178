// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gat_rows.hpp>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/head_lanes.cuh>

// Plan: a warp owns a row, or all warps of a block own a long one, and read the features of an edge's source once. The
// softmax is online: what was summed is scaled down when later edges have a larger logit. See head_lanes.cuh for the lanes.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned at_once = 4;  // edges of a group whose features are read together

struct Rows {
  CsrView in;
  ConstMat source_score, target_score, value;
  Real slope;
  Dropout dropout;
  HeadLanes shape;
  bool whole;
  Mat out;
  AttentionState state;
  GatEnd end;
};

// What was summed over some edges of a row.
template <unsigned per>
struct Sums {
  Real most = -INFINITY, total = 0, positive_total = 0;  // slots
  Real sum[per] = {}, positive[per] = {};                // columns
};

// steps: times the slots, so many edges are looked at before features are read.
template <unsigned per, unsigned steps>
__device__ Sums<per> sum_edges(const Rows& a, const WarpPlace& p, const LaneColumns& c, std::size_t i, EdgeRange range) {
  Sums<per> r;
  const std::size_t heads = a.source_score.cols, h = p.first_head + p.slot_head;
  const unsigned slots = 32 / a.shape.heads;
  const bool has_head = h < heads, keep = a.state.positive_out.data != nullptr;
  const Real to = has_head ? row(a.target_score, i)[h] : Real(0);
  for (std::size_t base = range.first; base < range.last; base += steps * slots) {
    NodeId j[steps];
    Real u[steps], share[steps];
#pragma unroll
    for (unsigned k = 0; k < steps; ++k) {
      const std::size_t e = base + k * slots + p.slot_edge;
      j[k] = e < range.last ? a.in.columns[e] : NodeId(-1);
    }
    Real most = -INFINITY;
#pragma unroll
    for (unsigned k = 0; k < steps; ++k) {
      const bool there = j[k] >= 0 && has_head;
      u[k] = there ? row(a.source_score, std::size_t(j[k]))[h] + to : -INFINITY;
      most = u[k] > most ? u[k] : most;
    }
    // leaky_relu never falls: the largest sum has the largest logit.
    most = max_lanes(most, a.shape.heads, 32);
    most = has_head ? leaky(most, a.slope) : Real(0);
    most = r.most > most ? r.most : most;
    if (base != range.first) {
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
    for (unsigned k = 0; k < steps; ++k) {
      share[k] = 0;
      if (j[k] < 0 || !has_head) continue;
      const Real weight = exp(leaky(u[k], a.slope) - most);
      r.total += weight;
      if (u[k] > 0) r.positive_total += weight;
      const Real m = weight * edge_multiplier(a.dropout, a.in, base + k * slots + p.slot_edge, i, std::size_t(j[k]), h, heads);
      share[k] = u[k] > 0 ? m : -m;  // its sign says on which branch of leaky_relu the edge is
    }
    // A turn reads the features of at_once edges a group; all its loads are under way before the first one is used. Its edges
    // are those of one slot in all steps or, where a step has many slots, of several slots of a step.
    const auto turn = [&](const Real (&s)[at_once], const NodeId (&from)[at_once]) {
      Real x[at_once][per];
#pragma unroll
      for (unsigned b = 0; b < at_once; ++b) {
        if (s[b] == 0 || c.count == 0) {
#pragma unroll
          for (unsigned n = 0; n < per; ++n) x[b][n] = 0;
        } else {
          load_columns(row(a.value, std::size_t(from[b])), c, a.whole, x[b]);
        }
      }
#pragma unroll
      for (unsigned b = 0; b < at_once; ++b) {
        const Real size = s[b] < 0 ? -s[b] : s[b], positive = s[b] < 0 ? Real(0) : s[b];
#pragma unroll
        for (unsigned n = 0; n < per; ++n) {
          r.sum[n] += size * x[b][n];
          if (keep) r.positive[n] += positive * x[b][n];
        }
      }
    };
    Real s[at_once];
    NodeId from[at_once];
    if constexpr (steps == at_once) {
      for (unsigned q = 0; q < slots && base + q < range.last; q += a.shape.groups) {
        const unsigned slot = (q + p.group) * a.shape.heads;
#pragma unroll
        for (unsigned b = 0; b < at_once; ++b) {
          s[b] = __shfl_sync(~0u, share[b], int(slot + p.head));
          from[b] = __shfl_sync(~0u, j[b], int(slot));
        }
        turn(s, from);
      }
    } else {
#pragma unroll
      for (unsigned k = 0; k < steps; ++k) {
        for (unsigned q = 0; q < slots && base + k * slots + q < range.last; q += at_once * a.shape.groups) {
#pragma unroll
          for (unsigned b = 0; b < at_once; ++b) {
            const unsigned slot = (q + b * a.shape.groups + p.group) * a.shape.heads;
            s[b] = __shfl_sync(~0u, share[k], int(slot + p.head));
            from[b] = __shfl_sync(~0u, j[k], int(slot));
          }
          turn(s, from);
        }
      }
    }
  }
  r.total = sum_lanes(r.total, a.shape.heads, 32);
  r.positive_total = sum_lanes(r.positive_total, a.shape.heads, 32);
#pragma unroll
  for (unsigned n = 0; n < per; ++n) {
    r.sum[n] = sum_lanes(r.sum[n], a.shape.heads * a.shape.lanes, 32);
    if (keep) r.positive[n] = sum_lanes(r.positive[n], a.shape.heads * a.shape.lanes, 32);
  }
  return r;
}

template <unsigned per>
__device__ void write_row(const Rows& a, const WarpPlace& p, const LaneColumns& c, std::size_t i, const Sums<per>& r) {
  const std::size_t heads = a.source_score.cols, h = p.first_head + p.slot_head;
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
  if (a.out.data) store_columns(row(a.out, i), c, a.whole, x);
  if (a.end.y.data) {
    Real y[per];
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      y[n] = x[n] + (n < c.count ? a.end.bias[c.first + n] : Real(0));
      if (a.end.elu) y[n] = y[n] > 0 ? y[n] : expm1(y[n]);
    }
    store_columns(row(a.end.y, i), c, a.whole, y);
  }
  if (!a.state.positive_out.data) return;
#pragma unroll
  for (unsigned n = 0; n < per; ++n) x[n] = r.positive[n] * of_columns;
  store_columns(row(a.state.positive_out, i), c, a.whole, x);
}

template <unsigned per, unsigned steps>
__global__ void __launch_bounds__(block_size, 2) gat_rows_kernel(Rows a) {
  __shared__ Real most[warps_of_block][32], total[warps_of_block][32], positive_total[warps_of_block][32];
  __shared__ Real sum[warps_of_block][per][32], positive[warps_of_block][per][32];
  const WarpPlace p(a.shape);
  const std::size_t heads = a.source_score.cols, channels = a.value.cols / heads;
  const LaneColumns c(a.shape, p, heads, channels);
  const unsigned warp = threadIdx.x / 32;
  for_rows(
      a.in,
      [&](std::size_t i, EdgeRange range) { write_row(a, p, c, i, sum_edges<per, steps>(a, p, c, i, range)); },
      [&](std::size_t i, EdgeRange range) {
        Sums<per> r = sum_edges<per, steps>(a, p, c, i, range);
        most[warp][p.lane] = r.most;
        total[warp][p.lane] = r.total;
        positive_total[warp][p.lane] = r.positive_total;
#pragma unroll
        for (unsigned n = 0; n < per; ++n) {
          sum[warp][n][p.lane] = r.sum[n];
          positive[warp][n][p.lane] = r.positive[n];
        }
        __syncthreads();
        if (warp == 0) {
          r = {};
          for (unsigned w = 0; w < warps_of_block; ++w) r.most = most[w][p.lane] > r.most ? most[w][p.lane] : r.most;
          for (unsigned w = 0; w < warps_of_block; ++w) {
            const Real down = exp(most[w][p.lane] - r.most), of_columns = __shfl_sync(~0u, down, int(p.head));
            r.total += down * total[w][p.lane];
            r.positive_total += down * positive_total[w][p.lane];
#pragma unroll
            for (unsigned n = 0; n < per; ++n) {
              r.sum[n] += of_columns * sum[w][n][p.lane];
              r.positive[n] += of_columns * positive[w][n][p.lane];
            }
          }
          write_row(a, p, c, i, r);
        }
        __syncthreads();
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
  share_heads(heads, channels, shape);
  const bool whole = whole_packs(shape, channels, {value, out, state.positive_out, end.y});
  const dim3 blocks(unsigned(num_row_blocks(in)), shape.slices);
  with_columns_and_steps(shape, [&](auto per, auto steps) {
    launch_blocks(ctx, gat_rows_kernel<per(), steps()>, blocks,
                  Rows{in, source_score, target_score, value, slope, dropout, shape, whole, out, state, end});
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
