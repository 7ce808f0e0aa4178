// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/head_lanes.cuh>

namespace gnn::inline GNN_PRECISION::cuda {

/// The short rows of a block that are dealt to its warps, by up to 256 at a time: the longest ones first, and back and forth, so that
/// warps have about as many edges each. Which rows these are, and who has them, depends on the matrix only. Dealt as they came, a
/// block's warps waited a quarter of their time for the last one. For matrices with a list of long rows.
struct DealtRows {
  static constexpr unsigned most = block_size;
  EdgeRange range_of[most];
  NodeId row_of_place[most];
  unsigned length[most], count;

  /// Rows number `begin` and up of the block, which has every gridDim.x-th unit of warps_of_block rows from `first_unit` on; units
  /// number parts before rows. Returns how many there are. All threads call it.
  __device__ unsigned fill(const CsrView& rows, std::size_t first_unit, std::size_t begin) {
    const std::size_t n = begin + threadIdx.x, unit = first_unit + n / warps_of_block * gridDim.x;
    const std::size_t i = (unit - rows.num_parts) * warps_of_block + n % warps_of_block;
    EdgeRange range{0, 0};
    bool there = i < std::size_t(rows.num_rows);
    if (there) range = edges_of(rows, i);
    there = there && range.last - range.first <= std::size_t(rows.longest_short);
    const unsigned own = there ? unsigned(range.last - range.first) + 1 : 0;
    __syncthreads();  // the rows before are done
    length[threadIdx.x] = own;
    if (threadIdx.x == 0) count = 0;
    __syncthreads();
    unsigned place = 0;
#pragma unroll 8
    for (unsigned t = 0; t < most; ++t) {
      const unsigned other = length[t];
      place += other > own || (other == own && t < threadIdx.x);
    }
    if (there) {
      range_of[place] = range;
      row_of_place[place] = NodeId(i);
      atomicAdd(&count, 1u);
    }
    __syncthreads();
    return count;
  }

  /// The place of the calling warp's row in a turn.
  __device__ static unsigned place_in(unsigned turn) {
    const unsigned warp = threadIdx.x / 32;
    return turn * warps_of_block + (turn % 2 ? warps_of_block - 1 - warp : warp);
  }
};

}  // namespace gnn::inline GNN_PRECISION::cuda
