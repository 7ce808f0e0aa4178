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
  unsigned count = 0, num_blocks;  ///< num_blocks: with those before them

  /// first_block: how many blocks of the launch do something else.
  explicit ManySums(std::span<const PieceSum> sums, unsigned first_block = 0) : num_blocks(first_block) {
    for (const PieceSum& s : sums) {
      sum[count++] = {s.pieces.data, s.result.data, s.pieces.rows, s.pieces.cols, num_blocks};
      num_blocks += unsigned(ceil_divide(s.pieces.cols, 32));
    }
  }
};

/// A column of a block's, and which sum it belongs to.
struct ColumnSum {
  Real value = 0;
  unsigned of = ManySums::most;  ///< no sum: nothing is the thread's
  std::size_t column = 0;
};

/// All threads call it. `all` is a parameter of the kernel that stays where it is, __grid_constant__: a copy for each thread, which
/// its address would otherwise ask for, took half as long as all else in a step of GAT on Cora.
__device__ inline ColumnSum sum_of_block(const ManySums& all) {
  constexpr unsigned warps = block_size / 32;
  __shared__ Real shared[warps][32];
  unsigned k = 0;
#pragma unroll 4
  for (unsigned n = 1; n < all.count; ++n) k += all.sum[n].first_block <= blockIdx.x;
  const Real* pieces = all.sum[k].pieces;
  const std::size_t rows = all.sum[k].rows, cols = all.sum[k].cols;
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const std::size_t c = std::size_t(blockIdx.x - all.sum[k].first_block) * 32 + lane;
  Real sum = 0;
  if (c < cols) {
    // All loads of a turn are under way before the first one is used, those of the last turn, too.
    constexpr unsigned at_once = 32;
    for (std::size_t p = warp; p < rows; p += at_once * warps) {
      Real x[at_once];
#pragma unroll
      for (unsigned n = 0; n < at_once; ++n) x[n] = p + n * warps < rows ? pieces[(p + n * warps) * cols + c] : Real(0);
#pragma unroll
      for (unsigned n = 0; n < at_once; ++n) sum += x[n];
    }
  }
  shared[warp][lane] = sum;
  __syncthreads();
  if (warp != 0 || c >= cols) return {};
  for (unsigned w = 1; w < warps; ++w) sum += shared[w][lane];
  return {sum, k, c};
}

}  // namespace gnn::inline GNN_PRECISION::cuda
