// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <gnn/kernels/aero_hops.hpp>
#include <gnn/kernels/cuda/launch.cuh>

// Plan: a group of lanes shares the channels of a head, up to per_lane in each lane's registers. The groups of
// a warp, or of a block where the row is long, share a row and take turns with its edges. Rows are dealt to
// blocks in turn, blocks to pieces of the sums over all nodes, and all of it depends on sizes only. A lane makes
// the scalars of one edge ready, then the group walks over these edges together.
namespace gnn::inline GNN_PRECISION::cuda {

inline constexpr unsigned per_lane = 4;
inline constexpr unsigned team_edges = 4;  ///< of a group, whose loads are under way together

inline unsigned lanes_for_channels(std::size_t channels) {
  return lanes_for(std::max<std::size_t>(4, (channels + per_lane - 1) / per_lane));
}

/// What a group has to do: which rows, which of their edges, which channels.
struct Team {
  LaneGroup group;
  unsigned groups;    ///< of the block
  unsigned of_warp;   ///< groups of a warp
  unsigned number;    ///< of this group in the block
  unsigned together;  ///< groups that share the row in hand
  std::size_t head;

  __device__ explicit Team(unsigned lanes)
      : group(lanes),
        groups(block_size / lanes),
        of_warp(32 / lanes),
        number(threadIdx.x / lanes),
        together(of_warp),
        head(blockIdx.y) {}

  __device__ bool leads() const { return number % together == 0; }

  /// Calls visit(i) for the rows of this group, by all groups that share the row. Long rows are dealt from the
  /// last block on, short ones from the first: where blocks are many, no block has both.
  template <class Visit>
  __device__ void for_rows(const CsrView& rows, const Visit& visit) {
    together = groups;
    for (std::size_t k = gridDim.x - 1 - blockIdx.x; k < rows.num_parts; k += gridDim.x) {
      if (rows.parts[k].part == 0) visit(std::size_t(rows.parts[k].row));
    }
    together = of_warp;
    const std::size_t step = std::size_t(gridDim.x) * (groups / of_warp);
    for (std::size_t i = blockIdx.x * (groups / of_warp) + number / of_warp; i < std::size_t(rows.num_rows); i += step) {
      const EdgeRange range = edges_of(rows, i);
      if (rows.num_parts == 0 || EdgeOffset(range.last - range.first) <= rows.longest_short) visit(i);
    }
  }

  /// The same for kernels that need no edges: a row each group.
  template <class Visit>
  __device__ void for_own_rows(std::size_t num_rows, const Visit& visit) {
    together = 1;
    for (std::size_t i = std::size_t(blockIdx.x) * groups + number; i < num_rows; i += std::size_t(gridDim.x) * groups) visit(i);
  }

  /// Channel s of this lane's, of those from `begin` on.
  __device__ std::size_t channel(std::size_t begin, unsigned s) const {
    return begin + s * group.lanes + group.lane;
  }
  __device__ std::size_t channels_at_once() const { return per_lane * group.lanes; }

  /// For runs of edges of a row: ready(e, there) prepares the lane's own edge e, if it is there; then turn(b, left)
  /// is called by all lanes for the edges that lanes b to b + team_edges - 1 have prepared, `left` of which are
  /// there; then done(e, there).
  template <class Ready, class Turn, class Done>
  __device__ void walk(const EdgeRange& range, const Ready& ready, const Turn& turn, const Done& done) const {
    const std::size_t step = std::size_t(together) * group.lanes;
    for (std::size_t base = range.first + number % together; base < range.last; base += step) {
      const std::size_t e = base + std::size_t(group.lane) * together;
      const std::size_t left = (range.last - base + together - 1) / together;
      const unsigned count = left < group.lanes ? unsigned(left) : group.lanes;
      ready(e, e < range.last);
      for (unsigned b = 0; b < count; b += team_edges) turn(b, count - b);
      done(e, e < range.last);
    }
  }

  /// What lane b of the group has.
  template <class T>
  __device__ T from(T x, unsigned b) const {
    return __shfl_sync(group.mask, x, int(b), int(group.lanes));
  }

  /// The lane's channels from `begin` on of the rows that lanes b to b + team_edges - 1 point to; 0 where there is none.
  __device__ void read_rows(unsigned b, unsigned left, NodeId node, const ConstMat& x, std::size_t begin, std::size_t channels,
                            Real (&rows)[team_edges][per_lane]) const {
#pragma unroll
    for (unsigned k = 0; k < team_edges; ++k) {
      const Real* from_row = row(x, std::size_t(from(node, b + k))) + head * channels;
#pragma unroll
      for (unsigned s = 0; s < per_lane; ++s) {
        const std::size_t c = channel(begin, s);
        rows[k][s] = k < left && c < channels ? from_row[c] : Real(0);
      }
    }
  }

  /// The sums over the block's groups, in their order, for every thread; all threads call it.
  template <unsigned n>
  __device__ void add_groups(Real (&x)[n]) const {
    __shared__ Real shared[n][block_size];
    __syncthreads();  // the call before may still be read
#pragma unroll
    for (unsigned s = 0; s < n; ++s) shared[s][threadIdx.x] = x[s];
    __syncthreads();
#pragma unroll
    for (unsigned s = 0; s < n; ++s) {
      x[s] = 0;
      for (unsigned g = 0; g < groups; ++g) x[s] += shared[s][g * group.lanes + group.lane];
    }
  }

  /// The same over the groups that share a row.
  template <unsigned n>
  __device__ void add_row(Real (&x)[n]) const {
    if (together > of_warp) return add_groups(x);
#pragma unroll
    for (unsigned s = 0; s < n; ++s) {
      for (unsigned step = group.lanes; step < 32 && together > 1; step *= 2) x[s] += __shfl_xor_sync(~0u, x[s], int(step));
    }
  }
};

/// ELU and its derivative, both made of e^min(x, 0) - 1. A NaN stays one.
struct Elu {
  Real value, slope;
};
__device__ inline Elu elu_of(Real x) {
  const Real below = expm1(x > 0 ? Real(0) : x);
  return {(x > 0 ? x : Real(0)) + below, 1 + below};
}

/// x[s] of all groups to this block's piece.
template <unsigned n>
__device__ void write_piece(const Team& team, Real (&x)[n], std::size_t begin, std::size_t channels,
                            Real* piece) {
  team.add_groups(x);
  if (team.number != 0) return;
#pragma unroll
  for (unsigned s = 0; s < n; ++s) {
    const std::size_t c = team.channel(begin, s);
    if (c < channels) piece[c] = x[s];
  }
}

/// The launch of a kernel whose teams walk over rows, for each head: blocks and lanes.
struct TeamShape {
  dim3 blocks;
  unsigned lanes;
};
inline TeamShape shape_of(const Context& ctx, const CsrView& rows, std::size_t heads, std::size_t channels) {
  return {dim3(unsigned(aero_pieces(ctx, rows)), unsigned(heads)), lanes_for_channels(channels)};
}

}  // namespace gnn::inline GNN_PRECISION::cuda
