// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>

#include <gnn/kernels/cuda/head_lanes.cuh>

// Sums over the edges of rows. A warp owns a short row; all warps of a block share a long one, and several blocks a hub, so
// that it costs no more than its edges. What they found meets in the order of the edges: the same bits every time.
namespace gnn::inline GNN_PRECISION::cuda {

inline constexpr std::size_t long_row = 32;  ///< edges of a row from which a block shares it, where no list says so

/// Where blocks that share a row leave their sums, and count how many have. See CsrView's slots.
struct SharedRows {
  Real* sums = nullptr;
  unsigned* arrived = nullptr;
};

/// Memory for one launch with so many slices (blockIdx.y) and numbers a lane. A matrix whose parts are more than there are
/// counters is walked without: then a block has each long row. `rows` says so to the kernel.
inline Tensor share_rows(Context& ctx, CsrView& rows, std::size_t slices, std::size_t numbers, SharedRows& shared) {
  if (rows.num_slots * slices > CudaState::num_counters) {
    rows.parts = nullptr;
    rows.num_parts = rows.num_slots = 0;
    rows.longest_short = 0;
  }
  const Tensor memory = ctx.tensor(rows.num_slots * slices, numbers * 32);
  shared = {memory.data(), ctx.cuda().counters};
  return memory;
}

/// How many blocks for_rows() has work for: a part is one's, short rows are dealt eight at a time.
inline std::size_t num_row_blocks(const CsrView& rows) {
  return rows.num_parts + ceil_divide(std::size_t(rows.num_rows), warps_of_block);
}

/// Piece number k of a range in so many.
__device__ inline EdgeRange piece_of(const EdgeRange& range, std::size_t k, std::size_t pieces) {
  const std::size_t piece = (range.last - range.first + pieces - 1) / pieces;
  const std::size_t begin = range.first + k * piece, end = begin + piece;
  return {begin < range.last ? begin : range.last, end < range.last ? end : range.last};
}
__device__ inline EdgeRange piece_of_warp(const EdgeRange& range) { return piece_of(range, threadIdx.x / 32, warps_of_block); }

/// Runs work(part, edges, together) for every row: by one warp for a short one, by all warps of a block, each with its own
/// edges, for each part of a long one. Parts come first, in blocks of their own; where no list names them, the block that has a
/// long row next to short ones takes it after these, as its only part. All threads call it. There is one call of `work`, so
/// that its code is there once: a kernel of a small graph waits for its instructions above all.
template <class Work>
__device__ void for_rows(const CsrView& rows, const Work& work) {
  __shared__ bool is_long[warps_of_block];
  const unsigned warp = threadIdx.x / 32;
  const std::size_t num_rows = std::size_t(rows.num_rows), parts = rows.num_parts;
  const bool listed = rows.longest_short > 0;
  const std::size_t longest_short = listed ? std::size_t(rows.longest_short) : long_row;
  const std::size_t units = parts + (num_rows + warps_of_block - 1) / warps_of_block;
  for (std::size_t unit = blockIdx.x; unit < units; unit += gridDim.x) {
    const bool is_part = unit < parts;
    const std::size_t first = is_part ? 0 : (unit - parts) * warps_of_block, i = first + warp;
    RowPart part{NodeId(i), 0, 1, 0};
    if (is_part) part = rows.parts[unit];
    bool there = is_part || i < num_rows, together = is_part;
    EdgeRange range{0, 0};
    if (there) range = edges_of(rows, std::size_t(part.row));
    unsigned later = 0;  // which warps' rows are long
    if (is_part) {
      range = piece_of_warp(piece_of(range, part.part, part.parts));
    } else {
      const bool longer = range.last - range.first > longest_short;
      there = there && !longer;
      if (!listed) {
        if (threadIdx.x % 32 == 0) is_long[warp] = longer;
        __syncthreads();
        for (unsigned w = 0; w < warps_of_block; ++w) later |= unsigned(is_long[w]) << w;
        __syncthreads();
      }
    }
    while (true) {
      if (there) work(part, range, together);
      if (later == 0) break;
      const std::size_t next = first + unsigned(__ffs(int(later))) - 1;
      later &= later - 1;
      there = together = true;
      part = {NodeId(next), 0, 1, 0};
      range = piece_of_warp(edges_of(rows, next));
    }
  }
}

/// For warp 0: what all warps of the block have, lane by lane, by merge(sums, those of a later warp). All threads call it.
template <class Sums, class Merge>
__device__ void meet_warps(Sums& sums, const Merge& merge) {
  constexpr unsigned n = sizeof(Sums) / sizeof(Real);
  __shared__ Real shared[n][warps_of_block][32];
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  Real x[n];
  memcpy(x, &sums, sizeof sums);
#pragma unroll
  for (unsigned k = 0; k < n; ++k) shared[k][warp][lane] = x[k];
  __syncthreads();
  if (warp == 0) {
#pragma unroll 1
    for (unsigned w = 1; w < warps_of_block; ++w) {
#pragma unroll
      for (unsigned k = 0; k < n; ++k) x[k] = shared[k][w][lane];
      Sums other;
      memcpy(&other, x, sizeof other);
      merge(sums, other);
    }
  }
  __syncthreads();
}

/// Whether this block is the last one to bring its part of a row; its sums are those of all parts then. One warp calls it.
template <class Sums, class Merge>
__device__ bool meet_blocks(const SharedRows& shared, const RowPart& part, Sums& sums, const Merge& merge) {
  constexpr unsigned n = sizeof(Sums) / sizeof(Real);
  const unsigned lane = threadIdx.x % 32;
  const std::size_t first = std::size_t(part.slot) * gridDim.y + std::size_t(blockIdx.y) * part.parts;
  Real x[n];
  memcpy(x, &sums, sizeof sums);
#pragma unroll
  for (unsigned k = 0; k < n; ++k) shared.sums[((first + part.part) * n + k) * 32 + lane] = x[k];
  __threadfence();
  __syncwarp();
  unsigned before = 0;
  if (lane == 0) before = atomicAdd(&shared.arrived[first], 1u);
  if (__shfl_sync(~0u, before, 0) + 1 < part.parts) return false;
  if (lane == 0) shared.arrived[first] = 0;
  __threadfence();
#pragma unroll 1
  for (std::size_t k = 0; k < part.parts; ++k) {
#pragma unroll
    for (unsigned m = 0; m < n; ++m) x[m] = __ldcg(&shared.sums[((first + k) * n + m) * 32 + lane]);
    Sums other;
    memcpy(&other, x, sizeof other);
    if (k == 0) {
      sums = other;
    } else {
      merge(sums, other);
    }
  }
  return true;
}

/// write(i, sums, part) for every row, by one warp, with what gather(i, edges) finds in all of its edges. Sums: a struct of
/// Reals, of which each lane has one. The part is the whole row, or one of several: then nobody knows which of their blocks
/// writes, and what depends on the block must not see it. All threads call it.
template <class Sums, class Gather, class Merge, class Write>
__device__ void sum_rows(const CsrView& rows, const SharedRows& shared, const Gather& gather, const Merge& merge, const Write& write) {
  for_rows(rows, [&](const RowPart& part, EdgeRange range, bool together) {
    Sums sums = gather(std::size_t(part.row), range);
    bool writes = true;
    if (together) {
      meet_warps(sums, merge);
      writes = threadIdx.x < 32 && (part.parts == 1 || meet_blocks(shared, part, sums, merge));
    }
    if (writes) write(std::size_t(part.row), sums, part);
  });
}

/// Plain sums a lane, for sum_rows().
template <unsigned n>
struct PlainSums {
  Real x[n] = {};
};
struct AddSums {
  template <unsigned n>
  __device__ void operator()(PlainSums<n>& a, const PlainSums<n>& b) const {
#pragma unroll
    for (unsigned k = 0; k < n; ++k) a.x[k] += b.x[k];
  }
};

}  // namespace gnn::inline GNN_PRECISION::cuda
