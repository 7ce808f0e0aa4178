// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

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

/// Runs one_warp(i, edges) for the short rows that a block has by number, by the warp that is free, the longest ones first, so
/// that no warp has one left when the others are done. Where they begin is read at once. For matrices with a list of long rows.
template <class OneWarp>
__device__ void hand_out_rows(const CsrView& rows, const OneWarp& one_warp) {
  constexpr unsigned most_rows = most_row_turns * warps_of_block, kinds = 4;
  static_assert(most_rows <= block_size);
  __shared__ EdgeRange range_of[most_rows];
  __shared__ unsigned row_of_place[most_rows], rows_of_kind[kinds], taken;
  const std::size_t num_rows = std::size_t(rows.num_rows), blocks = gridDim.x - rows.num_parts;
  const std::size_t of_block = ((num_rows + blocks - 1) / blocks + warps_of_block - 1) / warps_of_block * warps_of_block;
  const std::size_t first = (blockIdx.x - rows.num_parts) * of_block;
  const unsigned count = first >= num_rows ? 0 : unsigned(num_rows - first < of_block ? num_rows - first : of_block);
  if (of_block <= warps_of_block) {
    const unsigned k = threadIdx.x / 32;
    if (k >= count) return;
    const EdgeRange range = edges_of(rows, first + k);
    if (range.last - range.first <= std::size_t(rows.longest_short)) one_warp(first + k, range);
    return;
  }
  if (threadIdx.x < kinds) rows_of_kind[threadIdx.x] = 0;
  if (threadIdx.x == 0) taken = 0;
  __syncthreads();
  EdgeRange range{0, 0};
  unsigned kind = kinds, place = 0;
  if (threadIdx.x < count) {
    range = edges_of(rows, first + threadIdx.x);
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
    row_of_place[place] = threadIdx.x;
  }
  __syncthreads();
  for (;;) {
    unsigned k = 0;
    if (threadIdx.x % 32 == 0) k = atomicAdd(&taken, 1u);
    k = __shfl_sync(~0u, k, 0);
    if (k >= all) return;
    one_warp(first + row_of_place[k], range_of[k]);
  }
}

/// Runs one_warp(i, edges) by one warp for each short row, and together(part, the warp's edges) by all warps of a block for each
/// part of a long one. Parts come first, in blocks of their own; where no list names them, rows are dealt, and the block that has
/// a long row next to short ones takes it after these, as its only part. All threads call it.
template <ShortRows short_rows, class OneWarp, class Together>
__device__ void for_rows(const CsrView& rows, const OneWarp& one_warp, const Together& together) {
  __shared__ bool is_long[warps_of_block];
  const unsigned warp = threadIdx.x / 32;
  const std::size_t num_rows = std::size_t(rows.num_rows), parts = rows.num_parts;
  const std::size_t longest_short = rows.parts ? std::size_t(rows.longest_short) : long_row;
  const std::size_t units = parts + (num_rows + warps_of_block - 1) / warps_of_block;
  for (std::size_t unit = blockIdx.x; unit < units; unit += gridDim.x) {
    if (unit < parts) {
      const RowPart part = rows.parts[unit];
      together(part, piece_of_warp(piece_of(edges_of(rows, std::size_t(part.row)), part.part, part.parts)));
      if constexpr (short_rows == ShortRows::handed_out) return;
      continue;
    }
    if constexpr (short_rows == ShortRows::handed_out) {
      if (rows.parts) return hand_out_rows(rows, one_warp);
    }
    const std::size_t first = (unit - parts) * warps_of_block, i = first + warp;
    bool longer = false;
    if (i < num_rows) {
      const EdgeRange range = edges_of(rows, i);
      longer = range.last - range.first > longest_short;
      if (!longer) one_warp(i, range);
    }
    if (rows.parts) continue;
    if (threadIdx.x % 32 == 0) is_long[warp] = longer;
    __syncthreads();
    for (unsigned w = 0; w < warps_of_block; ++w) {
      if (is_long[w]) together(RowPart{NodeId(first + w), 0, 1, 0}, piece_of_warp(edges_of(rows, first + w)));
    }
    __syncthreads();
  }
}

}  // namespace gnn::inline GNN_PRECISION::cuda
