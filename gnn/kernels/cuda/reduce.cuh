// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <gnn/kernels/cuda/launch.cuh>
#include <gnn/kernels/pieces.hpp>

// Sums over many rows in two stages: pieces, whose boundaries depend on sizes only, give partial sums; these meet in
// the order of the pieces. So a sum has the same bits every time, without atomics.
namespace gnn::inline GNN_PRECISION::cuda {

/// Whether all other blocks of the launch have come here before this one; what they wrote before is visible then. All
/// threads call it. blocks_done, the first of CudaState's counters, is 0 again afterwards.
__device__ inline bool is_last_block(unsigned* blocks_done) {
  __shared__ bool last;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) {
    const unsigned blocks = gridDim.x * gridDim.y * gridDim.z;
    last = atomicAdd(blocks_done, 1u) + 1 == blocks;
    if (last) *blocks_done = 0;
  }
  __syncthreads();
  __threadfence();
  return last;
}

/// The same by one block, for at most block_size columns: groups of threads take turns with the pieces.
__device__ inline void add_partials_of_block(const Mat& partial, const Mat& result) {
  __shared__ Real sums[block_size];
  unsigned width = 32;
  while (width < partial.cols) width *= 2;
  const unsigned groups = block_size / width, group = threadIdx.x / width, k = threadIdx.x % width;
  Real sum = 0;
  if (k < partial.cols) {
    constexpr unsigned at_once = 16;  // whose loads are under way together
    for (std::size_t p = group; p < partial.rows; p += at_once * groups) {
      Real x[at_once];
#pragma unroll
      for (unsigned n = 0; n < at_once; ++n) x[n] = p + n * groups < partial.rows ? row(partial, p + n * groups)[k] : Real(0);
#pragma unroll
      for (unsigned n = 0; n < at_once; ++n) sum += x[n];
    }
  }
  sums[threadIdx.x] = sum;
  __syncthreads();
  if (group != 0 || k >= partial.cols) return;
  for (unsigned g = 1; g < groups; ++g) sum += sums[g * width + k];
  row(result, k / result.cols)[k % result.cols] += sum;
}

/// A block owns 32 columns of one piece of rows; its 8 warps take turns with the rows. With blocks_done the
/// last block adds up the pieces.
static __global__ void column_sums_piece(Follows before, ConstMat x, ConstMat weight, std::size_t piece, Mat partial,
                                         unsigned* blocks_done, Mat result) {
  before.wait();
  constexpr unsigned warps = block_size / 32;
  __shared__ Real sums[warps][32];
  const std::size_t tiles = (x.cols + 31) / 32, p = blockIdx.x / tiles;
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const std::size_t c = blockIdx.x % tiles * 32 + lane;
  const std::size_t last = (p + 1) * piece < x.rows ? (p + 1) * piece : x.rows;
  Real sum = 0;
  if (c < x.cols) {
    const std::size_t head = weight.data ? c / (x.cols / weight.cols) : 0;
    constexpr unsigned at_once = 8;
    for (std::size_t i = p * piece + warp; i < last; i += at_once * warps) {
      Real term[at_once];
#pragma unroll
      for (unsigned n = 0; n < at_once; ++n) {
        const std::size_t at = i + n * warps;
        term[n] = at >= last ? Real(0) : weight.data ? row(weight, at)[head] * row(x, at)[c] : row(x, at)[c];
      }
#pragma unroll
      for (unsigned n = 0; n < at_once; ++n) sum += term[n];
    }
  }
  sums[warp][lane] = sum;
  __syncthreads();
  if (warp == 0 && c < x.cols) {
    for (unsigned w = 1; w < warps; ++w) sum += sums[w][lane];
    row(partial, p)[c] = sum;
  }
  if (blocks_done && is_last_block(blocks_done)) add_partials_of_block(partial, result);
}

inline std::size_t rows_of_piece(std::size_t rows) { return std::max<std::size_t>(64, ceil_divide(rows, 256)); }

/// result[k] += sum over i of weight[i, k's head] x[i,k]; an empty weight counts as 1. weight: N x heads, x: N x
/// (heads C), result: as many numbers as x has columns, in any shape.
inline void add_weighted_column_sums(Context& ctx, ConstMat x, ConstMat weight, Mat result) {
  const bool narrow = x.cols <= block_size;  // one launch then, else the pieces' sum deserves more than a block
  const std::size_t piece = rows_of_piece(x.rows), pieces = ceil_divide(x.rows, piece);
  const Tensor partial = ctx.tensor(pieces, x.cols);
  launch_blocks(ctx, column_sums_piece, dim3(unsigned(pieces * ceil_divide(x.cols, 32))), x, weight, piece, partial,
                narrow ? ctx.cuda().counters : nullptr, result);
  const PieceSum whole{partial, result};
  if (!narrow) add_pieces(ctx, {&whole, 1});
}

/// The sum over a block's threads, in a fixed order; all of them call it, and each gets it.
template <class T>
__device__ T block_sum(T x) {
  __shared__ T sums[block_size / 32];
  x = LaneGroup(32).sum(x);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = x;
  __syncthreads();
  T total = 0;
  for (const T sum : sums) total += sum;
  __syncthreads();  // the next call writes the same memory
  return total;
}

}  // namespace gnn::inline GNN_PRECISION::cuda
