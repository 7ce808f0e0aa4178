// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/head_lanes.cuh>
#include <gnn/kernels/cuda/project_tiles.hpp>

// Plan: a block owns some rows, which it makes ready in shared memory with all of w beside them. A thread has numbers of the result
// four by four, so that what it reads serves four times. What is not there is 0.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned width = 256 / sizeof(Real), fours = width / 4;
constexpr unsigned stride = width + 4;  // of rows in shared memory: 16 lanes that read fours below each other meet in no bank
constexpr unsigned forward_rows = 16, backward_rows = 32;

using Four = Pack<4>;
__device__ Four& four_at(Real* row, unsigned k) { return *reinterpret_cast<Four*>(row + 4 * k); }

// rows first to first + count - 1 of x, with zeros behind its columns and behind its last row.
template <unsigned count>
__device__ void read_rows(const ConstMat& x, std::size_t first, Real (&to)[count][stride]) {
  constexpr unsigned turns = count * width / block_size;
  static_assert(count * width % block_size == 0);
  Real number[turns];  // all under way before the first one is stored
#pragma unroll
  for (unsigned n = 0; n < turns; ++n) {
    const unsigned t = threadIdx.x + n * block_size, r = t / width, c = t % width;
    number[n] = first + r < x.rows && c < x.cols ? row(x, first + r)[c] : Real(0);
  }
#pragma unroll
  for (unsigned n = 0; n < turns; ++n) {
    const unsigned t = threadIdx.x + n * block_size;
    to[t / width][t % width] = number[n];
  }
}

// Dropout's multipliers of the same rows.
template <unsigned count>
__device__ void draw_rows(const Dropout& d, const NodeId* ids, const ConstMat& x, std::size_t first, Real (&to)[count][stride]) {
  for (unsigned t = threadIdx.x; t < count * fours; t += block_size) {
    const unsigned r = t / fours, c = t % fours * 4;
    if (first + r >= x.rows || c >= x.cols) continue;
    Real m[4] = {1, 1, 1, 1};
    if (d.threshold != 0) feature_multipliers(d, std::uint64_t(ids ? std::size_t(ids[first + r]) : first + r) * x.cols + c, m);
#pragma unroll
    for (unsigned n = 0; n < 4; ++n) to[r][c + n] = m[n];
  }
}

// Behind the last row there are none, and what stands in their place may be anything.
template <unsigned count>
__device__ void multiply_rows(const Real (&m)[count][stride], const ConstMat& x, std::size_t first, Real (&to)[count][stride]) {
  for (unsigned t = threadIdx.x; t < count * width; t += block_size) {
    const unsigned r = t / width, c = t % width;
    if (first + r < x.rows && c < x.cols) to[r][c] *= m[r][c];
  }
}

__global__ void __launch_bounds__(block_size) project_tile(Follows before, ConstMat x, ConstMat w, Dropout dropout, const NodeId* ids, Mat y,
                                                           ProjectedScores s) {
  before.wait();
  alignas(16) __shared__ Real weights[width][stride], masked[forward_rows][stride], result[forward_rows][stride];
  const std::size_t first = std::size_t(blockIdx.x) * forward_rows;
  read_rows(w, 0, weights);
  read_rows(x, first, masked);
  if (dropout.threshold != 0) {
    draw_rows(dropout, ids, x, first, result);
    __syncthreads();
    multiply_rows(result, x, first, masked);
  }
  __syncthreads();
  for (unsigned t = threadIdx.x; t < forward_rows * fours; t += block_size) {
    const unsigned r = t / fours, c = t % fours;
    Four sum = {};
#pragma unroll 8
    for (unsigned k = 0; k < x.cols; ++k) {
      const Four of_w = four_at(weights[k], c);
#pragma unroll
      for (unsigned n = 0; n < 4; ++n) sum.x[n] += masked[r][k] * of_w.x[n];
    }
    four_at(result[r], c) = sum;
#pragma unroll
    for (unsigned n = 0; n < 4; ++n) {
      if (first + r < x.rows && 4 * c + n < w.cols) row(y, first + r)[4 * c + n] = sum.x[n];
    }
  }
  if (!s.source_score.data) return;
  __syncthreads();
  const unsigned heads = unsigned(s.source_vector.rows), channels = unsigned(s.source_vector.cols);
  for (unsigned t = threadIdx.x; t < forward_rows * 2 * heads; t += block_size) {
    const unsigned r = t / (2 * heads), which = t % (2 * heads), h = which % heads;
    const Mat& score = which < heads ? s.source_score : s.target_score;
    if (first + r >= x.rows || first + r >= score.rows) continue;
    const ConstMat &vector = which < heads ? s.source_vector : s.target_vector, &bias = which < heads ? s.source_bias : s.target_bias;
    Real sum = bias.data ? bias.data[h] : Real(0);
    for (unsigned n = 0; n < channels; ++n) sum += result[r][h * channels + n] * row(vector, h)[n];
    row(score, first + r)[h] = sum;
  }
}

__global__ void __launch_bounds__(block_size) project_tile_backward(Follows before, ConstMat x, ConstMat w, ConstMat dy, Dropout dropout,
                                                                    const NodeId* ids, Mat dx, Mat pieces) {
  before.wait();
  alignas(16) __shared__ Real masked[backward_rows][stride], gradient[backward_rows][stride];
  alignas(16) __shared__ Real shared[width][stride];  // w behind the multipliers
  static_assert(backward_rows <= width);
  Real(&multipliers)[backward_rows][stride] = reinterpret_cast<Real(&)[backward_rows][stride]>(shared);
  const std::size_t first = std::size_t(blockIdx.x) * backward_rows;
  read_rows(x, first, masked);
  read_rows(dy, first, gradient);
  if (dropout.threshold != 0) {
    draw_rows(dropout, ids, x, first, multipliers);
    __syncthreads();
    multiply_rows(multipliers, x, first, masked);
  }
  // A thread's own multipliers, before w takes their place.
  constexpr unsigned turns = (backward_rows * width + block_size - 1) / block_size;
  Real m[turns];
#pragma unroll
  for (unsigned n = 0; n < turns; ++n) {
    const unsigned t = threadIdx.x + n * block_size;
    m[n] = dropout.threshold != 0 && t < backward_rows * width ? multipliers[t / width][t % width] : Real(1);
  }
  __syncthreads();
  if (dx.data) read_rows(w, 0, shared);
  // dw, four rows and four columns a thread.
  for (unsigned t = threadIdx.x; t < fours * fours; t += block_size) {
    const unsigned i = t / fours, c = t % fours;
    if (4 * i >= x.cols || 4 * c >= dy.cols) continue;
    Four sum[4] = {};
#pragma unroll 4
    for (unsigned r = 0; r < backward_rows; ++r) {
      const Four of_x = four_at(masked[r], i), of_dy = four_at(gradient[r], c);
#pragma unroll
      for (unsigned k = 0; k < 4; ++k) {
#pragma unroll
        for (unsigned n = 0; n < 4; ++n) sum[k].x[n] += of_x.x[k] * of_dy.x[n];
      }
    }
    Real* const piece = row(pieces, blockIdx.x);
#pragma unroll
    for (unsigned k = 0; k < 4; ++k) {
#pragma unroll
      for (unsigned n = 0; n < 4; ++n) {
        if (4 * i + k < x.cols && 4 * c + n < dy.cols) piece[(4 * i + k) * dy.cols + 4 * c + n] = sum[k].x[n];
      }
    }
  }
  if (!dx.data) return;
  __syncthreads();
#pragma unroll
  for (unsigned n = 0; n < turns; ++n) {
    const unsigned t = threadIdx.x + n * block_size, r = t / width, k = t % width;
    if (t >= backward_rows * width || first + r >= x.rows || k >= x.cols) continue;
    Real sum = 0;
#pragma unroll 4
    for (unsigned c = 0; 4 * c < dy.cols; ++c) {
      const Four of_dy = four_at(gradient[r], c), of_w = four_at(shared[k], c);
#pragma unroll
      for (unsigned q = 0; q < 4; ++q) sum += of_dy.x[q] * of_w.x[q];
    }
    row(dx, first + r)[k] = m[n] * sum;
  }
}

}  // namespace

bool is_tile_projection(std::size_t rows, std::size_t in, std::size_t out) { return rows <= 8192 && in <= width && out <= width; }

std::size_t num_tile_pieces(std::size_t rows) { return ceil_divide(rows, backward_rows); }

void project_tiles(Context& ctx, ConstMat x, ConstMat w, Dropout dropout, const NodeId* ids, Mat y, ProjectedScores scores) {
  launch_blocks(ctx, project_tile, dim3(unsigned(ceil_divide(x.rows, forward_rows))), x, w, dropout, ids, y, scores);
}

void project_tiles_backward(Context& ctx, ConstMat x, ConstMat w, ConstMat dy, Dropout dropout, const NodeId* ids, Mat dx, Mat dw_pieces) {
  launch_blocks(ctx, project_tile_backward, dim3(unsigned(dw_pieces.rows)), x, w, dy, dropout, ids, dx, dw_pieces);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
