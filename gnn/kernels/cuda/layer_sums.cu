// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gnn/kernels/cuda/launch.cuh>
#include <gnn/kernels/cuda/supergat_rows.hpp>

// Plan: a block owns 32 columns of one sum over some of the nodes; its warps take turns with these, and meet in their order.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned warps = block_size / 32;

__global__ void layer_sum_pieces(Follows before, LayerSums sums, std::size_t piece) {
  before.wait();
  __shared__ Real shared[warps][32];
  const LayerSums::Sum& s = sums.sum[blockIdx.z];
  const std::size_t c = std::size_t(blockIdx.y) * 32 + threadIdx.x % 32, first = blockIdx.x * piece;
  const std::size_t last = first + piece < s.x.rows ? first + piece : s.x.rows;
  if (std::size_t(blockIdx.y) * 32 >= s.x.cols) return;
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  Real sum = 0;
  if (c < s.x.cols) {
    const std::size_t head = s.weight.data ? c / (s.x.cols / s.weight.cols) : 0;
    constexpr unsigned at_once = 4;
    for (std::size_t i = first + warp; i < last; i += at_once * warps) {
      Real x[at_once] = {}, weight[at_once];
#pragma unroll
      for (unsigned n = 0; n < at_once; ++n) {
        weight[n] = 1;
        if (i + n * warps >= last) continue;
        x[n] = row(s.x, i + n * warps)[c];
        if (s.weight.data) weight[n] = row(s.weight, i + n * warps)[head];
      }
#pragma unroll
      for (unsigned n = 0; n < at_once; ++n) sum += weight[n] * x[n];
    }
  }
  shared[warp][lane] = sum;
  __syncthreads();
  if (warp != 0 || c >= s.x.cols) return;
  for (unsigned w = 1; w < warps; ++w) sum += shared[w][lane];
  row(s.pieces, blockIdx.x)[c] = sum;
}

std::size_t rows_of_piece(std::size_t rows) { return std::max<std::size_t>(32, ceil_divide(rows, 256)); }

}  // namespace

std::size_t num_layer_pieces(std::size_t nodes) { return ceil_divide(nodes, rows_of_piece(nodes)); }

void layer_sums(Context& ctx, const LayerSums& sums) {
  std::size_t columns = 0, nodes = 0;
  for (std::size_t k = 0; k < sums.count; ++k) {
    columns = std::max(columns, sums.sum[k].x.cols);
    nodes = sums.sum[k].x.rows;
  }
  launch_blocks(ctx, layer_sum_pieces, dim3(unsigned(num_layer_pieces(nodes)), unsigned(ceil_divide(columns, 32)), unsigned(sums.count)), sums,
                rows_of_piece(nodes));
}

}  // namespace gnn::inline GNN_PRECISION::cuda
