// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gatv2_rows.hpp>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/gatv2_targets.cuh>
#include <gnn/kernels/pieces.hpp>

// Plan: see row_sums.cuh for who owns a row: sources, then targets (gatv2_targets.cuh). Blocks are dealt rows in turn, so that each writes one piece
// of the vectors' gradient.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct Nodes {
  HeadLanes shape;
  std::size_t heads;
  ConstMat out, dy;
  GatEnd end;
  bool of_mean;
  Mat dout, correction, bias_pieces;
};

// Per target and head: <dout, out>, and the layer's end. Warps take turns with the rows, so that a block has one piece.
template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size) gatv2_backward_nodes(Follows before, Nodes a) {
  before.wait();
  const WarpPlace p(a.shape);
  const LaneColumns c(a.shape, p, a.heads, columns_in_turn(a.shape)), of_dy = a.of_mean ? in_first_head(a.shape, p, c) : c;
  const std::size_t h = p.first_head + p.head, step = std::size_t(gridDim.x) * warps_of_block * a.shape.groups;
  const Real factor = a.of_mean ? 1 / Real(a.heads) : Real(1);
  Real bias[per] = {};
  for (std::size_t base = (std::size_t(blockIdx.x) * warps_of_block + threadIdx.x / 32) * a.shape.groups; base < a.out.rows; base += step) {
    const std::size_t i = base + p.group;
    Real along = 0;
    if (i < a.out.rows && c.count > 0) {
      Real d[per], x[per];
      load_columns<whole>(row(a.dy, i), of_dy, d);
      load_columns<whole>(row(a.out, i), c, x);
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
        bias[n] += d[n];
      }
    }
    along = factor * sum_head(along, a.shape.lanes);
    if (i < a.out.rows && p.part == 0 && h < a.heads) row(a.correction, i)[h] = along;
  }
  if (!a.bias_pieces.data) return;
  sum_lanes(bias, a.shape.heads * a.shape.lanes, 32);
  write_column_piece(p, c, bias, a.bias_pieces, blockIdx.x);
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

// by_fours: terms are found as four_edges.cuh says.
template <unsigned per, bool whole, class Walk, bool by_fours>
__device__ SourceSums<per> gather_edges(const Backward& b, const WarpPlace& p, const LaneColumns& c, std::size_t j, EdgeRange range) {
  const std::size_t heads = b.a.rows, h = p.first_head + p.head;
  Real own[per] = {};
  if (c.count > 0) load_columns<whole>(row(b.value, j), c, own);
  SourceSums<per> r;
  // By fours, a lane without columns reads others' and does not count them.
  const LaneColumns of_dout = b.of_mean ? in_first_head(b.shape, p, c) : c;
  const LaneColumns read_columns = by_fours && c.count == 0 ? LaneColumns(0, per) : of_dout;
  const Real factor = b.of_mean ? 1 / Real(heads) : Real(1);
  const std::size_t read_head = c.count > 0 ? h : 0;
  const unsigned read_part = c.count > 0 ? p.part : 0;
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
      share[k] = factor * alpha * edge_multiplier(b.dropout, b.rows, base + k * slots + p.slot_edge, std::size_t(i[k]), j, slot_h, heads);
      offset[k] = alpha * row_of(b.correction, i[k])[slot_h];
    }
    const unsigned groups = b.shape.groups;
    const unsigned count = range.last - base < slots ? unsigned(range.last - base) : slots;
    for (unsigned q = 0; q < slots && base + q < range.last; q += in_steps ? groups : edges * groups) {
      Real d[edges][per] = {}, own_share[edges], own_offset[edges];
      NodeId other[edges];
      std::size_t place[edges];
      unsigned bits[edges] = {};
#pragma unroll
      for (unsigned k = 0; k < edges; ++k) {
        const unsigned slot = q + (in_steps ? 0 : k * groups) + p.group, step = in_steps ? k : 0;
        // By fours, what is not there reads what is, and counts nothing.
        const int reads = int((by_fours && slot >= count ? count - 1 : slot) * b.shape.heads), counts = int(slot * b.shape.heads + p.head);
        other[k] = __shfl_sync(~0u, i[step], reads);
        place[k] = __shfl_sync(~0u, at[step], reads);
        own_share[k] = __shfl_sync(~0u, share[step], counts);
        if constexpr (!by_fours) own_offset[k] = __shfl_sync(~0u, offset[step], counts);
        if (!by_fours && (other[k] < 0 || h >= heads || c.count == 0)) continue;
        load_columns<whole>(row_of(b.dout, other[k]), read_columns, d[k]);
        if constexpr (by_fours) {
          bits[k] = b.signs.at(place[k], read_head)[read_part];
        } else {
          bits[k] = load_signs<per>(p, b.signs.at(place[k], h));
        }
      }
      Real along[edges] = {}, term[edges];
#pragma unroll
      for (unsigned k = 0; k < edges; ++k) {
#pragma unroll
        for (unsigned n = 0; n < per; ++n) along[k] += d[k][n] * own[n];
      }
      if constexpr (by_fours) {
        static_assert(edges == four_edges && !in_steps);
        const unsigned slot = q + edge_of_lane() * groups + p.group;
        const int counts = int(slot * b.shape.heads + p.head);
        const Real lanes_share = __shfl_sync(~0u, share[0], counts), lanes_offset = __shfl_sync(~0u, offset[0], counts);
        const std::size_t lanes_place = __shfl_sync(~0u, at[0], counts);
        const Real found = lanes_share * sum_own_edge(along, b.shape.lanes) - lanes_offset;
        if (slot < count && h < heads && p.part < four_edges) row(b.dlogit, lanes_place)[h] = found;
        r.total += found;
#pragma unroll
        for (unsigned k = 0; k < edges; ++k) term[k] = of_edge(found, k);
      } else {
#pragma unroll
        for (unsigned k = 0; k < edges; ++k) {
          term[k] = own_share[k] * sum_head(along[k], b.shape.lanes) - own_offset[k];
          if (other[k] >= 0 && h < heads && p.part == 0) row(b.dlogit, place[k])[h] = term[k];
          r.total += term[k];
        }
      }
#pragma unroll
      for (unsigned k = 0; k < edges; ++k) {
#pragma unroll
        for (unsigned n = 0; n < per; ++n) {
          r.sum[n] += own_share[k] * d[k][n];
          if (bits[k] & 1u << n) r.positive[n] += term[k];
        }
      }
    }
  }
  const unsigned from = b.shape.heads * b.shape.lanes;
  if constexpr (by_fours) r.total = sum_four(r.total);
  r.total = sum_lanes(r.total, from, 32);
  sum_lanes(r.sum, from, 32);
  sum_lanes(r.positive, from, 32);
  return r;
}

// Per source: one gather of dout over the edges out of it.
template <unsigned per, bool whole, class Walk, bool by_fours = false>
__global__ void __launch_bounds__(block_size, 2) gatv2_backward_sources(Follows before, Backward b) {
  before.wait();
  const WarpPlace p(b.shape);
  const LaneColumns c(b.shape, p, b.a.rows, columns_in_turn(b.shape));
  Real da[per] = {};
  const auto write = [&](std::size_t j, const SourceSums<per>& r, const RowPart& part) {
    if (p.group != 0 || c.count == 0) return;
    Real own[per], of_vector[per] = {};
    load_columns<whole>(row(b.source, j), c, own);
    Real to_source[per];
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      if (n >= c.count) continue;
      const Real gradient = b.slope * r.total + (1 - b.slope) * r.positive[n];
      const Real of_source = gradient * b.a.data[c.at(n)];
      if (b.fresh) {
        to_source[n] = of_source + r.sum[n];
      } else {
        row(b.dvalue, j)[c.at(n)] += r.sum[n];
        row(b.dsource, j)[c.at(n)] += of_source;
      }
      of_vector[n] = gradient * own[n];
    }
    if (b.fresh) store_columns<whole>(row(b.dsource, j), c, to_source);
    if (part.parts > 1) return write_shared_row_piece(p, c, of_vector, b.pieces, b.first_piece + gridDim.x, part);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) da[n] += of_vector[n];
  };
  sum_rows<SourceSums<per>, ShortRows::dealt_sorted>(
      b.rows, b.shared, [&](std::size_t j, EdgeRange range) { return gather_edges<per, whole, Walk, by_fours>(b, p, c, j, range); },
      [](SourceSums<per>& sums, const SourceSums<per>& more) { sums.add(more); }, write);
  write_column_piece(p, c, da, b.pieces, b.first_piece + blockIdx.x);
}

}  // namespace

bool gatv2_rows_fit(std::size_t heads, std::size_t channels) {
  HeadLanes unused;
  return share_heads(heads, channels, unused);
}

void gatv2_end_backward(Context& ctx, ConstMat a, ConstMat out, ConstMat dy, GatEnd end, bool of_mean, Mat dout, Mat correction,
                        Mat bias_pieces) {
  HeadLanes shape;
  share_heads(a.rows, a.cols, shape);
  const bool is_whole = whole_packs(shape, a.cols, {out, dy, end.y, dout});
  const std::size_t blocks = bias_pieces.data ? bias_pieces.rows : ceil_divide(out.rows, warps_of_block * shape.groups);
  with_columns(shape.per, is_whole, [&](auto per, auto whole) {
    launch_blocks(ctx, gatv2_backward_nodes<per(), whole()>, dim3(unsigned(blocks), shape.slices),
                  Nodes{shape, a.rows, out, dy, end, of_mean, dout, correction, bias_pieces});
  });
}

Tensor gatv2_rows_backward(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat value, ConstMat a,
                           Real slope, Dropout dropout, PairAttentionState state, GatV2Gradient gradient, Mat dsource, Mat dtarget,
                           Mat dvalue, bool fresh) {
  HeadLanes shape;
  share_heads(a.rows, a.cols, shape);
  const bool is_whole = whole_packs(shape, a.cols, {source, target, value, gradient.dout, dsource});
  const Tensor dlogit = ctx.tensor(std::size_t(in.num_edges), a.rows);
  // Blocks, and a piece for each slot, which becomes a block where rows are not shared.
  const std::size_t of_sources = num_row_pieces(source.rows) + out_edges.num_slots, of_targets = num_target_pieces(target.rows) + in.num_slots;
  const Tensor pieces = ctx.tensor(of_sources + of_targets, a.size());
  Backward b{out_edges, {}, shape, source, target, value, a, slope, dropout, state.alpha, gradient.dout, gradient.correction,
             gradient.of_mean, signs_of(state, a), dlogit, dsource, dtarget, dvalue, fresh, pieces, 0};
  with_columns_and_fours(shape, is_whole, source.rows, [&](auto per, auto whole, auto edges, auto by_fours) {
    const Tensor shared_sources = share_rows(ctx, b.rows, shape.slices, sizeof(SourceSums<per()>) / sizeof(Real), b.shared);
    const dim3 blocks(unsigned(of_sources - b.rows.num_slots), shape.slices);
    // Where a head's columns lie in few lanes, a step has no more slots than groups.
    if constexpr (by_fours()) {
      launch_blocks(ctx, gatv2_backward_sources<per(), whole(), Walk<1, edges(), false>, true>, blocks, b);
    } else if (shape.lanes < edges_at_once) {
      launch_blocks(ctx, gatv2_backward_sources<per(), whole(), Walk<edges(), edges(), true>>, blocks, b);
    } else {
      launch_blocks(ctx, gatv2_backward_sources<per(), whole(), Walk<1, edges(), false>>, blocks, b);
    }
    b.rows = in;
    b.first_piece = of_sources;
    const auto start = [&](auto kernel, std::size_t numbers) {
      const Tensor shared_targets = share_rows(ctx, b.rows, b.shape.slices, numbers, b.shared);
      launch_blocks(ctx, kernel, dim3(unsigned(of_targets - b.rows.num_slots), b.shape.slices), b);
    };
    if constexpr (by_fours()) {
      static_assert(2 * per() == word);
      if (goes_by_words(a, {target, dtarget})) {
        b.shape = lanes_of_words(a);
        return start(gatv2_backward_target_words<2 * per()>, word);
      }
    }
    start(gatv2_backward_targets<per(), whole(), edges()>, per());
  });
  return pieces;
}

}  // namespace gnn::inline GNN_PRECISION::cuda
