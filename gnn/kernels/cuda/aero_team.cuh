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
inline constexpr unsigned bits_of_block = 8;
static_assert(block_size == 1u << bits_of_block);
inline constexpr unsigned team_edges = 4;  ///< of a group, whose loads are under way together

inline unsigned lanes_for_channels(std::size_t channels) {
  return lanes_for(std::max<std::size_t>(4, (channels + per_lane - 1) / per_lane));
}

/// What a group has to do: which rows, which of their edges, which channels. The groups of a warp stay together in everything
/// that has a shuffle, whether their own edges are there or not: a shuffle among some of the lanes is many times slower.
struct Team {
  unsigned lanes, lane_bits;  ///< of a group, 2^lane_bits
  unsigned lane;              ///< in the group
  unsigned groups, of_warp;   ///< of the block, of a warp
  unsigned number;            ///< of this group in the block
  unsigned share_bits;        ///< 2^share_bits groups share the row in hand
  std::size_t head;

  __device__ explicit Team(unsigned lanes_) : lanes(lanes_), lane(threadIdx.x & (lanes_ - 1)), head(blockIdx.y) {
    lane_bits = unsigned(__ffs(int(lanes))) - 1;
    groups = block_size >> lane_bits;
    of_warp = 32 >> lane_bits;
    number = threadIdx.x >> lane_bits;
    share_bits = 5 - lane_bits;
  }

  /// The group's place among those that share the row, and whether it is the first.
  __device__ unsigned place() const { return number & ((1u << share_bits) - 1); }
  __device__ bool leads() const { return place() == 0; }

  /// Calls visit(i) for the rows of this group, by all groups that share the row. Long rows are dealt from the
  /// last block on, short ones from the first: where blocks are many, no block has both.
  template <class Visit>
  __device__ void for_rows(const CsrView& rows, const Visit& visit) {
    share_bits = bits_of_block - lane_bits;
    for (std::size_t k = gridDim.x - 1 - blockIdx.x; k < rows.num_parts; k += gridDim.x) {
      if (rows.parts[k].part == 0) visit(std::size_t(rows.parts[k].row));
    }
    share_bits = 5 - lane_bits;
    constexpr unsigned warps = block_size / 32;
    for (std::size_t i = blockIdx.x * warps + threadIdx.x / 32; i < std::size_t(rows.num_rows); i += std::size_t(gridDim.x) * warps) {
      const EdgeRange range = edges_of(rows, i);
      if (rows.num_parts == 0 || EdgeOffset(range.last - range.first) <= rows.longest_short) visit(i);
    }
  }

  /// The same for kernels that need no edges, a row each group: visit(i, whether there is such a row; else i is the last).
  template <class Visit>
  __device__ void for_own_rows(std::size_t num_rows, const Visit& visit) {
    share_bits = 0;
    const std::size_t step = std::size_t(gridDim.x) << (bits_of_block - lane_bits);
    for (std::size_t base = std::size_t(blockIdx.x) << (bits_of_block - lane_bits); base < num_rows; base += step) {
      visit(base + number < num_rows ? base + number : num_rows - 1, base + number < num_rows);
    }
  }

  /// The sum over the group's lanes.
  __device__ Real sum(Real x) const {
    for (unsigned step = 1; step < lanes; step *= 2) x += __shfl_xor_sync(~0u, x, int(step));
    return x;
  }

  /// Channel s of this lane's, of those from `begin` on.
  __device__ std::size_t channel(std::size_t begin, unsigned s) const {
    return begin + s * lanes + lane;
  }
  __device__ std::size_t channels_at_once() const { return per_lane * lanes; }

  /// For runs of edges of a row: ready(e, there) prepares the lane's own edge e, if it is there; then turn(b, left)
  /// is called by all lanes for the edges that lanes b to b + team_edges - 1 have prepared, `left` of which are
  /// there; then done(e, there).
  template <class Ready, class Turn, class Done>
  __device__ void walk(const EdgeRange& range, const Ready& ready, const Turn& turn, const Done& done) const {
    // The first group of the warp has as many edges as any other.
    const unsigned first_place = place() & ~(of_warp - 1);
    const std::size_t step = std::size_t(lanes) << share_bits;
    for (std::size_t base = range.first + first_place; base < range.last; base += step) {
      const std::size_t own = base + (place() - first_place), e = own + (std::size_t(lane) << share_bits);
      const unsigned count = edges_from(base, range.last), left = own < range.last ? edges_from(own, range.last) : 0;
      ready(e, e < range.last);
      for (unsigned b = 0; b < count; b += team_edges) turn(b, left > b ? left - b : 0);
      done(e, e < range.last);
    }
  }

  /// How many edges a group has from one place on, at most one a lane.
  __device__ unsigned edges_from(std::size_t first, std::size_t last) const {
    const std::size_t left = (last - first + ((std::size_t(1) << share_bits) - 1)) >> share_bits;
    return left < lanes ? unsigned(left) : lanes;
  }

  /// What lane b of the group has.
  template <class T>
  __device__ T from(T x, unsigned b) const {
    return __shfl_sync(~0u, x, int(b), int(lanes));
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
      for (unsigned g = 0; g < groups; ++g) x[s] += shared[s][g * lanes + lane];
    }
  }

  /// The same over the groups that share a row.
  template <unsigned n>
  __device__ void add_row(Real (&x)[n]) const {
    if (share_bits > 5 - lane_bits) return add_groups(x);
#pragma unroll
    for (unsigned s = 0; s < n; ++s) {
      for (unsigned step = lanes; step < 32; step *= 2) x[s] += __shfl_xor_sync(~0u, x[s], int(step));
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
