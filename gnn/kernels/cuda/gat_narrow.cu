// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gat_narrow.hpp>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/narrow_lanes.cuh>
#include <gnn/kernels/cuda/row_sums.cuh>

// Plan: see narrow_lanes.cuh for the lanes and row_sums.cuh for who owns a row. A row of x is read once for all heads of a slice. The
// softmax is online: what was summed is scaled down when later edges have a larger logit.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__global__ void turn_scores_elements(Follows before, ConstMat scores, Mat vectors) {
  before.wait();
  const std::size_t k = thread_index(), h = k / vectors.cols, f = k % vectors.cols;
  if (h < vectors.rows) row(vectors, h)[f] = f < scores.rows ? row(scores, f)[h] : Real(0);
}

__global__ void turn_vectors_elements(Follows before, ConstMat vectors, Mat scores) {
  before.wait();
  const std::size_t k = thread_index(), f = k / scores.cols, h = k % scores.cols;
  if (f < scores.rows) row(scores, f)[h] = row(vectors, h)[f];
}

// A group has a row, and takes turns with the others.
template <unsigned lanes>
__global__ void __launch_bounds__(block_size) narrow_score_rows(Follows before, ConstMat x, ProjectedScores to) {
  before.wait();
  constexpr unsigned both = 2 * narrow_heads, lanes_of_score = lanes / both;
  const NarrowLanes<lanes> l;
  const std::size_t heads = to.source_vector.rows;
  NarrowPack vector[both];
#pragma unroll
  for (unsigned k = 0; k < both; ++k) {
    const std::size_t h = l.first_head + k % narrow_heads;
    vector[k] = load_narrow(l, row(k < narrow_heads ? to.source_vector : to.target_vector, h), h < heads, x.cols);
  }
  const unsigned own = l.part / lanes_of_score;
  const bool of_target = own >= narrow_heads;
  const std::size_t h = l.first_head + own % narrow_heads;
  const Mat score = of_target ? to.target_score : to.source_score;
  const Real* const biases = of_target ? to.target_bias.data : to.source_bias.data;
  const Real bias = biases && h < heads ? biases[h] : Real(0);
  const std::size_t warp = std::size_t(blockIdx.x) * warps_of_block + threadIdx.x / 32, warps = std::size_t(gridDim.x) * warps_of_block;
  for (std::size_t base = warp * l.groups; base < x.rows; base += warps * l.groups) {
    const std::size_t i = base + l.group;
    const NarrowPack values = load_narrow(l, row(x, i), i < x.rows, x.cols);
    const Real sum = scatter_sums<lanes, both>(l.part, [&](unsigned k) { return dot(values, vector[k]); });
    if (l.part % lanes_of_score == 0 && i < score.rows && h < heads) row(score, i)[h] = sum + bias;
  }
}

struct Rows {
  CsrView in;
  SharedRows shared;
  ConstMat s, t, x;
  Real slope;
  Dropout dropout;
  Mat sums;
  AttentionState state;
};

// What was summed over some edges of a row.
struct Sums {
  Real most = -INFINITY, total = 0;  // slots
  NarrowPack of[narrow_heads] = {};  // columns

  __device__ void add(const Sums& other) {
    const Real next = other.most > most ? other.most : most;
    const Real down = most == next ? Real(1) : exp(most - next), other_down = other.most == next ? Real(1) : exp(other.most - next);
    most = next;
    total = down * total + other_down * other.total;
#pragma unroll
    for (unsigned h = 0; h < narrow_heads; ++h) {
      const Real of_head = __shfl_sync(~0u, down, int(h)), other_of_head = __shfl_sync(~0u, other_down, int(h));
#pragma unroll
      for (unsigned n = 0; n < narrow_columns; ++n) of[h].x[n] = of_head * of[h].x[n] + other_of_head * other.of[h].x[n];
    }
  }
};

template <class Lanes>
__device__ Sums sum_edges(const Rows& a, const Lanes& l, std::size_t i, EdgeRange range) {
  Sums r;
  const unsigned heads = unsigned(a.t.cols), h = l.first_head + l.slot_head, count = unsigned(range.last - range.first);
  const bool has_head = h < heads;
  const Real to = has_head ? row(a.t, i)[h] : Real(0);
  const NodeId* columns = a.in.columns + range.first;
  const auto source = [&](unsigned e) { return e < count ? columns[e] : NodeId(-1); };
  NodeId next = source(l.slot_edge);
  for (unsigned base = 0; base < count; base += narrow_edges) {
    const NodeId j = next;
    next = source(base + narrow_edges + l.slot_edge);
    const bool there = j >= 0 && has_head;
    const Real u = there ? row_of(a.s, j)[h] + to : -INFINITY;
    NarrowPack rows[Lanes::edges];
    load_sources(l, a.x, j, rows);
    // leaky_relu never falls: the largest sum has the largest logit.
    const Real largest = max_lanes<5>(u, narrow_heads, 32);
    Real most = has_head ? leaky(largest, a.slope) : Real(0);
    most = r.most > most ? r.most : most;
    if (base > 0) {
      const Real down = exp(r.most - most);
      r.total *= down;
#pragma unroll
      for (unsigned k = 0; k < narrow_heads; ++k) {
        const Real of_head = __shfl_sync(~0u, down, int(k));
#pragma unroll
        for (unsigned n = 0; n < narrow_columns; ++n) r.of[k].x[n] *= of_head;
      }
    }
    r.most = most;
    Real share = 0;
    if (there) {
      const Real weight = exp(leaky(u, a.slope) - most);
      r.total += weight;
      share = weight * edge_multiplier(a.dropout, a.in, range.first + base + l.slot_edge, i, std::size_t(j), h, heads);
    }
    add_weighted(l, share, rows, r.of);
  }
  r.total = sum_lanes<5>(r.total, narrow_heads, 32);
#pragma unroll
  for (unsigned k = 0; k < narrow_heads; ++k) sum_lanes<5>(r.of[k].x, Lanes::lanes, 32);
  return r;
}

template <unsigned lanes>
__global__ void __launch_bounds__(block_size, 2) narrow_rows_kernel(Follows before, Rows a) {
  before.wait();
  const NarrowLanes<lanes> l;
  const unsigned heads = unsigned(a.t.cols), h = l.first_head + l.slot_head;
  sum_rows<Sums>(
      a.in, a.shared, [&](std::size_t i, EdgeRange range) { return sum_edges(a, l, i, range); },
      [](Sums& sums, const Sums& more) { sums.add(more); },
      [&](std::size_t i, const Sums& r, const RowPart&) {
        const Real inverse = r.total > 0 ? 1 / r.total : r.total;  // 0 without edges, and NaN stays
        if (l.slot_edge == 0 && h < heads && a.state.maximum.data) {
          row(a.state.maximum, i)[h] = r.total > 0 ? r.most : Real(0);
          row(a.state.sum, i)[h] = r.total;
        }
#pragma unroll
        for (unsigned k = 0; k < narrow_heads; ++k) {
          const Real of_head = __shfl_sync(~0u, inverse, int(k));
          if (l.group != 0 || l.column >= a.x.cols || l.first_head + k >= heads) continue;
          Real x[narrow_columns];
#pragma unroll
          for (unsigned n = 0; n < narrow_columns; ++n) x[n] = r.of[k].x[n] * of_head;
          const LaneColumns c((l.first_head + k) * a.x.cols + l.column, narrow_columns);
          store_columns_away<true>(row(a.sums, i), c, x);
        }
      });
}

}  // namespace

bool are_narrow_packs(ConstMat x) {
  HeadLanes shape;
  shape.per = narrow_columns;
  return whole_packs(shape, x.cols, {x});
}

void turn_scores(Context& ctx, ConstMat scores, Mat vectors) { launch(ctx, turn_scores_elements, vectors.size(), scores, vectors); }

void turn_vectors(Context& ctx, ConstMat vectors, Mat scores) { launch(ctx, turn_vectors_elements, scores.size(), vectors, scores); }

void narrow_scores(Context& ctx, ConstMat x, ProjectedScores scores) {
  constexpr std::size_t most_blocks = 2048;
  const std::size_t blocks = std::min(most_blocks, ceil_divide(x.rows, warps_of_block));
  with_narrow_lanes(x.cols, [&](auto lanes) {
    launch_blocks(ctx, narrow_score_rows<lanes()>, dim3(unsigned(blocks), narrow_slices(scores.source_vector.rows)), x, scores);
  });
}

void narrow_rows(Context& ctx, CsrView in, ConstMat s, ConstMat t, ConstMat x, Real slope, Dropout dropout, Mat sums, AttentionState state) {
  const unsigned slices = narrow_slices(t.cols);
  SharedRows shared;
  const Tensor memory = share_rows(ctx, in, slices, sizeof(Sums) / sizeof(Real), shared);
  with_narrow_lanes(x.cols, [&](auto lanes) {
    launch_blocks(ctx, narrow_rows_kernel<lanes()>, dim3(unsigned(num_row_blocks(in)), slices),
                  Rows{in, shared, s, t, x, slope, dropout, sums, state});
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
