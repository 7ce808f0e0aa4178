// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/pieces.hpp>

#include <algorithm>

#include <gnn/kernels/cuda/pieces.cuh>

// Plan: see pieces.cuh.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__global__ void add_pieces_blocks(Follows before, const __grid_constant__ ManySums all) {
  before.wait();
  const ColumnSum sum = sum_of_block(all);
  if (sum.of < all.count) all.sum[sum.of].result[sum.column] += sum.value;
}

}  // namespace

void add_pieces(Context& ctx, std::span<const PieceSum> sums) {
  for (std::size_t first = 0; first < sums.size(); first += ManySums::most) {
    const ManySums all(sums.subspan(first, std::min<std::size_t>(ManySums::most, sums.size() - first)));
    launch_blocks(ctx, add_pieces_blocks, dim3(all.num_blocks), all);
  }
}

}  // namespace gnn::inline GNN_PRECISION::cuda
