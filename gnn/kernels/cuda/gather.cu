// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/gather.hpp>

#include <gnn/kernels/cuda/head_lanes.cuh>

// Plan: a group of lanes owns a row of y, or of a slice of it where rows are wider than a warp; eight rows of x are on their way at once.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned per = 16 / sizeof(Real), at_once = 8;

__global__ void gather_rows_groups(Follows before, const NodeId* index, std::size_t each, ConstMat x, Mat y, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t i = group.index(), first = (std::size_t(blockIdx.y) * lanes + group.lane) * per;
  if (i >= y.rows || first >= y.cols) return;
  const LaneColumns c(first, per);
  Real sum[per] = {};
  for (std::size_t k = 0; k < each; k += at_once) {
    Real part[at_once][per] = {};
#pragma unroll
    for (unsigned b = 0; b < at_once; ++b) {
      if (k + b < each) load_columns<true>(row(x, std::size_t(index[i * each + k + b])), c, part[b]);
    }
#pragma unroll
    for (unsigned b = 0; b < at_once; ++b) {
#pragma unroll
      for (unsigned n = 0; n < per; ++n) sum[n] += part[b][n];
    }
  }
  store_columns<true>(row(y, i), c, sum);
}

}  // namespace

void gather_rows(Context& ctx, const NodeId* index, std::size_t each, ConstMat x, Mat y) {
  const unsigned lanes = lanes_for(ceil_divide(y.cols, per));
  launch_blocks(ctx, gather_rows_groups, dim3(unsigned(ceil_divide(y.rows * lanes, block_size)), unsigned(ceil_divide(y.cols, lanes * per))), index,
                each, x, y, lanes);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
