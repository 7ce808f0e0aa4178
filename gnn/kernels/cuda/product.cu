// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/product.hpp>

#include <algorithm>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/project.hpp>
#include <gnn/kernels/cuda/reduce.cuh>

// Dense products: a block owns a square tile of the result and walks along the inner size in steps that it loads into
// shared memory; a thread sums side x side numbers in registers. Sparse products with more masks than project.cu takes walk
// the rows of the sparse side; a thread owns one number of the result.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned tile = 64;   // rows and columns of the result that a block owns
constexpr unsigned depth = 16;  // of the inner size that is in shared memory at once
constexpr unsigned side = 4;    // a thread's share of the tile is side x side
constexpr unsigned threads_across = tile / side;
static_assert(threads_across * threads_across == block_size);

// A factor of a product, by the index that it shares with the result (outer) and the one that is summed over (inner).
// So a transposed factor is the same matrix with its steps exchanged.
struct Factor {
  const Real* data;
  std::size_t outer_step, inner_step;
};
Factor by_rows(ConstMat x) { return {x.data, x.stride, 1}; }
Factor by_columns(ConstMat x) { return {x.data, 1, x.stride}; }

// to[k][o] = element (first + o, k_first + k) of a factor, 0 beyond its ends. Neighbouring threads read neighbouring
// numbers whichever way the factor lies.
__device__ void load_tile(const Factor& f, std::size_t first, std::size_t count, std::size_t k_first, std::size_t k_last,
                          Real (&to)[depth][tile + 1]) {
  for (unsigned t = threadIdx.x; t < depth * tile; t += block_size) {
    const unsigned o = f.inner_step == 1 ? t / depth : t % tile;
    const unsigned k = f.inner_step == 1 ? t % depth : t / tile;
    const bool inside = first + o < count && k_first + k < k_last;
    to[k][o] = inside ? f.data[(first + o) * f.outer_step + (k_first + k) * f.inner_step] : 0;
  }
}

// c (+)= a b^T over one piece of the inner size; piece p's result lies p times c's size further on.
__global__ void multiply_tile(Factor a, Factor b, std::size_t inner, std::size_t piece, bool add, Mat c) {
  __shared__ Real x[depth][tile + 1], y[depth][tile + 1];
  const std::size_t first_row = std::size_t(blockIdx.x) * tile, first_column = std::size_t(blockIdx.y) * tile;
  const std::size_t k_first = blockIdx.z * piece, k_last = k_first + piece < inner ? k_first + piece : inner;
  const unsigned across = threadIdx.x % threads_across, down = threadIdx.x / threads_across;
  Real sum[side][side] = {};
  for (std::size_t k = k_first; k < k_last; k += depth) {
    load_tile(a, first_row, c.rows, k, k_last, x);
    load_tile(b, first_column, c.cols, k, k_last, y);
    __syncthreads();
#pragma unroll
    for (unsigned d = 0; d < depth; ++d) {
#pragma unroll
      for (unsigned r = 0; r < side; ++r) {
#pragma unroll
        for (unsigned s = 0; s < side; ++s) {
          sum[r][s] += x[d][down + r * threads_across] * y[d][across + s * threads_across];
        }
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (unsigned r = 0; r < side; ++r) {
#pragma unroll
    for (unsigned s = 0; s < side; ++s) {
      const std::size_t i = first_row + down + r * threads_across, j = first_column + across + s * threads_across;
      if (i >= c.rows || j >= c.cols) continue;
      Real* to = row(c, blockIdx.z * c.rows + i) + j;
      *to = add ? *to + sum[r][s] : sum[r][s];
    }
  }
}

void multiply(Context& ctx, Factor a, Factor b, std::size_t inner, std::size_t pieces, bool add, Mat c) {
  const dim3 blocks(unsigned(ceil_divide(c.rows, tile)), unsigned(ceil_divide(c.cols, tile)), unsigned(pieces));
  launch_blocks(ctx, multiply_tile, blocks, a, b, inner, ceil_divide(inner, pieces), add, c);
}

// y[row] (+)= sum over its non-zeros of value times mask times w[column]. transposed: the rows are the columns of x,
// which matters for the masks only.
__global__ void sparse_elements(SparseView rows, ConstMat w, Dropout dropout, std::size_t masks, const NodeId* ids,
                                bool transposed, bool add, Mat y) {
  const std::size_t n = thread_index();
  if (n >= y.rows * y.cols) return;
  const std::size_t i = n / y.cols, c = n % y.cols, group = c / (y.cols / masks);
  const std::size_t width = std::size_t(transposed ? rows.pattern.num_rows : rows.pattern.num_columns);
  const EdgeRange range = edges_of(rows.pattern, i);
  Real sum = 0;
  for (std::size_t e = range.first; e < range.last; ++e) {
    const std::size_t column = std::size_t(rows.pattern.columns[e]);
    const std::size_t node = transposed ? column : i, feature = transposed ? i : column;
    const std::uint64_t place = std::uint64_t(ids ? std::size_t(ids[node]) : node) * width + feature;
    sum += feature_multiplier(dropout, place * masks + group) * rows.values[e] * row(w, column)[c];
  }
  row(y, i)[c] = add ? row(y, i)[c] + sum : sum;
}

}  // namespace

void matmul(Context& ctx, ConstMat x, ConstMat w, Mat y) {
  multiply(ctx, by_rows(x), by_columns(w), x.cols, 1, false, y);
}

void matmul_input_gradient(Context& ctx, ConstMat dy, ConstMat w, Mat dx) {
  multiply(ctx, by_rows(dy), by_rows(w), dy.cols, 1, true, dx);
}

void matmul_weight_gradient(Context& ctx, ConstMat x, ConstMat dy, Mat dw) {
  // The result is small and the sum long: cut into pieces of at least 256 nodes, so that about 512 blocks have work.
  const std::size_t tiles = ceil_divide(dw.rows, tile) * ceil_divide(dw.cols, tile);
  if (tiles == 0) return;
  const std::size_t pieces = std::max<std::size_t>(1, std::min(512 / tiles, x.rows / 256));
  if (pieces == 1) return multiply(ctx, by_columns(x), by_columns(dy), x.rows, 1, true, dw);
  const Tensor partial = ctx.tensor(pieces, dw.size());
  multiply(ctx, by_columns(x), by_columns(dy), x.rows, pieces, false, Mat{partial.data(), dw.rows, dw.cols, dw.cols});
  add_partials(ctx, partial, dw);
}

void sparse_matmul(Context& ctx, SparseView x, ConstMat w, Dropout dropout, std::size_t masks, const NodeId* ids, Mat y) {
  if (masks <= most_masks) return project_sparse(ctx, x, w, dropout, masks, ids, false, y, ProjectedScores{});
  launch(ctx, sparse_elements, y.size(), x, w, dropout, masks, ids, false, false, y);
}

void sparse_matmul_weight_gradient(Context& ctx, SparseView x_transposed, ConstMat dy, Dropout dropout, std::size_t masks,
                                   const NodeId* ids, Mat dw) {
  if (masks <= most_masks) return project_sparse(ctx, x_transposed, dy, dropout, masks, ids, true, dw, ProjectedScores{});
  launch(ctx, sparse_elements, dw.size(), x_transposed, dy, dropout, masks, ids, true, true, dw);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
