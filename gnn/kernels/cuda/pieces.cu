// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/pieces.hpp>

#include <algorithm>

#include <gnn/kernels/cuda/launch.cuh>

// Plan: a block owns 32 columns of one sum; its warps take turns with the pieces and then meet in their order.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned most_sums = 24, warps = block_size / 32;

struct Sums {
  struct Sum {
    const Real* pieces;
    Real* result;
    std::size_t rows, cols;
    unsigned first_block;
  } sum[most_sums];
  unsigned count;
};

__global__ void add_pieces_blocks(Sums all) {
  __shared__ Real shared[warps][32];
  unsigned k = 0;
  while (k + 1 < all.count && all.sum[k + 1].first_block <= blockIdx.x) ++k;
  const Sums::Sum& s = all.sum[k];
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const std::size_t c = std::size_t(blockIdx.x - s.first_block) * 32 + lane;
  Real sum = 0;
  if (c < s.cols) {
    // All loads of a turn are under way before the first one is used, those of the last turn, too.
    constexpr unsigned at_once = 16;
    for (std::size_t p = warp; p < s.rows; p += at_once * warps) {
      Real x[at_once];
#pragma unroll
      for (unsigned k = 0; k < at_once; ++k) x[k] = p + k * warps < s.rows ? s.pieces[(p + k * warps) * s.cols + c] : Real(0);
#pragma unroll
      for (unsigned k = 0; k < at_once; ++k) sum += x[k];
    }
  }
  shared[warp][lane] = sum;
  __syncthreads();
  if (warp != 0 || c >= s.cols) return;
  for (unsigned w = 1; w < warps; ++w) sum += shared[w][lane];
  s.result[c] += sum;
}

}  // namespace

void add_pieces(Context& ctx, std::span<const PieceSum> sums) {
  for (std::size_t first = 0; first < sums.size(); first += most_sums) {
    Sums all = {};
    unsigned blocks = 0;
    for (const PieceSum& s : sums.subspan(first, std::min<std::size_t>(most_sums, sums.size() - first))) {
      all.sum[all.count++] = {s.pieces.data, s.result.data, s.pieces.rows, s.pieces.cols, blocks};
      blocks += unsigned(ceil_divide(s.pieces.cols, 32));
    }
    launch_blocks(ctx, add_pieces_blocks, dim3(blocks), all);
  }
}

}  // namespace gnn::inline GNN_PRECISION::cuda
