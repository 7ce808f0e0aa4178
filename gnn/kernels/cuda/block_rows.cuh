// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <type_traits>

#include <gnn/kernels/cuda/head_lanes.cuh>

// Who has a row: a warp a short one, all warps of a block a long one, and several blocks a hub, so that it costs no more than its
// edges.
namespace gnn::inline GNN_PRECISION::cuda {

inline constexpr unsigned most_row_turns = 16;  ///< short rows of a warp, on average
inline constexpr std::size_t long_row = 32;  ///< edges of a row from which a block shares it, where no list says so

/// How many blocks for_rows() with rows handed out should have: one for each part, and one for every so many short rows. In a
/// large matrix these are more than a block has warps, so that a block does not wait for its longest row: with eight rows each,
/// half of the warps that fit stood still on an R-MAT graph.
inline std::size_t num_row_blocks(const CsrView& rows) {
  constexpr std::size_t good_blocks = 1024;
  const std::size_t turns = std::clamp<std::size_t>(std::size_t(rows.num_rows) / (warps_of_block * good_blocks), 1, most_row_turns);
  return rows.num_parts + ceil_divide(std::size_t(rows.num_rows), warps_of_block * (rows.parts ? turns : 1));
}

/// Piece number k of a range in so many.
__device__ inline EdgeRange piece_of(const EdgeRange& range, std::size_t k, std::size_t pieces) {
  const std::size_t piece = (range.last - range.first + pieces - 1) / pieces;
  const std::size_t begin = range.first + k * piece, end = begin + piece;
  return {begin < range.last ? begin : range.last, end < range.last ? end : range.last};
}
__device__ inline EdgeRange piece_of_warp(const EdgeRange& range) { return piece_of(range, threadIdx.x / 32, warps_of_block); }

/// Whose the short rows of a matrix are. dealt: the same block's and warp's every time, for what is summed up along them;
/// handed_out: those that belong to a block go to whichever of its warps is free, for rows that do not touch each other.
enum class ShortRows { dealt, handed_out };

/// The short rows that a block has by number, for the warp that is free, the longest ones first, so that no warp has one left when
/// the others are done. Where they begin is read at once. For matrices with a list of long rows.
struct RowQueue {
  static constexpr unsigned most_rows = most_row_turns * warps_of_block, kinds = 4;
  static_assert(most_rows <= block_size);
  EdgeRange range_of[most_rows];
  NodeId row_of_place[most_rows];
  unsigned rows_of_kind[kinds], taken;

  /// How many rows each block has; when they are not more than its warps, nothing is handed out.
  __device__ static std::size_t rows_of_block(const CsrView& rows) {
    const std::size_t blocks = gridDim.x - rows.num_parts;
    return ((std::size_t(rows.num_rows) + blocks - 1) / blocks + warps_of_block - 1) / warps_of_block * warps_of_block;
  }

  /// Returns how many there are. All threads call it.
  __device__ unsigned fill(const CsrView& rows) {
    const std::size_t i = (blockIdx.x - rows.num_parts) * rows_of_block(rows) + threadIdx.x;
    if (threadIdx.x < kinds) rows_of_kind[threadIdx.x] = 0;
    if (threadIdx.x == 0) taken = 0;
    __syncthreads();
    EdgeRange range{0, 0};
    unsigned kind = kinds, place = 0;
    if (threadIdx.x < rows_of_block(rows) && i < std::size_t(rows.num_rows)) {
      range = edges_of(rows, i);
      const std::size_t edges = range.last - range.first;
      if (edges <= std::size_t(rows.longest_short)) kind = edges > 64 ? 0 : edges > 24 ? 1 : edges > 8 ? 2 : 3;
      if (kind < kinds) place = atomicAdd(&rows_of_kind[kind], 1u);
    }
    __syncthreads();
    unsigned all = 0;
#pragma unroll
    for (unsigned k = 0; k < kinds; ++k) {
      if (k < kind) place += rows_of_kind[k];
      all += rows_of_kind[k];
    }
    if (kind < kinds) {
      range_of[place] = range;
      row_of_place[place] = NodeId(i);
    }
    __syncthreads();
    return all;
  }

  /// The number of the row that the calling warp has next.
  __device__ unsigned take() {
    unsigned k = 0;
    if (threadIdx.x % 32 == 0) k = atomicAdd(&taken, 1u);
    return __shfl_sync(~0u, k, 0);
  }
};

/// Runs work(part, edges, together) for every row: by one warp for a short one, by all warps of a block, each with its own edges,
/// for each part of a long one. Parts come first, in blocks of their own; where no list names them, rows are dealt, and the block
/// that has a long row next to short ones takes it after these, as its only part. All threads call it. There is one call of
/// `work`, so that its code is there once: a kernel of a small graph waits for its instructions above all.
template <ShortRows short_rows, class Work>
__device__ void for_rows(const CsrView& rows, const Work& work) {
  __shared__ bool is_long[warps_of_block];
  __shared__ std::conditional_t<short_rows == ShortRows::handed_out, RowQueue, char> queue;
  const unsigned warp = threadIdx.x / 32;
  const std::size_t num_rows = std::size_t(rows.num_rows), parts = rows.num_parts;
  const bool listed = rows.longest_short > 0;
  const std::size_t longest_short = listed ? std::size_t(rows.longest_short) : long_row;
  const std::size_t units = parts + (num_rows + warps_of_block - 1) / warps_of_block;
  bool hands_out = false;
  // The same as RowQueue::rows_of_block() > warps_of_block, without its division, which short kernels would wait for.
  if constexpr (short_rows == ShortRows::handed_out) hands_out = rows.parts && num_rows > (gridDim.x - parts) * warps_of_block;
  for (std::size_t unit = blockIdx.x; unit < units; unit += gridDim.x) {
    const bool is_part = unit < parts, takes = hands_out && !is_part;
    const std::size_t first = is_part ? 0 : (unit - parts) * warps_of_block, i = first + warp;
    RowPart part{NodeId(i), 0, 1, 0};
    if (is_part) part = rows.parts[unit];
    bool there = is_part || (!takes && i < num_rows), together = is_part;
    EdgeRange range{0, 0};
    if (there) range = edges_of(rows, std::size_t(part.row));
    unsigned later = 0;   // which warps' rows are long
    unsigned queued = 0;  // rows that are handed out
    if (is_part) {
      range = piece_of_warp(piece_of(range, part.part, part.parts));
    } else if (!takes) {
      const bool longer = range.last - range.first > longest_short;
      there = there && !longer;
      if (!listed) {
        if (threadIdx.x % 32 == 0) is_long[warp] = longer;
        __syncthreads();
        for (unsigned w = 0; w < warps_of_block; ++w) later |= unsigned(is_long[w]) << w;
        __syncthreads();
      }
    }
    if constexpr (short_rows == ShortRows::handed_out) {
      if (takes) queued = queue.fill(rows);
    }
    while (true) {
      if constexpr (short_rows == ShortRows::handed_out) {
        if (takes) {
          const unsigned k = queue.take();
          if (k >= queued) break;
          there = true;
          part.row = queue.row_of_place[k];
          range = queue.range_of[k];
        }
      }
      if (there) work(part, range, together);
      if (takes) continue;
      if (later == 0) break;
      const std::size_t next = first + unsigned(__ffs(int(later))) - 1;
      later &= later - 1;
      there = together = true;
      part = {NodeId(next), 0, 1, 0};
      range = piece_of_warp(edges_of(rows, next));
    }
    if (hands_out) break;
  }
}

}  // namespace gnn::inline GNN_PRECISION::cuda
