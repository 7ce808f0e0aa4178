// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/gat_narrow.hpp>
#include <gnn/kernels/cuda/head_lanes.cuh>

// How a warp shares a row of attention whose edges' features, up to 128, belong to all heads. It has 8 edges at once and looks at
// them in two ways:
//
//   columns  lane = (group, part): a lane has 4 columns side by side, for each of 4 heads; groups have different edges
//   slots    lane = (edge, head): scalars of attention, computed once
//
// More heads than four are slices: blockIdx.y.
namespace gnn::inline GNN_PRECISION::cuda {

inline constexpr unsigned narrow_edges = 32 / narrow_heads;
static_assert(widest_narrow == 32 * narrow_columns);

template <unsigned lanes_>
struct NarrowLanes {
  static constexpr unsigned lanes = lanes_, groups = 32 / lanes, edges = lanes / narrow_heads;  // edges: of a group
  static_assert(lanes % narrow_heads == 0);
  unsigned lane, part, group;  // columns
  unsigned slot_edge, slot_head;
  unsigned first_head, column;

  __device__ NarrowLanes()
      : lane(threadIdx.x % 32),
        part(lane % lanes),
        group(lane / lanes),
        slot_edge(lane / narrow_heads),
        slot_head(lane % narrow_heads),
        first_head(blockIdx.y * narrow_heads),
        column(part * narrow_columns) {}
  /// The slot of a group's edge and a head.
  __device__ unsigned slot(unsigned edge, unsigned head) const { return (group * edges + edge) * narrow_heads + head; }
};

using NarrowPack = Pack<narrow_columns>;

/// The columns of a lane in a row of numbers whose first one is at `from`, zeros where there are none.
template <class Lanes>
__device__ inline NarrowPack load_narrow(const Lanes& l, const Real* from, bool there, std::size_t columns) {
  if (!there || l.column >= columns) return {};
  return *reinterpret_cast<const NarrowPack*>(from + l.column);
}

/// The rows of x of a group's edges, whose sources j the slots know; zeros where that is negative.
template <class Lanes>
__device__ inline void load_sources(const Lanes& l, const ConstMat& x, NodeId j, NarrowPack (&rows)[Lanes::edges]) {
  NodeId from[Lanes::edges];
#pragma unroll
  for (unsigned e = 0; e < Lanes::edges; ++e) from[e] = __shfl_sync(~0u, j, int(l.slot(e, 0)));
  // Loads follow on one another, without a shuffle between them.
#pragma unroll
  for (unsigned e = 0; e < Lanes::edges; ++e) rows[e] = load_narrow(l, row_of(x, from[e]), from[e] >= 0, x.cols);
}

/// sums[h] += what a slot of each edge found for head h, times the edge's row.
template <class Lanes>
__device__ inline void add_weighted(const Lanes& l, Real found, const NarrowPack (&rows)[Lanes::edges], NarrowPack (&sums)[narrow_heads]) {
#pragma unroll
  for (unsigned e = 0; e < Lanes::edges; ++e) {
#pragma unroll
    for (unsigned h = 0; h < narrow_heads; ++h) {
      const Real weight = __shfl_sync(~0u, found, int(l.slot(e, h)));
#pragma unroll
      for (unsigned n = 0; n < narrow_columns; ++n) sums[h].x[n] += weight * rows[e].x[n];
    }
  }
}

__device__ inline Real dot(const NarrowPack& a, const NarrowPack& b) {
  Real sum = 0;
#pragma unroll
  for (unsigned n = 0; n < narrow_columns; ++n) sum += a.x[n] * b.x[n];
  return sum;
}

/// n sums over a group's lanes of the numbers x(k), of which number k goes to the lanes with part * n / lanes = k: half of the numbers go
/// to the other half of the lanes each time, so that n sums take about n shuffles. x is called for two at a time.
template <unsigned lanes, unsigned n, class Number>
__device__ inline Real scatter_sums(unsigned part, const Number& x) {
  static_assert(n > 1 && n <= lanes);
  Real sum[n / 2];
  const auto give_half = [&](unsigned half, Real lower, Real upper) {
    const bool is_upper = (part & half) != 0;
    return (is_upper ? upper : lower) + __shfl_xor_sync(~0u, is_upper ? lower : upper, int(half));
  };
#pragma unroll
  for (unsigned k = 0; k < n / 2; ++k) sum[k] = give_half(lanes / 2, x(k), x(k + n / 2));
  unsigned left = n / 2;
#pragma unroll
  for (unsigned half = lanes / 4; half > 0; half /= 2) {
    left /= 2;
    if (left == 0) {
      sum[0] += __shfl_xor_sync(~0u, sum[0], int(half));
    } else {
#pragma unroll
      for (unsigned k = 0; k < left; ++k) sum[k] = give_half(half, sum[k], sum[k + left]);
    }
  }
  return sum[0];
}

/// Calls work(lanes) with the fewest lanes for so many columns, as a constant.
template <class Work>
void with_narrow_lanes(std::size_t columns, const Work& work) {
  if (columns <= 8 * narrow_columns) return work(std::integral_constant<unsigned, 8>());
  if (columns <= 16 * narrow_columns) return work(std::integral_constant<unsigned, 16>());
  work(std::integral_constant<unsigned, 32>());
}

}  // namespace gnn::inline GNN_PRECISION::cuda
