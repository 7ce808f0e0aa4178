// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/head_lanes.cuh>

// Four edges at once by the lanes of a head, of which there are four or more: what is a number for an edge and head is found once,
// by the lanes whose last two bits name the edge, and handed to the others. Summed up edge by edge, and with its exponential in every
// lane, an edge of GATv2 took four times as many instructions.
namespace gnn::inline GNN_PRECISION::cuda {

inline constexpr unsigned four_edges = 4;

/// Which of the four edges a lane looks after.
__device__ inline unsigned edge_of_lane() { return threadIdx.x % four_edges; }

/// The sum over the lanes of a head of x[edge_of_lane()]. Lanes that look after one edge get the same bits.
__device__ inline Real sum_own_edge(const Real (&x)[four_edges], unsigned lanes) {
  const bool odd = threadIdx.x & 1, upper = threadIdx.x & 2;
  // Each step sends away what the other half of the lanes looks after.
  const Real low = (odd ? x[1] : x[0]) + __shfl_xor_sync(~0u, odd ? x[0] : x[1], 1);
  const Real high = (odd ? x[3] : x[2]) + __shfl_xor_sync(~0u, odd ? x[2] : x[3], 1);
  Real sum = (upper ? high : low) + __shfl_xor_sync(~0u, upper ? low : high, 2);
  if (lanes > 4) sum += __shfl_xor_sync(~0u, sum, 4);
  if (lanes > 8) sum += __shfl_xor_sync(~0u, sum, 8);
  if (lanes > 16) sum += __shfl_xor_sync(~0u, sum, 16);
  return sum;
}

/// Of the lanes that look after the four edges, which hold x each: their sum, and what the lane of edge k has.
__device__ inline Real sum_four(Real x) { return sum_lanes(x, 1, four_edges); }
__device__ inline Real of_edge(Real x, unsigned k) { return __shfl_sync(~0u, x, int((threadIdx.x & ~(four_edges - 1)) + k)); }

/// Whether edges go by fours, see Walk: heads have four lanes or more, and each lane all of its columns side by side.
inline bool edges_go_by_fours(const HeadLanes& s, bool whole) { return whole && s.per == 8 && s.lanes >= four_edges; }

/// Calls visit(e, j, left, own) for the edges of a range by fours: edge k of the lane's group is at place e + k groups and there
/// where k groups < left, j[k] is its other end; own is that of the lane's edge. Where an edge is not there, the other end is that of
/// one that is, so that rows can be read without asking. A lane reads one edge in 32.
template <class Visit>
__device__ void for_fours(const HeadLanes& s, const WarpPlace& p, const CsrView& rows, EdgeRange range, const Visit& visit) {
  for (std::size_t base = range.first; base < range.last; base += 32) {
    const unsigned count = range.last - base < 32 ? unsigned(range.last - base) : 32;
    const NodeId other = rows.columns[base + (p.lane < count ? p.lane : count - 1)];
#pragma unroll 1
    for (unsigned q = p.group; q < count + p.group; q += four_edges * s.groups) {
      NodeId j[four_edges];
#pragma unroll
      for (unsigned k = 0; k < four_edges; ++k) j[k] = __shfl_sync(~0u, other, int(q + k * s.groups));
      const NodeId own = __shfl_sync(~0u, other, int(q + edge_of_lane() * s.groups));
      visit(base + q, j, int(count - q), own);
    }
  }
}

}  // namespace gnn::inline GNN_PRECISION::cuda
