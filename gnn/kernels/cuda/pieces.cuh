// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include <gnn/kernels/cuda/launch.cuh>
#include <gnn/kernels/pieces.hpp>

// Many sums of pieces in one launch. A block owns 32 columns of one sum; its warps take turns with the pieces and then meet in
// their order.
namespace gnn::inline GNN_PRECISION::cuda {

struct ManySums {
  static constexpr unsigned most = 24;
  struct Sum {
    const Real* pieces;
    Real* result;
    std::size_t rows, cols;
    unsigned first_block;
  } sum[most];
  unsigned count = 0, num_blocks = 0;

  explicit ManySums(std::span<const PieceSum> sums) {
    for (const PieceSum& s : sums) {
      sum[count++] = {s.pieces.data, s.result.data, s.pieces.rows, s.pieces.cols, num_blocks};
      num_blocks += unsigned(ceil_divide(s.pieces.cols, 32));
    }
  }
};

/// The sum of a column of the block's, and whose it is; found stays null in threads that have none. All threads call it.
__device__ inline Real sum_of_block(const ManySums& all, const ManySums::Sum*& found, std::size_t& column) {
  constexpr unsigned warps = block_size / 32;
  __shared__ Real shared[warps][32];
  unsigned k = 0;
  while (k + 1 < all.count && all.sum[k + 1].first_block <= blockIdx.x) ++k;
  const ManySums::Sum& s = all.sum[k];
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const std::size_t c = std::size_t(blockIdx.x - s.first_block) * 32 + lane;
  Real sum = 0;
  if (c < s.cols) {
    // All loads of a turn are under way before the first one is used, those of the last turn, too.
    constexpr unsigned at_once = 16;
    for (std::size_t p = warp; p < s.rows; p += at_once * warps) {
      Real x[at_once];
#pragma unroll
      for (unsigned n = 0; n < at_once; ++n) x[n] = p + n * warps < s.rows ? s.pieces[(p + n * warps) * s.cols + c] : Real(0);
#pragma unroll
      for (unsigned n = 0; n < at_once; ++n) sum += x[n];
    }
  }
  shared[warp][lane] = sum;
  __syncthreads();
  if (warp != 0 || c >= s.cols) return 0;
  for (unsigned w = 1; w < warps; ++w) sum += shared[w][lane];
  found = &s;
  column = c;
  return sum;
}

}  // namespace gnn::inline GNN_PRECISION::cuda
