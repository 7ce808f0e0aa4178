// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gat_narrow.hpp>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/narrow_lanes.cuh>
#include <gnn/kernels/cuda/row_softmax.cuh>

// Plan: a warp owns some edges of a row, see narrow_lanes.cuh for the lanes. With o_i the row's sums and do_i their gradient, an edge's
// logit gets
//
//   de_ij = alpha_ij (m_ij <do_i, x_j> - <do_i, o_i>) leaky_relu'(s_j + t_i)
//
// and the scores' vectors get sum_ij de_ij x_j and sum_i (sum_j de_ij) x_i, so that x is gathered once and nothing goes to sources.
// What a warp has of either sum it keeps to its end: blocks are dealt rows in turn, and each writes a piece. As these sums are
// linear, parts of a row need not meet.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct Back {
  CsrView in;
  ConstMat s, t, x;
  Real slope;
  Dropout dropout;
  ConstMat sums;
  AttentionState state;
  ConstMat dsums;
  Mat source_pieces, target_pieces, bias_pieces;
};

// What a slot knows of its row and head.
struct OfRow {
  bool has_head = false;
  Real score = 0, most = 0, inverse = 0, along = 0;  // along: <do_i, o_i>
};

template <class Lanes>
__device__ OfRow look_at_row(const Back& a, const Lanes& l, std::size_t i, const NarrowPack (&dsums)[narrow_heads]) {
  OfRow r;
  const unsigned heads = unsigned(a.t.cols), h = l.first_head + l.slot_head;
  r.has_head = h < heads;
  if (r.has_head) {
    r.score = row(a.t, i)[h];
    r.most = row(a.state.maximum, i)[h];
    const Real sum = row(a.state.sum, i)[h];
    r.inverse = sum > 0 ? 1 / sum : Real(0);
  }
  const Real own = scatter_sums<Lanes::lanes, narrow_heads>(l.part, [&](unsigned k) {  // of head part / (lanes / 4)
    const std::size_t head = l.first_head + k;
    return dot(dsums[k], load_narrow(l, row(a.sums, i) + head * a.x.cols, head < heads, a.x.cols));
  });
  r.along = __shfl_sync(~0u, own, int(l.slot_head * (Lanes::lanes / narrow_heads)));
  return r;
}

template <unsigned lanes>
__global__ void __launch_bounds__(block_size, 2) narrow_backward_rows(Follows before, Back a) {
  before.wait();
  using Lanes = NarrowLanes<lanes>;
  __shared__ NarrowPack of_target[warps_of_block][narrow_heads][32];
  const Lanes l;
  const unsigned warp = threadIdx.x / 32, heads = unsigned(a.t.cols), h = l.first_head + l.slot_head;
  NarrowPack of_source[narrow_heads] = {};
  Real bias = 0;  // a slot's
#pragma unroll
  for (unsigned k = 0; k < narrow_heads; ++k) of_target[warp][k][l.lane] = {};

  for_rows<ShortRows::dealt_sorted>(a.in, [&](const RowPart& part, EdgeRange range, bool) {
    const std::size_t i = std::size_t(part.row);
    const unsigned count = unsigned(range.last - range.first);
    if (count == 0) return;
    const NodeId* columns = a.in.columns + range.first;
    const auto source = [&](unsigned e) { return e < count ? columns[e] : NodeId(-1); };
    NodeId next = source(l.slot_edge);
    NarrowPack dsums[narrow_heads];
#pragma unroll
    for (unsigned k = 0; k < narrow_heads; ++k) {
      const std::size_t head = l.first_head + k;
      dsums[k] = load_narrow(l, row(a.dsums, i) + head * a.x.cols, head < heads, a.x.cols);
    }
    const OfRow r = look_at_row(a, l, i, dsums);
    Real dtarget = 0;
    for (unsigned base = 0; base < count; base += narrow_edges) {
      const NodeId j = next;
      next = source(base + narrow_edges + l.slot_edge);
      const bool there = j >= 0 && r.has_head;
      const Real u = there ? row_of(a.s, j)[h] + r.score : Real(0);
      NarrowPack rows[Lanes::edges];
      load_sources(l, a.x, j, rows);
      Real multiplier = 0, alpha = 0;
      if (there) {
        multiplier = edge_multiplier(a.dropout, a.in, range.first + base + l.slot_edge, i, std::size_t(j), h, heads);
        alpha = exp(leaky(u, a.slope) - r.most) * r.inverse;
      }
      const Real along = scatter_sums<lanes, lanes>(l.part, [&](unsigned k) {  // each slot gets its own
        return dot(dsums[k % narrow_heads], rows[k / narrow_heads]);
      });
      const Real dlogit = there ? alpha * (multiplier * along - r.along) * (u > 0 ? Real(1) : a.slope) : Real(0);
      dtarget += dlogit;
      add_weighted(l, dlogit, rows, of_source);
    }
    bias += dtarget;
    dtarget = sum_lanes<5>(dtarget, narrow_heads, 32);
    const NarrowPack own = load_narrow(l, row(a.x, i), true, a.x.cols);
#pragma unroll
    for (unsigned k = 0; k < narrow_heads; ++k) {
      const Real weight = __shfl_sync(~0u, dtarget, int(k));
      NarrowPack& to = of_target[warp][k][l.lane];
#pragma unroll
      for (unsigned n = 0; n < narrow_columns; ++n) to.x[n] += weight * own.x[n];
    }
  });

#pragma unroll
  for (unsigned k = 0; k < narrow_heads; ++k) {
    if (l.first_head + k >= heads) continue;
    const LaneColumns c((l.first_head + k) * a.x.cols + l.column, l.column < a.x.cols ? narrow_columns : 0);
    NarrowPack mine = of_source[k];
    sum_lanes<5>(mine.x, lanes, 32);
    write_column_piece(l, c, mine.x, a.source_pieces, blockIdx.x);
    mine = of_target[warp][k][l.lane];  // all groups have the same
    write_column_piece(l, c, mine.x, a.target_pieces, blockIdx.x);
  }
  if (!a.bias_pieces.data) return;
  const Real own[1] = {sum_lanes<5>(bias, narrow_heads, 32)};
  const LaneColumns c(h, l.slot_edge == 0 && h < heads ? 1 : 0);
  write_column_piece(l, c, own, a.bias_pieces, blockIdx.x);
}

}  // namespace

std::size_t num_narrow_pieces(const CsrView& rows) { return num_row_pieces(rows); }

void narrow_rows_backward(Context& ctx, CsrView in, ConstMat s, ConstMat t, ConstMat x, Real slope, Dropout dropout, ConstMat sums,
                          AttentionState state, ConstMat dsums, Mat source_pieces, Mat target_pieces, Mat bias_pieces) {
  with_narrow_lanes(x.cols, [&](auto lanes) {
    launch_blocks(ctx, narrow_backward_rows<lanes()>, dim3(unsigned(source_pieces.rows), narrow_slices(t.cols)),
                  Back{in, s, t, x, slope, dropout, sums, state, dsums, source_pieces, target_pieces, bias_pieces});
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
