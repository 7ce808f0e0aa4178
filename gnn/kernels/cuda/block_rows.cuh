// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <type_traits>

#include <gnn/kernels/cuda/dealt_rows.cuh>

// Who has a row: a warp a short one, all warps of a block a long one, and several blocks a hub, so that it costs no more than its
// edges.
namespace gnn::inline GNN_PRECISION::cuda {

inline constexpr unsigned most_row_turns = 16;  ///< short rows of a warp, on average
inline constexpr std::size_t long_row = 32;  ///< edges of a row from which a block shares it, where no list says so

/// How many short rows each warp of a block has, on average, where they are handed out. In a large matrix these are more than one,
/// so that a block does not wait for its longest row: with eight rows each, half of the warps that fit stood still on an R-MAT graph.
__host__ __device__ inline unsigned row_turns(const CsrView& rows) {
  constexpr unsigned good_blocks = 1024;
  const unsigned turns = unsigned(rows.num_rows) / (warps_of_block * good_blocks);
  return !rows.parts || turns < 1 ? 1 : turns < most_row_turns ? turns : most_row_turns;
}

/// How many blocks for_rows() with rows handed out has: one for each part, and one for every so many short rows.
inline std::size_t num_row_blocks(const CsrView& rows) {
  return rows.num_parts + ceil_divide(std::size_t(rows.num_rows), warps_of_block * row_turns(rows));
}

/// The calling warp's piece of a range that all warps of a block share.
__device__ inline EdgeRange piece_of_warp(const EdgeRange& range) {
  const std::size_t piece = (range.last - range.first + warps_of_block - 1) / warps_of_block;
  const std::size_t begin = range.first + threadIdx.x / 32 * piece, end = begin + piece;
  return {begin < range.last ? begin : range.last, end < range.last ? end : range.last};
}

/// Whose the short rows of a matrix are. dealt: the same block's and warp's every time, for what is summed up along them;
/// dealt_by_list: the same of a small matrix that has a list of its long rows, which takes fewer instructions; dealt_sorted: the same
/// of any matrix, see DealtRows, which takes registers that a small graph's kernels miss; handed_out: those that belong to a block go
/// to whichever of its warps is free, for rows that do not touch each other.
enum class ShortRows { dealt, dealt_by_list, dealt_sorted, handed_out };

/// The short rows that a block has by number, for the warp that is free, the longest ones first, so that no warp has one left when
/// the others are done. Where they begin is read at once. For matrices with a list of long rows.
struct RowQueue {
  static constexpr unsigned most_rows = most_row_turns * warps_of_block, kinds = 4;
  static_assert(most_rows <= block_size);
  EdgeRange range_of[most_rows];
  NodeId row_of_place[most_rows];
  unsigned rows_of_kind[kinds], taken;

  /// Returns how many there are. All threads call it.
  __device__ unsigned fill(const CsrView& rows) {
    const unsigned rows_of_block = warps_of_block * row_turns(rows);
    const std::size_t i = std::size_t(blockIdx.x - unsigned(rows.num_parts)) * rows_of_block + threadIdx.x;
    if (threadIdx.x < kinds) rows_of_kind[threadIdx.x] = 0;
    if (threadIdx.x == 0) taken = 0;
    __syncthreads();
    EdgeRange range{0, 0};
    unsigned kind = kinds, place = 0;
    if (threadIdx.x < rows_of_block && i < std::size_t(rows.num_rows)) {
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
  constexpr bool hands_rows_out = short_rows == ShortRows::handed_out, sorts = short_rows == ShortRows::dealt_sorted;
  __shared__ std::conditional_t<hands_rows_out, RowQueue, std::conditional_t<sorts, DealtRows, char>> queue;
  // Whatever is counted here but edges is below 2^32: with divisions of 64 bits, this was a sixth of a small graph's kernels.
  const unsigned warp = threadIdx.x / 32, num_rows = unsigned(rows.num_rows), parts = unsigned(rows.num_parts);
  const bool listed = short_rows == ShortRows::dealt_by_list || rows.longest_short > 0;
  const std::size_t longest_short = listed ? std::size_t(rows.longest_short) : long_row;
  const unsigned units = parts + (num_rows + warps_of_block - 1) / warps_of_block;
  // Where each warp has a few rows at least.
  const bool hands_out = (hands_rows_out && row_turns(rows) > 1) || (sorts && listed && units - parts > 2 * gridDim.x);
  for (unsigned unit = blockIdx.x; unit < units; unit += gridDim.x) {
    const bool is_part = unit < parts, takes = hands_out && !is_part;
    const unsigned first = is_part ? 0 : (unit - parts) * warps_of_block, i = first + warp;
    RowPart part{NodeId(i), 0, 1, 0, 0, 0};
    bool there = is_part || (!takes && i < num_rows), together = is_part;
    EdgeRange range{0, 0};
    if (is_part) {
      part = rows.parts[unit];
      range = piece_of_warp({std::size_t(part.first), std::size_t(part.last)});
    } else if (there) {
      range = edges_of(rows, i);
    }
    unsigned later = 0;   // which warps' rows are long
    unsigned queued = 0;  // rows that are handed out, or dealt at once
    unsigned dealt = 0;   // rows of the block before these
    unsigned turn = 0;
    if (!is_part && !takes) {
      const bool longer = range.last - range.first > longest_short;
      there = there && !longer;
      if (!listed) {
        if (threadIdx.x % 32 == 0) is_long[warp] = longer;
        __syncthreads();
        for (unsigned w = 0; w < warps_of_block; ++w) later |= unsigned(is_long[w]) << w;
        __syncthreads();
      }
    }
    if (takes) {
      if constexpr (hands_rows_out) queued = queue.fill(rows);
      if constexpr (sorts) queued = queue.fill(rows, unit, 0);
    }
    while (true) {
      if constexpr (hands_rows_out) {
        if (takes) {
          const unsigned k = queue.take();
          if (k >= queued) break;
          there = true;
          part.row = queue.row_of_place[k];
          range = queue.range_of[k];
        }
      }
      if constexpr (sorts) {
        if (takes) {
          const unsigned k = DealtRows::place_in(turn++);
          there = k < queued;
          if (!there) {
            dealt += DealtRows::most;
            if (unit + dealt / warps_of_block * gridDim.x >= units) break;
            queued = queue.fill(rows, unit, dealt);
            turn = 0;
            continue;
          }
          part.row = queue.row_of_place[k];
          range = queue.range_of[k];
        }
      }
      if (there) work(part, range, together);
      if (takes) continue;
      if (later == 0) break;
      const unsigned next = first + unsigned(__ffs(int(later))) - 1;
      later &= later - 1;
      there = together = true;
      part = {NodeId(next), 0, 1, 0, 0, 0};
      range = piece_of_warp(edges_of(rows, next));
    }
    if (takes || (hands_out && hands_rows_out)) break;
  }
}

}  // namespace gnn::inline GNN_PRECISION::cuda
