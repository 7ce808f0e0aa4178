// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/project.hpp>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/head_lanes.cuh>
#include <gnn/kernels/cuda/row_scores.cuh>

// Plan: a block owns as many rows as it has warps, and has all of w.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct Dense {
  ConstMat x, w;
  Dropout dropout;
  const NodeId* ids;
  Mat y;
  ProjectedScores scores;
};

constexpr std::size_t widest = 512 / sizeof(Real), most_weights = 1024;

// A row of n numbers times dropout's multipliers, the first of which is number `first`, by a warp: four numbers a lane share a draw.
// `keep`, where there is one, gets the multipliers.
__device__ void mask_row(const Real* from, unsigned n, const Dropout& d, std::uint64_t first, Real* to, Real* keep) {
#pragma unroll 1
  for (unsigned k = threadIdx.x % 32 * 4; k < n; k += 128) {
    Real x[4], m[4];
#pragma unroll
    for (unsigned b = 0; b < 4; ++b) x[b] = k + b < n ? from[k + b] : Real(0);
    if (d.threshold == 0) {
#pragma unroll
      for (unsigned b = 0; b < 4; ++b) m[b] = d.scale;
    } else {
      feature_multipliers(d, first + k, m);
    }
#pragma unroll
    for (unsigned b = 0; b < 4; ++b) {
      if (k + b >= n) continue;
      to[k + b] = m[b] * x[b];
      if (keep) keep[k + b] = m[b];
    }
  }
}

// A warp owns a row: its lanes make the row ready, and `parts` of them share a number of the result, each with its part of the
// sum. Sizes are small here: divisions would take as long as the products.
__global__ void __launch_bounds__(block_size) project_dense_rows(Follows before, Dense a, unsigned part_bits) {
  before.wait();
  __shared__ Real masked[warps_of_block][widest], w[most_weights], y[warps_of_block][widest];
  const unsigned in = unsigned(a.x.cols), out = unsigned(a.y.cols), lane = threadIdx.x % 32, r = threadIdx.x / 32;
  const std::size_t i = std::size_t(blockIdx.x) * warps_of_block + r;
  const bool there = i < a.x.rows;
  const std::uint64_t id = there && a.ids ? std::uint64_t(a.ids[i]) : i;
  for (unsigned t = threadIdx.x; t < in * out; t += block_size) w[t] = a.w.data[t];
  const ProjectedScores& s = a.scores;
  const ScoreLane score = s.source_score.data ? ScoreLane(s, lane) : ScoreLane();
  if (there) mask_row(row(a.x, i), in, a.dropout, id * in, masked[r], nullptr);
  __syncthreads();
  if (!there) return;
  const unsigned parts = 1u << part_bits, part = lane & (parts - 1);
#pragma unroll 1
  for (unsigned base = 0; base < out; base += 32 >> part_bits) {
    const unsigned c = base + (lane >> part_bits);
    Real sum = 0;
    if (c < out) {
#pragma unroll 8
      for (unsigned k = part; k < in; k += parts) sum += masked[r][k] * w[k * out + c];
    }
    sum = sum_lanes(sum, 1, parts);
    if (c >= out || part != 0) continue;
    y[r][c] = sum;
    row(a.y, i)[c] = sum;
  }
  __syncwarp();
  for (unsigned c = lane; s.value.data && c < out; c += 32) row(s.value, i)[c] = y[r][c] * feature_multiplier(s.dropout, id * out + c);
  if (s.source_score.data) write_scores(s, score, i, y[r]);
}

// A block owns as many rows as it has warps, each of which makes one ready: their dx, and their piece of dw.
__global__ void __launch_bounds__(block_size) dense_backward_rows(Follows before, ConstMat x, ConstMat w, ConstMat dy,
                                                                  Dropout dropout, const NodeId* ids, Mat dx, Mat pieces) {
  before.wait();
  __shared__ Real masked[warps_of_block][widest], gradient[warps_of_block][widest], kept[warps_of_block][widest], weight[most_weights];
  const unsigned in = unsigned(x.cols), out = unsigned(dy.cols), lane = threadIdx.x % 32, r = threadIdx.x / 32;
  const std::size_t i = std::size_t(blockIdx.x) * warps_of_block + r;
  const bool there = i < x.rows;
  const std::uint64_t id = there && ids ? std::uint64_t(ids[i]) : i;
  for (unsigned t = threadIdx.x; dx.data && t < in * out; t += block_size) weight[t] = w.data[t];
  for (unsigned c = lane; c < out; c += 32) gradient[r][c] = there ? row(dy, i)[c] : Real(0);
  if (there) {
    mask_row(row(x, i), in, dropout, id * in, masked[r], kept[r]);
  } else {
    for (unsigned k = lane; k < in; k += 32) masked[r][k] = 0;
  }
  __syncthreads();
#pragma unroll 2
  for (unsigned k = lane; there && dx.data && k < in; k += 32) {
    Real sum = 0;
#pragma unroll 8
    for (unsigned c = 0; c < out; ++c) sum += gradient[r][c] * weight[k * out + c];
    row(dx, i)[k] = kept[r][k] * sum;
  }
  // A thread has numbers of dw block_size apart: the row and the column of the next follow without a division.
  const unsigned rows_apart = block_size / out, columns_apart = block_size % out;
  unsigned k = threadIdx.x / out, c = threadIdx.x % out;
#pragma unroll 1
  for (unsigned t = threadIdx.x; t < in * out; t += block_size) {
    Real sum = 0;
#pragma unroll
    for (unsigned n = 0; n < warps_of_block; ++n) sum += masked[n][k] * gradient[n][c];
    row(pieces, blockIdx.x)[t] = sum;
    k += rows_apart;
    c += columns_apart;
    if (c >= out) c -= out, ++k;
  }
}

}  // namespace

void project_dense(Context& ctx, ConstMat x, ConstMat w, Dropout dropout, const NodeId* ids, Mat y, ProjectedScores scores) {
  unsigned part_bits = 0;
  while (part_bits < 3 && y.cols << (part_bits + 1) <= 32) ++part_bits;
  launch_blocks(ctx, project_dense_rows, dim3(unsigned(ceil_divide(x.rows, warps_of_block))),
                Dense{x, w, dropout, ids, y, scores}, part_bits);
}

bool is_small_projection(std::size_t rows, std::size_t in, std::size_t out) {
  return rows <= 8192 && in <= widest && out > 0 && out <= widest && in * out <= most_weights;
}

std::size_t num_projection_pieces(std::size_t rows) { return ceil_divide(rows, warps_of_block); }

void project_dense_backward(Context& ctx, ConstMat x, ConstMat w, ConstMat dy, Dropout dropout, const NodeId* ids, Mat dx,
                            Mat dw_pieces) {
  launch_blocks(ctx, dense_backward_rows, dim3(unsigned(dw_pieces.rows)), x, w, dy, dropout, ids, dx, dw_pieces);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
