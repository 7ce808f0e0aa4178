// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/gat_rows.hpp>
#include <gnn/kernels/cuda/row_softmax.cuh>

// Plan: what stands before and behind the edges of a layer, row by row. A group of lanes owns a row, or takes turns with
// four.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct Scores {
  HeadLanes shape;
  ConstMat z;
  const NodeId* ids;
  ProjectedScores to;
};

// Four rows at once where each lane has all of its columns, see four_edges.cuh.
template <unsigned per>
__global__ void __launch_bounds__(block_size) score_four_rows(Follows before, Scores a) {
  before.wait();
  const WarpPlace p(a.shape);
  const std::size_t heads = a.to.source_vector.rows, h = p.first_head + p.head;
  const LaneColumns c(a.shape, p, heads);
  const LaneColumns read(c.count > 0 ? c.first : 0, per);
  Real of_source[per] = {}, of_target[per] = {};
  if (c.count > 0) {
    load_columns<false>(a.to.source_vector.data, c, of_source);
    load_columns<false>(a.to.target_vector.data, c, of_target);
  }
  const std::size_t warp = std::size_t(blockIdx.x) * warps_of_block + threadIdx.x / 32, step = std::size_t(gridDim.x) * warps_of_block * four_edges;
  const unsigned groups = a.shape.groups;
  for (std::size_t base = warp * four_edges * groups + p.group; base - p.group < a.z.rows; base += step * groups) {
    Real x[four_edges][per], source[four_edges] = {}, target[four_edges] = {};
#pragma unroll
    for (unsigned k = 0; k < four_edges; ++k) {
      const std::size_t i = base + k * groups;
      load_columns<true>(row(a.z, i < a.z.rows ? i : a.z.rows - 1), read, x[k]);
    }
#pragma unroll
    for (unsigned k = 0; k < four_edges; ++k) {
#pragma unroll
      for (unsigned n = 0; n < per; ++n) {
        source[k] += x[k][n] * of_source[n];
        target[k] += x[k][n] * of_target[n];
      }
    }
    const Real own_source = sum_own_edge(source, a.shape.lanes), own_target = sum_own_edge(target, a.shape.lanes);
    const std::size_t i = base + edge_of_lane() * groups;
    if (i >= a.z.rows || p.part >= four_edges || h >= heads) continue;
    row(a.to.source_score, i)[h] = own_source + (a.to.source_bias.data ? a.to.source_bias.data[h] : Real(0));
    if (i < a.to.target_score.rows) row(a.to.target_score, i)[h] = own_target + (a.to.target_bias.data ? a.to.target_bias.data[h] : Real(0));
  }
}

// Groups take turns with the rows, so that each reads the vectors once.
template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size) score_rows(Follows before, Scores a) {
  before.wait();
  const WarpPlace p(a.shape);
  const std::size_t heads = a.to.source_vector.rows, h = p.first_head + p.head;
  const LaneColumns c(a.shape, p, heads, !whole);
  Real of_source[per] = {}, of_target[per] = {};
  if (c.count > 0) {
    load_columns<false>(a.to.source_vector.data, c, of_source);
    load_columns<false>(a.to.target_vector.data, c, of_target);
  }
  const std::size_t warp = std::size_t(blockIdx.x) * warps_of_block + threadIdx.x / 32, warps = std::size_t(gridDim.x) * warps_of_block;
  for (std::size_t base = warp * a.shape.groups; base < a.z.rows; base += warps * a.shape.groups) {
    const std::size_t i = base + p.group;
    Real source = 0, target = 0;
    if (i < a.z.rows && c.count > 0) {
      Real x[per];
      load_columns<whole>(row(a.z, i), c, x);
#pragma unroll
      for (unsigned n = 0; n < per; ++n) {
        source += x[n] * of_source[n];
        target += x[n] * of_target[n];
      }
      if (a.to.value.data) {
        const std::uint64_t before = std::uint64_t(a.ids ? std::size_t(a.ids[i]) : i) * a.z.cols;
#pragma unroll
        for (unsigned n = 0; n < per; ++n) {
          if (n < c.count) x[n] *= feature_multiplier(a.to.dropout, before + c.at(n));
        }
        store_columns<whole>(row(a.to.value, i), c, x);
      }
    }
    source = sum_lanes(source, 1, a.shape.lanes);
    target = sum_lanes(target, 1, a.shape.lanes);
    if (i >= a.z.rows || p.part != 0 || h >= heads) continue;
    row(a.to.source_score, i)[h] = source + (a.to.source_bias.data ? a.to.source_bias.data[h] : Real(0));
    if (i < a.to.target_score.rows) row(a.to.target_score, i)[h] = target + (a.to.target_bias.data ? a.to.target_bias.data[h] : Real(0));
  }
}

// A thread owns n numbers of a row side by side. Heads may be wider than y.
template <unsigned n>
__global__ void __launch_bounds__(block_size) mean_end_numbers(Follows before, ConstMat out, unsigned heads, GatEnd end, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t i = group.index();
  if (i >= end.y.rows) return;
  const unsigned channels = unsigned(out.cols) / heads;
  for (unsigned c = group.lane * n; c < unsigned(end.y.cols); c += lanes * n) {
    const Real* from = row(out, i) + c;
    Pack<n> y = {};
    const auto add = [&](const Real* more) {
      const Pack<n> x = *reinterpret_cast<const Pack<n>*>(more);
#pragma unroll
      for (unsigned k = 0; k < n; ++k) y.x[k] += x.x[k];
    };
#pragma unroll 4
    for (unsigned h = 0; h < heads; ++h, from += channels) add(from);
#pragma unroll
    for (unsigned k = 0; k < n; ++k) y.x[k] /= Real(heads);
    if (end.through.data) add(row(end.through, i) + c);
    if (end.bias) add(end.bias + c);
    if (end.second_bias) add(end.second_bias + c);
#pragma unroll
    for (unsigned k = 0; k < n; ++k) y.x[k] = end.elu && y.x[k] <= 0 ? expm1(y.x[k]) : y.x[k];
    *reinterpret_cast<Pack<n>*>(row(end.y, i) + c) = y;
  }
}

// A block owns a piece of the biases' gradient, and its warps take turns with its rows. dmean may have more columns than dy, which
// get zeros; then, and where rows are not aligned, columns go in turn.
template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size) end_backward_rows(Follows before, HeadLanes shape, std::size_t heads, ConstMat dy,
                                                                     GatEnd end, Mat dmean, Mat pieces) {
  before.wait();
  const WarpPlace p(shape);
  const LaneColumns c(shape, p, heads, !whole);
  LaneColumns of_dy = c;
  if constexpr (!whole) {
    while (of_dy.count > 0 && of_dy.at(of_dy.count - 1) >= dy.cols) --of_dy.count;
  }
  Real bias[per] = {};
  const std::size_t step = std::size_t(gridDim.x) * warps_of_block * shape.groups;
  for (std::size_t i = (std::size_t(blockIdx.x) * warps_of_block + threadIdx.x / 32) * shape.groups + p.group; i < dy.rows; i += step) {
    if (c.count == 0) continue;
    Real d[per];
    load_columns<whole>(row(dy, i), of_dy, d);
    if (end.elu) {
      Real y[per];
      load_columns<whole>(row(end.y, i), of_dy, y);
#pragma unroll
      for (unsigned n = 0; n < per; ++n) d[n] *= elu_derivative(y[n]);
    }
    if (dmean.data) store_columns<whole>(row(dmean, i), c, d);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) bias[n] += d[n];
  }
  sum_lanes(bias, shape.heads * shape.lanes, 32);
  write_column_piece(p, of_dy, bias, pieces, blockIdx.x);
}

}  // namespace

void gat_scores(Context& ctx, ConstMat z, const NodeId* ids, ProjectedScores scores) {
  HeadLanes shape;
  share_heads(scores.source_vector.rows, scores.source_vector.cols, shape);
  const bool is_whole = whole_packs(shape, scores.source_vector.cols, {z, scores.value});
  constexpr std::size_t most_blocks = 2048;
  if constexpr (most_per_lane == 8) {
    if (edges_go_by_fours(shape, is_whole) && !scores.value.data) {
      const std::size_t blocks = std::min(most_blocks, ceil_divide(z.rows, four_edges * warps_of_block * shape.groups));
      return launch_blocks(ctx, score_four_rows<8>, dim3(unsigned(blocks), shape.slices), Scores{shape, z, ids, scores});
    }
  }
  const std::size_t blocks = std::min(most_blocks, ceil_divide(z.rows, warps_of_block * shape.groups));
  with_columns(shape.per, is_whole, [&](auto per, auto whole) {
    launch_blocks(ctx, score_rows<per(), whole()>, dim3(unsigned(blocks), shape.slices), Scores{shape, z, ids, scores});
  });
}

void gat_mean_end(Context& ctx, ConstMat out, std::size_t heads, GatEnd end) {
  constexpr unsigned n = 16 / sizeof(Real);
  const auto aligned = [](const Real* p) { return reinterpret_cast<std::uintptr_t>(p) % 16 == 0; };
  const bool whole = end.y.cols % n == 0 && whole_packs(HeadLanes{n, 1, 1, 1, 0, 0, 1, n}, n, {end.y, end.through, out}) &&
                     out.cols / heads % n == 0 && aligned(end.bias) && aligned(end.second_bias);
  const unsigned lanes = lanes_for(whole ? end.y.cols / n : end.y.cols);
  if (whole) {
    launch(ctx, mean_end_numbers<n>, end.y.rows * lanes, out, unsigned(heads), end, lanes);
  } else {
    launch(ctx, mean_end_numbers<1>, end.y.rows * lanes, out, unsigned(heads), end, lanes);
  }
}

void gat_end_backward(Context& ctx, std::size_t heads, ConstMat dy, GatEnd end, Mat dout, Mat bias_pieces) {
  HeadLanes shape;
  const std::size_t columns = dout.data ? dout.cols : dy.cols;
  share_heads(heads, columns / heads, shape);
  const bool is_whole = columns == dy.cols && whole_packs(shape, columns / heads, {dy, end.y, dout});
  with_columns(shape.per, is_whole, [&](auto per, auto whole) {
    launch_blocks(ctx, end_backward_rows<per(), whole()>, dim3(unsigned(bias_pieces.rows), shape.slices), shape, heads, dy, end, dout,
                  bias_pieces);
  });
}

void gat_mean_end_backward(Context& ctx, ConstMat dy, GatEnd end, Mat dmean, Mat bias_pieces) {
  gat_end_backward(ctx, 1, dy, end, dmean, bias_pieces);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
