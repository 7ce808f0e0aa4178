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

/// The column of a thread, and which sum it belongs to; all warps of a block have the same columns.
struct SumColumn {
  unsigned of;
  std::size_t column;
  bool there;
};

/// `all` is a parameter of the kernel that stays where it is, __grid_constant__: a copy for each thread, which its address would
/// otherwise ask for, took half as long as all else in a step of GAT on Cora.
__device__ inline SumColumn column_of_thread(const ManySums& all) {
  unsigned k = 0;
#pragma unroll 4
  for (unsigned n = 1; n < all.count; ++n) k += all.sum[n].first_block <= blockIdx.x;
  const std::size_t c = std::size_t(blockIdx.x - all.sum[k].first_block) * 32 + threadIdx.x % 32;
  return {k, c, c < all.sum[k].cols};
}

/// The column's sum, for warp 0. All threads call it.
__device__ inline Real sum_of_column(const ManySums& all, const SumColumn& at) {
  constexpr unsigned warps = block_size / 32;
  __shared__ Real shared[warps][32];
  const Real* pieces = all.sum[at.of].pieces;
  const std::size_t rows = all.sum[at.of].rows, cols = all.sum[at.of].cols;
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  Real sum = 0;
  if (at.there) {
    // All loads of a turn are under way before the first one is used, those of the last turn, too.
    constexpr unsigned at_once = 32;
    for (std::size_t p = warp; p < rows; p += at_once * warps) {
      Real x[at_once];
#pragma unroll
      for (unsigned n = 0; n < at_once; ++n) x[n] = p + n * warps < rows ? pieces[(p + n * warps) * cols + at.column] : Real(0);
#pragma unroll
      for (unsigned n = 0; n < at_once; ++n) sum += x[n];
    }
  }
  shared[warp][lane] = sum;
  __syncthreads();
  for (unsigned w = 1; warp == 0 && w < warps; ++w) sum += shared[w][lane];
  return sum;
}

}  // namespace gnn::inline GNN_PRECISION::cuda
