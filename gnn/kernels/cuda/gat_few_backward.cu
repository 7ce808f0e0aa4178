// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/few_edges.cuh>
#include <gnn/kernels/cuda/gat_rows.hpp>

// The way back through GAT's attention in a small graph, in one pass over sources, where gat_rows_backward.cu has one over targets
// before it: what that finds for a target, each edge into it finds again here. Three gathers in place of one cost less than a
// kernel's start and end; and all but that of dy are made while the kernel that finds dy still runs.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

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

template <unsigned per>
struct Gathered {
  Real dscore = 0, sum[per] = {};  // columns; dscore: of the lane's own columns

  __device__ void add(const Gathered& other) {
    dscore += other.dscore;
#pragma unroll
    for (unsigned n = 0; n < per; ++n) sum[n] += other.sum[n];
  }
};

// What a node's row is written with, besides what was gathered and its own dy.
template <unsigned per>
struct OwnRow {
  Real z[per] = {}, out[per] = {}, positive[per] = {}, y[per] = {}, mass = 0;

  __device__ void load(const Few& a, const WarpPlace& p, const LaneColumns& c, std::size_t j, bool elu) {
    if (p.group != 0 || c.count == 0) return;
    load_columns<true>(row(a.to.z, j), c, z);
    if (j >= a.out.rows) return;
    load_columns<true>(row(a.out, j), c, out);
    load_columns<true>(row(a.state.positive_out, j), c, positive);
    if (elu) load_columns<true>(row(a.y, j), c, y);
    mass = row(a.state.positive_mass, j)[p.head];
  }
};

template <unsigned per, bool elu, class Walk>
__device__ Gathered<per> gather(Follows before, const Few& a, const WarpPlace& p, const LaneColumns& c, std::size_t j, EdgeRange range) {
  using Lanes = typename Walk::Lanes;
  using Edges = FewEdges<Walk>;
  using Features = typename Edges::template Features<per>;
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

// What the blocks sum up along their rows, for the pieces.
template <unsigned per>
struct OverNodes {
  Real of_source[per] = {}, of_target[per] = {}, bias[per] = {};  // columns
  Real of_source_bias = 0, of_target_bias = 0;                    // of the lane's head

  __device__ void add(const OverNodes& other) {
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      of_source[n] += other.of_source[n];
      of_target[n] += other.of_target[n];
      bias[n] += other.bias[n];
    }
    of_source_bias += other.of_source_bias;
    of_target_bias += other.of_target_bias;
  }
};

// Number n of a lane's OverNodes to row `piece`.
template <unsigned per>
__device__ void write_number(const Few& a, const WarpPlace& p, const LaneColumns& c, std::size_t piece, unsigned n, Real x) {
  if (p.group != 0) return;
  if (n >= 3 * per) {
    const Mat& to = n == 3 * per ? a.to.source_bias_pieces : a.to.target_bias_pieces;
    if (to.data && p.part == 0) row(to, piece)[p.head] = x;
    return;
  }
  const Mat& to = n < per ? a.to.source_pieces : n < 2 * per ? a.to.target_pieces : a.bias_pieces;
  if (n % per < c.count) row(to, piece)[c.at(n % per)] = x;
}

// Those of all warps of a block to its piece. All threads call it.
template <unsigned per>
__device__ void write_pieces(const Few& a, const WarpPlace& p, const LaneColumns& c, const OverNodes<per>& own) {
  constexpr unsigned numbers = sizeof own / sizeof(Real);
  static_assert(numbers <= warps_of_block);
  __shared__ Real shared[warps_of_block][numbers][32];
  const unsigned warp = threadIdx.x / 32;
  Real x[numbers];
  memcpy(x, &own, sizeof own);
#pragma unroll
  for (unsigned n = 0; n < numbers; ++n) shared[warp][n][p.lane] = x[n];
  __syncthreads();
  if (warp >= numbers) return;
  Real total = 0;
#pragma unroll
  for (unsigned w = 0; w < warps_of_block; ++w) total += shared[w][warp][p.lane];
  write_number<per>(a, p, c, blockIdx.x, warp, total);
}

// The same of a row that several blocks share: it has pieces of its own, so that it does not matter which block calls. The first
// gets the numbers, the others zeros.
template <unsigned per>
__device__ void write_shared_pieces(const Few& a, const WarpPlace& p, const LaneColumns& c, const OverNodes<per>& own, const RowPart& part) {
  constexpr unsigned numbers = sizeof own / sizeof(Real);
  Real x[numbers];
  memcpy(x, &own, sizeof own);
#pragma unroll 1
  for (unsigned k = 0; k < part.parts; ++k) {
#pragma unroll
    for (unsigned n = 0; n < numbers; ++n) write_number<per>(a, p, c, gridDim.x + part.slot + k, n, k == 0 ? x[n] : Real(0));
  }
}

template <unsigned per, bool elu, class Walk>
__device__ void write_row(const Few& a, const WarpPlace& p, const LaneColumns& c, std::size_t j, const Gathered<per>& r, const OwnRow<per>& own_row,
                          const RowPart& part, OverNodes<per>& all) {
  using Lanes = typename Walk::Lanes;
  const bool has_columns = p.group == 0 && c.count > 0;
  Real d[per] = {}, kept[per];
  if (has_columns && j < a.out.rows) load_columns<true>(row(a.dy, j), c, d);
  Real along = 0, along_positive = 0;
#pragma unroll
  for (unsigned n = 0; n < per; ++n) {
    if constexpr (elu) d[n] *= elu_derivative(own_row.y[n]);
    along += d[n] * own_row.out[n];
    along_positive += d[n] * own_row.positive[n];
    kept[n] = 1;
  }
  along = sum_lanes<Lanes::unroll>(along, 1, Lanes::lanes);
  along_positive = sum_lanes<Lanes::unroll>(along_positive, 1, Lanes::lanes);
  if (!has_columns) return;
  const Real dtarget = (1 - a.slope) * (along_positive - along * own_row.mass);
  if (a.to.dropout.threshold != 0)
    feature_multipliers(a.to.dropout, std::uint64_t(a.to.ids ? std::size_t(a.to.ids[j]) : j) * a.value.cols + c.first, kept);
  OverNodes<per> own;
  Real dz[per];
#pragma unroll
  for (unsigned n = 0; n < per; ++n) {
    dz[n] = kept[n] * r.sum[n] + r.dscore * a.to.source_vector[c.at(n)] + dtarget * a.to.target_vector[c.at(n)];
    own.of_source[n] = r.dscore * own_row.z[n];
    own.of_target[n] = dtarget * own_row.z[n];
    own.bias[n] = d[n];
  }
  store_columns<true>(row(a.to.dz, j), c, dz);
  own.of_source_bias = r.dscore;
  own.of_target_bias = dtarget;
  if (part.parts > 1) return write_shared_pieces(a, p, c, own, part);
  all.add(own);
}

template <unsigned per, bool elu, class Walk>
__global__ void __launch_bounds__(block_size, 2) gat_few_backward_rows(Follows before, Few a) {
  before.wait_later();
  if (!a.reads_early) before.wait();
  const typename Walk::Lanes lanes(a.shape);
  const WarpPlace p(lanes);
  const LaneColumns c(lanes, p, Walk::Lanes::heads, per, false);
  OverNodes<per> all;
  OwnRow<per> own;
  sum_rows<Gathered<per>, ShortRows::dealt_by_list>(
      a.out_edges, a.shared,
      [&](std::size_t j, EdgeRange range) {
        own.load(a, p, c, j, elu);
        return gather<per, elu, Walk>(before, a, p, c, j, range);
      },
      [](Gathered<per>& sums, const Gathered<per>& more) { sums.add(more); },
      [&](std::size_t j, const Gathered<per>& r, const RowPart& part) { write_row<per, elu, Walk>(a, p, c, j, r, own, part, all); });
  write_pieces(a, p, c, all);
}

}  // namespace

bool gat_few_backward(Context& ctx, CsrView out_edges, Real slope, Dropout dropout, ConstMat source_score, ConstMat target_score,
                      ConstMat value, ConstMat out, AttentionState state, ConstMat dy, GatEnd end, GatSources to, Mat bias_pieces,
                      std::size_t launched) {
  HeadLanes shape;
  const std::size_t heads = source_score.cols, channels = value.cols / heads;
  if (end.through.data) return false;
  if (!share_heads_of(std::size_t(out_edges.num_rows), heads, channels, shape)) return false;
  const bool is_whole = whole_packs(shape, channels, {value, out, state.positive_out, dy, end.y, to.z, to.dz});
  bool done = false;
  with_columns_and_any_walk(shape, out_edges, heads, is_whole, [&](auto per, auto, auto walk) {
    using Of = decltype(walk);
    if constexpr (has_few_edges<Of>) {
      SharedRows shared;
      const Tensor memory = share_rows(ctx, out_edges, 1, sizeof(Gathered<per()>) / sizeof(Real), shared);
      const Few a{out_edges, shared, shape, slope, dropout, source_score, target_score, value, out, state, dy, end.y, to, bias_pieces,
                  ctx.cuda().launched > launched};
      launch_blocks(ctx, end.elu ? gat_few_backward_rows<per(), true, Of> : gat_few_backward_rows<per(), false, Of>,
                    dim3(unsigned(to.source_pieces.rows - out_edges.num_slots)), a);
      done = true;
    }
  });
  return done;
}

}  // namespace gnn::inline GNN_PRECISION::cuda
