// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gatv2_rows.hpp>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/gatv2_signs.cuh>
#include <gnn/kernels/cuda/row_softmax.cuh>
#include <gnn/kernels/pieces.hpp>

// Plan: see row_sums.cuh for who owns a row: sources, then targets. Blocks are dealt rows in turn, so that each writes one piece
// of the vectors' gradient.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct Backward {
  CsrView rows;  // by source, or by target
  SharedRows shared;
  HeadLanes shape;
  ConstMat source, target, value, a;
  Real slope;
  Dropout dropout;
  ConstMat out, alphas, dout;
  Signs signs;
  Mat correction, dlogit, dsource, dtarget, dvalue;
  bool fresh;  // gradients are written, and dsource is the value's, too
  Mat pieces;
  std::size_t first_piece;
};

// Per target and head: <dout, out>.
template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size) gatv2_backward_nodes(Follows before, Backward b) {
  before.wait();
  const WarpPlace p(b.shape);
  const LaneColumns c(b.shape, p, b.a.rows, columns_in_turn(b.shape));
  const std::size_t i = (std::size_t(blockIdx.x) * warps_of_block + threadIdx.x / 32) * b.shape.groups + p.group;
  const Real along = dot_of_head<per, whole>(b.shape, c, b.out, b.dout, i);
  const std::size_t h = p.first_head + p.head;
  if (i < b.out.rows && p.part == 0 && h < b.a.rows) row(b.correction, i)[h] = along;
}

template <unsigned per>
struct SourceSums {
  Real total = 0, positive[per] = {}, sum[per] = {};

  __device__ void add(const SourceSums& other) {
    total += other.total;
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      positive[n] += other.positive[n];
      sum[n] += other.sum[n];
    }
  }
};

template <unsigned per, bool whole, class Walk>
__device__ SourceSums<per> gather_edges(const Backward& b, const WarpPlace& p, const LaneColumns& c, std::size_t j, EdgeRange range) {
  const std::size_t heads = b.a.rows, h = p.first_head + p.head;
  Real own[per] = {};
  if (c.count > 0) load_columns<whole>(row(b.value, j), c, own);
  SourceSums<per> r;
  const unsigned slots = b.shape.slots();
  const std::size_t slot_h = p.first_head + p.slot_head;
  const bool has_head = slot_h < heads;
  // By slots, in all steps: the edge's other end and place, and what its term is made of; those of the next edges are read
  // meanwhile.
  constexpr unsigned steps = Walk::steps, edges = Walk::turn;
  constexpr bool in_steps = Walk::in_steps;
  static_assert(steps == (in_steps ? edges : 1));
  NodeId next[steps];
  std::size_t next_at[steps];
  const auto read = [&](std::size_t base) {
#pragma unroll
    for (unsigned k = 0; k < steps; ++k) {
      const std::size_t e = base + k * slots + p.slot_edge;
      next[k] = e < range.last ? b.rows.columns[e] : NodeId(-1);
      next_at[k] = e < range.last ? edge_at(b.rows, e) : 0;
    }
  };
  read(range.first);
  for (std::size_t base = range.first; base < range.last; base += steps * slots) {
    NodeId i[steps];
    std::size_t at[steps];
    Real share[steps] = {}, offset[steps] = {};
#pragma unroll
    for (unsigned k = 0; k < steps; ++k) {
      i[k] = next[k];
      at[k] = next_at[k];
    }
    read(base + steps * slots);
#pragma unroll
    for (unsigned k = 0; k < steps; ++k) {
      if (i[k] < 0 || !has_head) continue;
      const Real alpha = row(b.alphas, at[k])[slot_h];
      share[k] = alpha * edge_multiplier(b.dropout, b.rows, base + k * slots + p.slot_edge, std::size_t(i[k]), j, slot_h, heads);
      offset[k] = alpha * row_of(b.correction, i[k])[slot_h];
    }
    const unsigned groups = b.shape.groups;
    for (unsigned q = 0; q < slots && base + q < range.last; q += in_steps ? groups : edges * groups) {
      Real d[edges][per] = {}, own_share[edges], own_offset[edges];
      NodeId other[edges];
      std::size_t place[edges];
      unsigned bits[edges] = {};
#pragma unroll
      for (unsigned k = 0; k < edges; ++k) {
        const int slot = int((q + (in_steps ? 0 : k * groups) + p.group) * b.shape.heads);
        const unsigned step = in_steps ? k : 0;
        other[k] = __shfl_sync(~0u, i[step], slot);
        place[k] = __shfl_sync(~0u, at[step], slot);
        own_share[k] = __shfl_sync(~0u, share[step], slot + int(p.head));
        own_offset[k] = __shfl_sync(~0u, offset[step], slot + int(p.head));
        if (other[k] < 0 || h >= heads || c.count == 0) continue;
        load_columns<whole>(row_of(b.dout, other[k]), c, d[k]);
        bits[k] = load_signs<per>(p, b.signs.at(place[k], h));
      }
#pragma unroll
      for (unsigned k = 0; k < edges; ++k) {
        Real along = 0;
#pragma unroll
        for (unsigned n = 0; n < per; ++n) along += d[k][n] * own[n];
        const Real term = own_share[k] * sum_head(along, b.shape.lanes) - own_offset[k];
        if (other[k] >= 0 && h < heads && p.part == 0) row(b.dlogit, place[k])[h] = term;
        r.total += term;
#pragma unroll
        for (unsigned n = 0; n < per; ++n) {
          r.sum[n] += own_share[k] * d[k][n];
          r.positive[n] += (bits[k] >> n & 1) ? term : Real(0);
        }
      }
    }
  }
  const unsigned from = b.shape.heads * b.shape.lanes;
  r.total = sum_lanes(r.total, from, 32);
  sum_lanes(r.sum, from, 32);
  sum_lanes(r.positive, from, 32);
  return r;
}

// Per source: one gather of dout over the edges out of it.
template <unsigned per, bool whole, class Walk>
__global__ void __launch_bounds__(block_size, 2) gatv2_backward_sources(Follows before, Backward b) {
  before.wait();
  const WarpPlace p(b.shape);
  const LaneColumns c(b.shape, p, b.a.rows, columns_in_turn(b.shape));
  Real da[per] = {};
  const auto write = [&](std::size_t j, const SourceSums<per>& r, const RowPart& part) {
    if (p.group != 0 || c.count == 0) return;
    Real own[per], of_vector[per] = {};
    load_columns<whole>(row(b.source, j), c, own);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      if (n >= c.count) continue;
      const Real gradient = b.slope * r.total + (1 - b.slope) * r.positive[n];
      const Real of_source = gradient * b.a.data[c.at(n)];
      if (b.fresh) {
        row(b.dsource, j)[c.at(n)] = of_source + r.sum[n];
      } else {
        row(b.dvalue, j)[c.at(n)] += r.sum[n];
        row(b.dsource, j)[c.at(n)] += of_source;
      }
      of_vector[n] = gradient * own[n];
    }
    if (part.parts > 1) return write_shared_row_piece(p, c, of_vector, b.pieces, b.first_piece + gridDim.x, part);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) da[n] += of_vector[n];
  };
  sum_rows<SourceSums<per>, ShortRows::dealt>(
      b.rows, b.shared, [&](std::size_t j, EdgeRange range) { return gather_edges<per, whole, Walk>(b, p, c, j, range); },
      [](SourceSums<per>& sums, const SourceSums<per>& more) { sums.add(more); }, write);
  write_column_piece(p, c, da, b.pieces, b.first_piece + blockIdx.x);
}

// Per target: bits and terms of its own edges, in their order.
template <unsigned per, unsigned edges>
__device__ PlainSums<per> sum_positive(const Backward& b, const WarpPlace& p, const LaneColumns& c, EdgeRange range) {
  const std::size_t h = p.first_head + p.head;
  PlainSums<per> positive;
  for_edges_of_group<edges>(b.shape, p, b.rows, range, [&](const std::size_t (&e)[edges], const NodeId (&j)[edges]) {
    unsigned bits[edges] = {};
    Real term[edges] = {};
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      if (j[k] < 0 || c.count == 0) continue;
      bits[k] = load_signs<per>(p, b.signs.at(e[k], h));
      term[k] = row(b.dlogit, e[k])[h];
    }
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
#pragma unroll
      for (unsigned n = 0; n < per; ++n) positive.x[n] += (bits[k] >> n & 1) ? term[k] : Real(0);
    }
  });
  sum_lanes(positive.x, b.shape.heads * b.shape.lanes, 32);
  return positive;
}

template <unsigned per, bool whole, unsigned edges>
__global__ void __launch_bounds__(block_size) gatv2_backward_targets(Follows before, Backward b) {
  before.wait();
  const WarpPlace p(b.shape);
  const LaneColumns c(b.shape, p, b.a.rows, columns_in_turn(b.shape));
  Real da[per] = {};
  const auto write = [&](std::size_t i, const PlainSums<per>& positive, const RowPart& part) {
    if (p.group != 0 || c.count == 0) return;
    Real own[per], of_vector[per] = {};
    load_columns<whole>(row(b.target, i), c, own);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      if (n >= c.count) continue;
      const Real gradient = (1 - b.slope) * positive.x[n];
      Real& to = row(b.dtarget, i)[c.at(n)];
      to = (b.fresh ? Real(0) : to) + gradient * b.a.data[c.at(n)];
      of_vector[n] = gradient * own[n];
    }
    if (part.parts > 1) return write_shared_row_piece(p, c, of_vector, b.pieces, b.first_piece + gridDim.x, part);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) da[n] += of_vector[n];
  };
  sum_rows<PlainSums<per>, ShortRows::dealt>(
      b.rows, b.shared, [&](std::size_t, EdgeRange range) { return sum_positive<per, edges>(b, p, c, range); }, AddSums(), write);
  write_column_piece(p, c, da, b.pieces, b.first_piece + blockIdx.x);
}

}  // namespace

bool gatv2_rows_fit(std::size_t heads, std::size_t channels) {
  HeadLanes unused;
  return share_heads(heads, channels, unused);
}

Tensor gatv2_rows_backward(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat value, ConstMat a,
                     Real slope, Dropout dropout, ConstMat out, PairAttentionState state, ConstMat dout, Mat dsource, Mat dtarget,
                     Mat dvalue, bool fresh) {
  HeadLanes shape;
  share_heads(a.rows, a.cols, shape);
  const bool is_whole = whole_packs(shape, a.cols, {source, target, value, out, dout});
  const Tensor correction = ctx.tensor(out.rows, a.rows), dlogit = ctx.tensor(std::size_t(in.num_edges), a.rows);
  // Blocks, and a piece for each slot, which becomes a block where rows are not shared.
  const std::size_t of_sources = num_row_pieces(source.rows) + out_edges.num_slots, of_targets = num_row_pieces(target.rows) + in.num_slots;
  const Tensor pieces = ctx.tensor(of_sources + of_targets, a.size());
  Backward b{out_edges, {}, shape, source, target, value, a, slope, dropout, out, state.alpha, dout, signs_of(state, a),
             correction, dlogit, dsource, dtarget, dvalue, fresh, pieces, 0};
  with_columns_and_edges(shape.per, is_whole, source.rows, [&](auto per, auto whole, auto edges) {
    launch_blocks(ctx, gatv2_backward_nodes<per(), whole()>, dim3(unsigned(ceil_divide(out.rows, warps_of_block * shape.groups)), shape.slices), b);
    const Tensor shared_sources = share_rows(ctx, b.rows, shape.slices, sizeof(SourceSums<per()>) / sizeof(Real), b.shared);
    const dim3 blocks(unsigned(of_sources - b.rows.num_slots), shape.slices);
    // Where a head's columns lie in few lanes, a step has no more slots than groups.
    if (shape.lanes < edges_at_once) {
      launch_blocks(ctx, gatv2_backward_sources<per(), whole(), Walk<edges(), edges(), true>>, blocks, b);
    } else {
      launch_blocks(ctx, gatv2_backward_sources<per(), whole(), Walk<1, edges(), false>>, blocks, b);
    }
    b.rows = in;
    b.first_piece = of_sources;
    const Tensor shared_targets = share_rows(ctx, b.rows, shape.slices, per(), b.shared);
    launch_blocks(ctx, gatv2_backward_targets<per(), whole(), edges()>, dim3(unsigned(of_targets - b.rows.num_slots), shape.slices), b);
  });
  return pieces;
}

Tensor gatv2_gradients(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat a, Real slope,
                     Dropout dropout, ConstMat out, PairAttentionState state, ConstMat dout, Mat dsource, Mat dtarget) {
  return gatv2_rows_backward(ctx, in, out_edges, source, target, source, a, slope, dropout, out, state, dout, dsource, dtarget, Mat{}, true);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
