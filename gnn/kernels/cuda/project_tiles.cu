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

// Rows from `first` on of a matrix, four numbers at a time, with zeros behind its columns and behind its last row: they are asked
// for, and stored when something else was done meanwhile. whole: fours can be read at once.
template <unsigned count>
struct Rows {
  static constexpr unsigned turns = count * fours / block_size;
  static_assert(count * fours % block_size == 0);
  Four number[turns] = {};

  __device__ static unsigned row_of_turn(unsigned n) { return (threadIdx.x + n * block_size) / fours; }
  __device__ static unsigned column_of_turn(unsigned n) { return (threadIdx.x + n * block_size) % fours * 4; }

  Rows() = default;
  __device__ Rows(const ConstMat& x, std::size_t first, bool whole) {
#pragma unroll
    for (unsigned n = 0; n < turns; ++n) {
      const unsigned c = column_of_turn(n);
      if (first + row_of_turn(n) >= x.rows || c >= x.cols) continue;
      const Real* const from = row_of(x, NodeId(first + row_of_turn(n))) + c;
      if (whole) {
        number[n] = *reinterpret_cast<const Four*>(from);
      } else {
#pragma unroll
        for (unsigned q = 0; q < 4; ++q) number[n].x[q] = c + q < x.cols ? from[q] : Real(0);
      }
    }
  }
  // Dropout's multipliers of the same numbers of x.
  __device__ void multiply(const Dropout& d, const NodeId* ids, const ConstMat& x, std::size_t first) {
    if (d.threshold == 0) return;
#pragma unroll
    for (unsigned n = 0; n < turns; ++n) {
      const std::size_t i = first + row_of_turn(n);
      if (i >= x.rows || column_of_turn(n) >= x.cols) continue;
      Real m[4];
      feature_multipliers(d, std::uint64_t(ids ? std::size_t(ids[i]) : i) * x.cols + column_of_turn(n), m);
#pragma unroll
      for (unsigned q = 0; q < 4; ++q) number[n].x[q] *= m[q];
    }
  }
  __device__ void store(Real (&to)[count][stride]) const {
#pragma unroll
    for (unsigned n = 0; n < turns; ++n) four_at(to[row_of_turn(n)], column_of_turn(n) / 4) = number[n];
  }
  __device__ void fill(Real x) {
#pragma unroll
    for (unsigned n = 0; n < turns; ++n) {
#pragma unroll
      for (unsigned q = 0; q < 4; ++q) number[n].x[q] = x;
    }
  }
};

__global__ void __launch_bounds__(block_size) project_tile(Follows before, ConstMat x, ConstMat w, bool whole, Dropout dropout,
                                                           const NodeId* ids, Mat y, ProjectedScores s) {
  before.wait();
  alignas(16) __shared__ Real weights[width][stride], masked[forward_rows][stride], result[forward_rows][stride];
  __shared__ Real vectors[2 * width];
  const std::size_t first = std::size_t(blockIdx.x) * forward_rows;
  const Rows<width> of_w(w, 0, whole);
  Rows<forward_rows> of_x(x, first, whole);
  const unsigned numbers = unsigned(s.source_vector.rows * s.source_vector.cols);
  for (unsigned t = threadIdx.x; t < 2 * numbers; t += block_size) {
    vectors[t] = t < numbers ? s.source_vector.data[t] : s.target_vector.data[t - numbers];
  }
  of_x.multiply(dropout, ids, x, first);
  of_x.store(masked);
  of_w.store(weights);
  __syncthreads();
  for (unsigned t = threadIdx.x; t < forward_rows * fours; t += block_size) {
    const unsigned r = t / fours, c = t % fours;
    Four sum = {};
#pragma unroll
    for (unsigned k = 0; k < width; ++k) {
      const Four w_k = four_at(weights[k], c);
#pragma unroll
      for (unsigned n = 0; n < 4; ++n) sum.x[n] += masked[r][k] * w_k.x[n];
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
    const ConstMat& bias = which < heads ? s.source_bias : s.target_bias;
    Real sum = bias.data ? bias.data[h] : Real(0);
#pragma unroll 8
    for (unsigned n = 0; n < channels; ++n) sum += result[r][h * channels + n] * vectors[which * channels + n];
    row(score, first + r)[h] = sum;
  }
}

using TileRows = Real[backward_rows][stride];

// Its piece of dw, by a block: four rows and four columns a thread.
__device__ void write_weight_piece(const ConstMat& x, const ConstMat& dy, bool whole, const Dropout& dropout, const NodeId* ids, std::size_t first,
                                   TileRows& masked, TileRows& gradient, Real* piece) {
  Rows<backward_rows> of_x(x, first, whole);
  const Rows<backward_rows> of_dy(dy, first, whole);
  of_x.multiply(dropout, ids, x, first);
  of_x.store(masked);
  of_dy.store(gradient);
  __syncthreads();
  for (unsigned t = threadIdx.x; t < fours * fours; t += block_size) {
    const unsigned i = t / fours, c = t % fours;
    if (4 * i >= x.cols || 4 * c >= dy.cols) continue;
    Four sum[4] = {};
#pragma unroll 8
    for (unsigned r = 0; r < backward_rows; ++r) {
      const Four x_r = four_at(masked[r], i), dy_r = four_at(gradient[r], c);
#pragma unroll
      for (unsigned k = 0; k < 4; ++k) {
#pragma unroll
        for (unsigned n = 0; n < 4; ++n) sum[k].x[n] += x_r.x[k] * dy_r.x[n];
      }
    }
#pragma unroll
    for (unsigned k = 0; k < 4; ++k) {
      if (4 * i + k >= x.cols) continue;
      if (dy.cols % 4 == 0) {
        four_at(piece + (4 * i + k) * dy.cols, c) = sum[k];
        continue;
      }
#pragma unroll
      for (unsigned n = 0; n < 4; ++n) {
        if (4 * c + n < dy.cols) piece[(4 * i + k) * dy.cols + 4 * c + n] = sum[k].x[n];
      }
    }
  }
}

// dx, by a block: a column of some rows a thread, which reads a row of w for all of them.
__device__ void write_input_gradient(const ConstMat& x, const ConstMat& w, const ConstMat& dy, bool whole, const Dropout& dropout, const NodeId* ids,
                                     std::size_t first, TileRows& multipliers, TileRows& gradient, Real (&weights)[width][stride],
                                     const Mat& dx) {
  const Rows<backward_rows> of_dy(dy, first, whole);
  const Rows<width> of_w(w, 0, whole);
  Rows<backward_rows> drawn;
  drawn.fill(1);
  drawn.multiply(dropout, ids, x, first);
  drawn.store(multipliers);
  of_dy.store(gradient);
  of_w.store(weights);
  __syncthreads();
  static_assert(block_size % width == 0);
  constexpr unsigned step = block_size / width, own_rows = backward_rows / step;
  const unsigned k = threadIdx.x % width, r = threadIdx.x / width;
  Real sum[own_rows] = {};
#pragma unroll 2
  for (unsigned c = 0; 4 * c < dy.cols; ++c) {
    const Four w_c = four_at(weights[k], c);
#pragma unroll
    for (unsigned n = 0; n < own_rows; ++n) {
      const Four dy_c = four_at(gradient[r + n * step], c);
#pragma unroll
      for (unsigned q = 0; q < 4; ++q) sum[n] += dy_c.x[q] * w_c.x[q];
    }
  }
#pragma unroll
  for (unsigned n = 0; n < own_rows; ++n) {
    const unsigned at = r + n * step;
    if (first + at < x.rows && k < x.cols) row(dx, first + at)[k] = multipliers[at][k] * sum[n];
  }
}

// Two blocks share the rows' work: one has dw, the other dx.
__global__ void __launch_bounds__(block_size) project_tile_backward(Follows before, ConstMat x, ConstMat w, ConstMat dy, bool whole,
                                                                    Dropout dropout, const NodeId* ids, Mat dx, Mat pieces) {
  before.wait();
  alignas(16) __shared__ TileRows rows, gradient;
  alignas(16) __shared__ Real weights[width][stride];
  const std::size_t first = std::size_t(blockIdx.x) * backward_rows;
  if (blockIdx.y == 0) {
    write_weight_piece(x, dy, whole, dropout, ids, first, rows, gradient, row(pieces, blockIdx.x));
  } else {
    write_input_gradient(x, w, dy, whole, dropout, ids, first, rows, gradient, weights, dx);
  }
}

// Whether fours of all these can be read at once.
bool fours_are_whole(std::initializer_list<ConstMat> matrices) {
  HeadLanes four;
  four.per = 4;
  bool whole = true;
  for (const ConstMat& m : matrices) whole = whole && m.cols % 4 == 0 && whole_packs(four, m.cols, {m});
  return whole;
}

}  // namespace

bool is_tile_projection(std::size_t rows, std::size_t in, std::size_t out) { return rows <= 8192 && in <= width && out <= width; }

std::size_t num_tile_pieces(std::size_t rows) { return ceil_divide(rows, backward_rows); }

void project_tiles(Context& ctx, ConstMat x, ConstMat w, Dropout dropout, const NodeId* ids, Mat y, ProjectedScores scores) {
  launch_blocks(ctx, project_tile, dim3(unsigned(ceil_divide(x.rows, forward_rows))), x, w, fours_are_whole({x, w}), dropout, ids, y, scores);
}

void project_tiles_backward(Context& ctx, ConstMat x, ConstMat w, ConstMat dy, Dropout dropout, const NodeId* ids, Mat dx, Mat dw_pieces) {
  launch_blocks(ctx, project_tile_backward, dim3(unsigned(dw_pieces.rows), dx.data ? 2 : 1), x, w, dy, fours_are_whole({x, w, dy}), dropout, ids,
                dx, dw_pieces);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
