// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/gat_rows.hpp>
#include <gnn/kernels/cuda/edge_turns.cuh>
#include <gnn/kernels/cuda/row_softmax.cuh>

// Plan: in the pass over targets a warp owns as many rows as it has groups; for that over sources see row_sums.cuh. Blocks are
// dealt rows in turn, so that each writes one piece of the sums over nodes. The sum over
// edges of <dout, value> is not reduced edge by edge: each lane sums its own columns' part, and the lanes meet at the end.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

// What write_column_piece does, for a number a head, which the first lane of the head has.
__device__ void write_head_piece(const WarpPlace& p, std::size_t heads, Real sum, const Mat& pieces) {
  __shared__ Real shared[warps_of_block][32];
  const unsigned warp = threadIdx.x / 32;
  const std::size_t h = p.first_head + p.head;
  __syncthreads();
  shared[warp][p.lane] = sum;
  __syncthreads();
  if (warp != 0 || p.group != 0 || p.part != 0 || h >= heads) return;
  for (unsigned w = 1; w < warps_of_block; ++w) sum += shared[w][p.lane];
  row(pieces, blockIdx.x)[h] = sum;
}

struct Targets {
  HeadLanes shape;
  std::size_t heads;
  Real slope;
  ConstMat target_score, out;
  AttentionState state;
  ConstMat dy;
  GatEnd end;
  bool of_mean;
  Mat dout, edge_numbers;
  bool add;
  Mat dtarget_score, bias_pieces;
};

// The same columns where all heads share one head's.
__device__ LaneColumns in_head(const LaneColumns& c, const WarpPlace& p, std::size_t channels) {
  LaneColumns one = c;
  one.first -= (p.first_head + p.head) * channels;
  return one;
}

template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size) backward_targets(Follows before, Targets a) {
  before.wait();
  const WarpPlace p(a.shape);
  const std::size_t h = p.first_head + p.head;
  const LaneColumns c(a.shape, p, a.heads, !whole), of_dy = a.of_mean ? in_head(c, p, a.shape.channels) : c;
  const Real factor = a.of_mean ? 1 / Real(a.heads) : Real(1);
  const std::size_t warps = std::size_t(gridDim.x) * warps_of_block, warp = blockIdx.x * warps_of_block + threadIdx.x / 32;
  Real bias[per] = {};
  for (std::size_t base = warp * a.shape.groups; base < a.out.rows; base += warps * a.shape.groups) {
    const std::size_t i = base + p.group;
    Real along = 0, along_positive = 0, score = 0, most = 0, sum = 0, mass = 0;
    const bool writes = i < a.out.rows && p.part == 0 && h < a.heads;
    if (writes) {  // all that is read is under way at once
      score = row(a.target_score, i)[h];
      most = row(a.state.maximum, i)[h];
      sum = row(a.state.sum, i)[h];
      mass = row(a.state.positive_mass, i)[h];
    }
    if (i < a.out.rows && c.count > 0) {
      Real d[per], x[per], positive[per];
      load_columns<whole>(row(a.dy, i), of_dy, d);
#pragma unroll
      for (unsigned n = 0; n < per; ++n) d[n] *= factor;
      load_columns<whole>(row(a.out, i), c, x);
      load_columns<whole>(row(a.state.positive_out, i), c, positive);
      if (a.end.elu) {
        Real y[per];
        load_columns<whole>(row(a.end.y, i), c, y);
#pragma unroll
        for (unsigned n = 0; n < per; ++n) d[n] *= elu_derivative(y[n]);
        store_columns<whole>(row(a.dout, i), c, d);
      }
#pragma unroll
      for (unsigned n = 0; n < per; ++n) {
        along += d[n] * x[n];
        along_positive += d[n] * positive[n];
        bias[n] += d[n];
      }
    }
    along = sum_lanes(along, 1, a.shape.lanes);
    along_positive = sum_lanes(along_positive, 1, a.shape.lanes);
    if (!writes) continue;
    *reinterpret_cast<Pack<gat_edge_numbers>*>(row(a.edge_numbers, i) + h * gat_edge_numbers) = {score, most, sum > 0 ? 1 / sum : Real(0), along};
    const Real gradient = (1 - a.slope) * (along_positive - along * mass);
    Real& to = row(a.dtarget_score, i)[h];
    to = a.add ? to + gradient : gradient;
  }
  if (!a.bias_pieces.data) return;
  sum_lanes(bias, a.shape.heads * a.shape.lanes, 32);
  write_column_piece(p, c, bias, a.bias_pieces, blockIdx.x);
}

struct Sources {
  CsrView out_edges;
  SharedRows shared;
  HeadLanes shape;
  std::size_t heads;
  Real slope;
  Dropout dropout;
  ConstMat source_score, value, edge_numbers, dout;
  bool of_mean;
  GatSources to;
};

template <unsigned per>
struct Gathered {
  Real correction = 0;             // slots
  Real along = 0, sum[per] = {};   // columns; along: of the lane's own columns

  __device__ void add(const Gathered& other) {
    correction += other.correction;
    along += other.along;
#pragma unroll
    for (unsigned n = 0; n < per; ++n) sum[n] += other.sum[n];
  }
};

template <unsigned per, bool whole, class Walk>
__device__ Gathered<per> gather_edges(const Sources& a, const WarpPlace& p, const LaneColumns& c, std::size_t j, EdgeRange range) {
  const HeadLanes& lanes = a.shape;
  Gathered<per> r;
  const LaneColumns of_dout = a.of_mean ? in_head(c, p, lanes.channels) : c;
  const unsigned heads = unsigned(a.heads), h = p.first_head + p.slot_head, slots = lanes.slots();
  const bool has_head = h < heads;
  const Real from = has_head ? row(a.source_score, j)[h] : Real(0);
  Real own[per] = {};
  if (c.count > 0) load_columns<whole>(row(a.value, j), c, own);
  const NodeId* columns = a.out_edges.columns + range.first;
  const unsigned count = unsigned(range.last - range.first);  // of a warp's edges
  for (unsigned base = 0; base < count; base += Walk::steps * slots) {
    NodeId i[Walk::steps];
    Real share[Walk::steps];
    Pack<gat_edge_numbers> numbers[Walk::steps];
#pragma unroll
    for (unsigned k = 0; k < Walk::steps; ++k) {
      const unsigned e = base + k * slots + p.slot_edge;
      i[k] = e < count ? columns[e] : NodeId(-1);
    }
#pragma unroll
    for (unsigned k = 0; k < Walk::steps; ++k) {
      if (i[k] < 0 || !has_head) continue;
      numbers[k] = *reinterpret_cast<const Pack<gat_edge_numbers>*>(row_of(a.edge_numbers, i[k]) + h * gat_edge_numbers);
    }
    const auto find_shares = [&] {
#pragma unroll
      for (unsigned k = 0; k < Walk::steps; ++k) {
        share[k] = 0;
        if (i[k] < 0 || !has_head) continue;
        const Real u = from + numbers[k].x[0], derivative = u > 0 ? Real(1) : a.slope;
        const Real alpha = exp(u * derivative - numbers[k].x[1]) * numbers[k].x[2];
        r.correction += alpha * derivative * numbers[k].x[3];
        const Real m = alpha * edge_multiplier(a.dropout, a.out_edges, range.first + base + k * slots + p.slot_edge, std::size_t(i[k]), j, h, heads);
        share[k] = u > 0 ? m : -m;  // its sign says on which branch of leaky_relu the edge is
      }
    };
    for_turns<per, whole, false, Walk>(lanes, p, of_dout, a.dout, base, count, false, share, i, find_shares,
                   [&](const Real (&s)[Walk::turn], const Real (&x)[Walk::turn][per]) {
#pragma unroll
                     for (unsigned b = 0; b < Walk::turn; ++b) {
                       const Real size = s[b] < 0 ? -s[b] : s[b];
                       Real part = 0;
#pragma unroll
                       for (unsigned n = 0; n < per; ++n) {
                         part += x[b][n] * own[n];
                         r.sum[n] += size * x[b][n];
                       }
                       r.along += (s[b] < 0 ? a.slope * size : size) * part;
                     }
                   });
  }
  r.correction = sum_lanes(r.correction, lanes.heads, 32);
  const Real factor = a.of_mean ? 1 / Real(heads) : Real(1);
  r.along = factor * sum_lanes(sum_lanes(r.along, lanes.heads * lanes.lanes, 32), 1, lanes.lanes);
  sum_lanes(r.sum, lanes.heads * lanes.lanes, 32);
#pragma unroll
  for (unsigned n = 0; n < per; ++n) r.sum[n] *= factor;
  return r;
}

template <unsigned per, bool whole, class Walk>
__global__ void __launch_bounds__(block_size, 2) backward_sources(Follows before, Sources a) {
  before.wait();
  const WarpPlace p(a.shape);
  const unsigned heads = unsigned(a.heads), h = p.first_head + p.head;
  const LaneColumns c(a.shape, p, heads, !whole);
  Real dsource_vector[per] = {}, dtarget_vector[per] = {};
  Real dsource_bias = 0, dtarget_bias = 0;
  const auto write_row = [&](std::size_t j, const Gathered<per>& r, const RowPart& part) {
    const Real dscore = r.along - __shfl_sync(~0u, r.correction, int(p.head));
    if (p.group != 0 || c.count == 0) return;
    if (!a.to.source_vector) {
      if (p.part == 0 && h < heads) row(a.to.dsource_score, j)[h] += dscore;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) {
        if (n < c.count) row(a.to.dvalue, j)[c.at(n)] += r.sum[n];
      }
      return;
    }
    const Real dtarget = j < a.to.dtarget_score.rows ? row(a.to.dtarget_score, j)[h] : Real(0);
    Real z[per], dz[per], kept[per];
    load_columns<whole>(row(a.to.z, j), c, z);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) kept[n] = 1;
    if (a.to.dropout.threshold != 0) {
      const std::uint64_t before = std::uint64_t(a.to.ids ? std::size_t(a.to.ids[j]) : j) * a.value.cols;
      if (c.step == 1) {
        feature_multipliers(a.to.dropout, before + c.first, kept);
      } else {
#pragma unroll
        for (unsigned n = 0; n < per; ++n) kept[n] = feature_multiplier(a.to.dropout, before + c.at(n));
      }
    }
    Real of_source[per], of_target[per];
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      const std::size_t at = n < c.count ? c.at(n) : c.first;
      dz[n] = kept[n] * r.sum[n] + dscore * a.to.source_vector[at] + dtarget * a.to.target_vector[at];
      of_source[n] = dscore * z[n];
      of_target[n] = dtarget * z[n];
    }
    store_columns<whole>(row(a.to.dz, j), c, dz);
    if (part.parts > 1) {
      write_shared_row_piece(p, c, of_source, a.to.source_pieces, gridDim.x, part);
      write_shared_row_piece(p, c, of_target, a.to.target_pieces, gridDim.x, part);
      for (std::size_t k = 0; k < part.parts && a.to.source_bias_pieces.data && p.part == 0; ++k) {
        row(a.to.source_bias_pieces, gridDim.x + part.slot + k)[h] = k == 0 ? dscore : Real(0);
        row(a.to.target_bias_pieces, gridDim.x + part.slot + k)[h] = k == 0 ? dtarget : Real(0);
      }
      return;
    }
    dsource_bias += dscore;
    dtarget_bias += dtarget;
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      dsource_vector[n] += of_source[n];
      dtarget_vector[n] += of_target[n];
    }
  };
  sum_rows<Gathered<per>, ShortRows::dealt_sorted>(
      a.out_edges, a.shared,
      [&](std::size_t j, EdgeRange range) { return gather_edges<per, whole, Walk>(a, p, c, j, range); },
      [](Gathered<per>& sums, const Gathered<per>& more) { sums.add(more); }, write_row);
  if (!a.to.source_vector) return;
  write_column_piece(p, c, dsource_vector, a.to.source_pieces, blockIdx.x);
  write_column_piece(p, c, dtarget_vector, a.to.target_pieces, blockIdx.x);
  if (!a.to.source_bias_pieces.data) return;
  write_head_piece(p, heads, dsource_bias, a.to.source_bias_pieces);
  write_head_piece(p, heads, dtarget_bias, a.to.target_bias_pieces);
}

}  // namespace

std::size_t num_gat_pieces(std::size_t nodes) { return num_row_pieces(nodes); }
// One for each block's rows, or for a long one, in a small graph.
std::size_t num_gat_pieces(const CsrView& rows) { return num_row_pieces(rows) + rows.num_slots; }

void gat_backward_targets(Context& ctx, Real slope, ConstMat target_score, ConstMat out, AttentionState state, ConstMat dy,
                          GatEnd end, bool of_mean, Mat dout, Mat edge_numbers, bool add, Mat dtarget_score, Mat bias_pieces) {
  HeadLanes shape;
  const std::size_t heads = target_score.cols, channels = out.cols / heads;
  share_heads_of(out.rows, heads, channels, shape);
  const bool is_whole = whole_packs(shape, channels, {out, state.positive_out, dy, end.y, dout});
  const std::size_t blocks = bias_pieces.data ? bias_pieces.rows : ceil_divide(out.rows, warps_of_block * shape.groups);
  with_columns(shape.per, is_whole, [&](auto per, auto whole) {
    launch_blocks(ctx, backward_targets<per(), whole()>, dim3(unsigned(blocks), shape.slices),
                  Targets{shape, heads, slope, target_score, out, state, dy, end, of_mean, dout, edge_numbers, add,
                          dtarget_score, bias_pieces});
  });
}

void gat_backward_sources(Context& ctx, CsrView out_edges, Real slope, Dropout dropout, ConstMat source_score, ConstMat value,
                          ConstMat edge_numbers, ConstMat dout, bool of_mean, GatSources to) {
  HeadLanes shape;
  const std::size_t heads = source_score.cols, channels = value.cols / heads;
  share_heads_of(std::size_t(out_edges.num_rows), heads, channels, shape);
  const bool is_whole = whole_packs(shape, channels, {value, dout, to.z, to.dz});
  with_columns_and_walk(shape, is_whole, [&](auto per, auto whole, auto walk) {
    SharedRows shared;
    const Tensor memory = share_rows(ctx, out_edges, shape.slices, sizeof(Gathered<per()>) / sizeof(Real), shared);
    const std::size_t blocks = to.source_vector ? to.source_pieces.rows - out_edges.num_slots : num_row_blocks(out_edges);
    launch_blocks(ctx, backward_sources<per(), whole(), decltype(walk)>, dim3(unsigned(blocks), shape.slices),
                  Sources{out_edges, shared, shape, heads, slope, dropout, source_score, value, edge_numbers, dout, of_mean, to});
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
