// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/gatv2_attention.hpp>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/gatv2_rows.hpp>
#include <gnn/kernels/cuda/gatv2_signs.cuh>
#include <gnn/kernels/cuda/gatv2_wide.cuh>
#include <gnn/kernels/cuda/row_softmax.cuh>
#include <gnn/kernels/pieces.hpp>

// Plan: see row_sums.cuh for who owns a row; a logit is the sum over the lanes of a head. The way back is in gatv2_backward.cu;
// heads with more channels than a warp has registers for are left to gatv2_wide.cuh.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct Forward {
  CsrView in;
  SharedRows shared;
  HeadLanes shape;
  bool same;  // same: value is source
  ConstMat source, target, value, a;
  Real slope;
  Dropout dropout;
  Mat out, logits;
  Signs signs;
  GatEnd end;
  Mat ends;  // most and inverse of each head, of rows that several blocks share, at their slots
};

template <unsigned per, bool whole, unsigned edges>
__device__ RowSoftmax<per> sum_edges(const Forward& f, const WarpPlace& p, const LaneColumns& c, const Real (&weights)[per], std::size_t i,
                                     EdgeRange range) {
  const std::size_t heads = f.a.rows, h = p.first_head + p.head;
  Real to[per] = {};
  if (c.count > 0) load_columns<whole>(row(f.target, i), c, to);
  RowSoftmax<per> r;
  for_edges_of_group<edges>(f.shape, p, f.in, range, [&](const std::size_t (&e)[edges], const NodeId (&j)[edges]) {
    Real x[edges][per] = {}, logit[edges], multiplier[edges];
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      if (j[k] >= 0 && c.count > 0) load_columns<whole>(row_of(f.source, j[k]), c, x[k]);
    }
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      Real part = 0;
      unsigned bits = 0;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) {
        const Real u = x[k][n] + to[n];
        part += weights[n] * (u > 0 ? u : f.slope * u);
        bits |= unsigned(u > 0 && n < c.count) << n;
      }
      logit[k] = sum_head(part, f.shape.lanes);
      const bool there = j[k] >= 0 && h < heads;
      if (f.signs.data) store_signs<per>(p, c, f.shape, f.signs.at(e[k], h), bits, there);
      if (there && p.part == 0 && f.logits.data) row(f.logits, e[k])[h] = logit[k];
      multiplier[k] = there ? edge_multiplier(f.dropout, f.in, e[k], i, std::size_t(j[k]), h, heads) : Real(0);
      if (j[k] < 0) logit[k] = -INFINITY;
      if (!f.same && j[k] >= 0 && c.count > 0) load_columns<whole>(row_of(f.value, j[k]), c, x[k]);
    }
    r.add(logit, multiplier, x);
  });
  r.meet_groups(f.shape.heads * f.shape.lanes);
  return r;
}

// The same by fours, see four_edges.cuh.
template <unsigned per>
__device__ RowSoftmax<per> sum_fours(const Forward& f, const WarpPlace& p, const LaneColumns& c, const Real (&weights)[per], std::size_t i,
                                     EdgeRange range) {
  static_assert(per == 8);  // signs are a byte
  const std::size_t heads = f.a.rows, h = p.first_head + p.head;
  // A lane without columns reads others', which its weights do not count.
  const LaneColumns read(c.count > 0 ? c.first : 0, per);
  // v = -(source + target), whose sign is that of the bit; 0 - x is never -0, nor is then a v that is zero.
  Real minus_to[per];
  load_columns<true>(row(f.target, i), read, minus_to);
#pragma unroll
  for (unsigned n = 0; n < per; ++n) minus_to[n] = Real(0) - minus_to[n];
  RowSoftmax<per> r;
  const unsigned groups = f.shape.groups, own_step = edge_of_lane() * groups;
  // Of a single head, what fills up a word is written, too, see gatv2_targets.cuh.
  const bool has_signs = f.signs.data && (heads == 1 ? p.part < f.signs.bytes : c.count > 0);
  std::uint8_t* const signs = f.signs.at(0, h) + p.part;
  const unsigned next_signs = groups * unsigned(f.signs.bytes);
  for_fours(f.shape, p, f.in, range, [&](std::size_t e, const NodeId (&j)[four_edges], int left, NodeId own) {
    Real x[four_edges][per], part[four_edges] = {};
    std::uint8_t* const first_signs = signs + e * f.signs.bytes;
#pragma unroll
    for (unsigned k = 0; k < four_edges; ++k) load_columns<true>(row_of(f.source, j[k]), read, x[k]);
#pragma unroll
    for (unsigned k = 0; k < four_edges; ++k) {
      unsigned bits = 0;
#pragma unroll
      for (unsigned m = per; m-- > 0;) {
        const Real v = minus_to[m] - x[k][m];
        part[k] -= weights[m] * fminf(v, f.slope * v);  // slope is at most 1
        bits = add_sign(bits, v);
      }
      if (has_signs && int(k * groups) < left) first_signs[k * next_signs] = std::uint8_t(bits);
    }
    Real logit = sum_own_edge(part, f.shape.lanes);
    const bool there = int(own_step) < left && h < heads;
    if (there && p.part < four_edges && f.logits.data) row(f.logits, e + own_step)[h] = logit;
    if (!there) logit = -INFINITY;
    const Real share =
        r.add_own(logit, there ? edge_multiplier(f.dropout, f.in, e + own_step, i, std::size_t(own), h, heads) : Real(0));
    if (!f.same) {
#pragma unroll
      for (unsigned k = 0; k < four_edges; ++k) load_columns<true>(row_of(f.value, j[k]), read, x[k]);
    }
#pragma unroll
    for (unsigned k = 0; k < four_edges; ++k) {
      const Real of_columns = of_edge(share, k);
#pragma unroll
      for (unsigned n = 0; n < per; ++n) r.sum[n] += of_columns * x[k][n];
    }
  });
  r.total = sum_four(r.total);
  r.meet_groups(f.shape.heads * f.shape.lanes);
  return r;
}

// The row's values.
template <unsigned per, bool whole>
__device__ void write_row(const Forward& f, const WarpPlace& p, const LaneColumns& c, std::size_t i, const RowSoftmax<per>& r) {
  if (p.group != 0 || c.count == 0) return;
  Real y[per];
#pragma unroll
  for (unsigned n = 0; n < per; ++n) y[n] = r.sum[n] * r.inverse();
  if (f.out.data) store_columns_away<whole>(row(f.out, i), c, y);
  if (!f.end.y.data) return;
  const auto add = [&](const Real* from) {
    Real more[per];
    load_columns<false>(from, c, more);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) y[n] += more[n];
  };
  if (f.end.through.data) add(row(f.end.through, i));
  if (f.end.bias) add(f.end.bias);
  if (f.end.second_bias) add(f.end.second_bias);
#pragma unroll
  for (unsigned n = 0; n < per; ++n) {
    if (f.end.elu) y[n] = elu_of(y[n]);
  }
  store_columns<whole>(row(f.end.y, i), c, y);
}

// Turns the logits of some of a row's edges into attention, by slots.
__device__ void finish_logits(const Forward& f, const WarpPlace& p, Real most, Real inverse, EdgeRange range) {
  const std::size_t h = p.first_head + p.slot_head;
  if (h >= f.a.rows) return;
  for (std::size_t e = range.first + p.slot_edge; e < range.last; e += f.shape.slots()) {
    row(f.logits, e)[h] = exp(row(f.logits, e)[h] - most) * inverse;
  }
}

template <unsigned per, bool whole, unsigned edges, bool by_fours>
__global__ void __launch_bounds__(block_size, 2) gatv2_rows(Follows before, Forward f) {
  before.wait();
  const WarpPlace p(f.shape);
  const LaneColumns c(f.shape, p, f.a.rows, columns_in_turn(f.shape));
  Real weights[per] = {};
  // The vector of all heads is one row of numbers, as the features are.
  if (c.count > 0) load_columns<false>(f.a.data, c, weights);
  __shared__ Real most[32], inverse[32];
  for_rows<ShortRows::handed_out>(f.in, [&](const RowPart& part, EdgeRange range, bool together) {
    RowSoftmax<per> r;
    if constexpr (by_fours) {
      r = sum_fours(f, p, c, weights, std::size_t(part.row), range);
    } else {
      r = sum_edges<per, whole, edges>(f, p, c, weights, std::size_t(part.row), range);
    }
    bool writes = true;
    if (together) {
      meet_warps(r, AddSoftmax());
      writes = threadIdx.x < 32 && (part.parts == 1 || meet_blocks(f.shared, part, r, AddSoftmax()));
    }
    if (writes) {
      write_row<per, whole>(f, p, c, std::size_t(part.row), r);
      const std::size_t h = p.first_head + p.head;
      if (part.parts > 1 && f.ends.data && p.group == 0 && p.part == 0 && h < f.a.rows) {
        row(f.ends, part.slot)[2 * h] = r.most;
        row(f.ends, part.slot)[2 * h + 1] = r.inverse();
      }
    }
    if (!f.logits.data) return;
    const unsigned from = p.slot_head * f.shape.lanes;  // a lane that has this head's columns
    Real own_most = r.most, own_inverse = r.inverse();
    if (together) {
      if (threadIdx.x < 32) {
        most[p.lane] = own_most;
        inverse[p.lane] = own_inverse;
      }
      __syncthreads();
      own_most = most[from];
      own_inverse = inverse[from];
      __syncthreads();
    } else {
      __syncwarp();
      own_most = __shfl_sync(~0u, own_most, int(from));
      own_inverse = __shfl_sync(~0u, own_inverse, int(from));
    }
    if (part.parts == 1) finish_logits(f, p, own_most, own_inverse, range);
  });
}

// The same for the parts of rows that several blocks share.
__global__ void __launch_bounds__(block_size) finish_parts(Follows before, Forward f) {
  before.wait();
  const RowPart part = f.in.parts[blockIdx.x];
  const WarpPlace p(f.shape);
  const std::size_t h = p.first_head + p.slot_head;
  if (part.parts == 1 || h >= f.a.rows) return;
  const Real* ends = row(f.ends, part.slot) + 2 * h;
  finish_logits(f, p, ends[0], ends[1], piece_of_warp({std::size_t(part.first), std::size_t(part.last)}));
}

}  // namespace

void gatv2_attention(Context& ctx, CsrView in, ConstMat source, ConstMat target, ConstMat value, ConstMat a, Real slope,
                     Dropout dropout, Mat out, PairAttentionState state) {
  if (!gatv2_rows_fit(a.rows, a.cols)) {
    return wide_gatv2_attention(ctx, in, source, target, value, a, slope, dropout, out, state.alpha, signs_of(state, a));
  }
  gatv2_rows_forward(ctx, in, source, target, value, a, slope, dropout, out, state, GatEnd{});
}

void gatv2_rows_forward(Context& ctx, CsrView in, ConstMat source, ConstMat target, ConstMat value, ConstMat a, Real slope,
                        Dropout dropout, Mat out, PairAttentionState state, GatEnd end) {
  HeadLanes shape;
  share_heads(a.rows, a.cols, shape);
  const bool is_whole = whole_packs(shape, a.cols, {source, target, value, out, end.y});
  with_columns_and_fours(shape, is_whole, target.rows, [&](auto per, auto whole, auto edges, auto by_fours) {
    SharedRows shared;
    const Tensor memory = share_rows(ctx, in, shape.slices, sizeof(RowSoftmax<per()>) / sizeof(Real), shared);
    const Tensor ends = state.alpha.data ? ctx.tensor(in.num_slots, 2 * a.rows) : Tensor();
    const Forward f{in, shared, shape, value.data == source.data, source, target, value, a, slope, dropout, out, state.alpha,
                    signs_of(state, a), end, ends};
    launch_blocks(ctx, gatv2_rows<per(), whole(), edges(), by_fours()>, dim3(unsigned(num_row_blocks(in)), shape.slices), f);
    if (state.alpha.data && in.num_slots > 0) launch_blocks(ctx, finish_parts, dim3(unsigned(in.num_parts), shape.slices), f);
  });
}

void gatv2_attention_backward(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat value,
                              ConstMat a, Real slope, Dropout dropout, ConstMat out, PairAttentionState state, ConstMat dout,
                              Mat dsource, Mat dtarget, Mat dvalue, Mat da) {
  if (!gatv2_rows_fit(a.rows, a.cols)) {
    return wide_gatv2_backward(ctx, in, out_edges, source, target, value, a, slope, dropout, out, state.alpha, signs_of(state, a), dout,
                               dsource, dtarget, dvalue, da);
  }
  const Tensor correction = ctx.tensor(out.rows, a.rows);
  gatv2_end_backward(ctx, a, out, dout, GatEnd{}, false, Mat{}, correction, Mat{});
  const Tensor pieces = gatv2_rows_backward(ctx, in, out_edges, source, target, value, a, slope, dropout, state, {dout, correction, false},
                                            dsource, dtarget, dvalue, false);
  const PieceSum sum{pieces, da};
  add_pieces(ctx, {&sum, 1});
}

}  // namespace gnn::inline GNN_PRECISION::cuda
