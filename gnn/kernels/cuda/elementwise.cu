// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/elementwise.hpp>

#include <cstdint>

#include <gnn/kernels/cuda/bias_elu.hpp>
#include <gnn/kernels/cuda/column_sums.hpp>
#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/head_lanes.cuh>
#include <gnn/kernels/cuda/reduce.cuh>

// Plan of every kernel here: a thread owns one number of the result.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__global__ void fill_elements(Follows before, std::size_t n, Real value, Real* y) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < n) y[k] = value;
}

__global__ void copy_elements(Follows before, std::size_t n, const Real* x, Real* y) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < n) y[k] = x[k];
}

// The same by 16 bytes: 4 a thread reach two thirds of what memory gives.
__global__ void copy_packs(Follows before, std::size_t n, const int4* x, int4* y) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < n) y[k] = x[k];
}

__global__ void add_scaled_elements(Follows before, std::size_t n, Real factor, const Real* x, Real* y) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < n) y[k] += factor * x[k];
}

__global__ void add_elements(Follows before, std::size_t n, const Real* a, const Real* b, Real* y) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < n) y[k] = a[k] + b[k];
}

__global__ void add_row_elements(Follows before, const Real* x, const Real* row, Mat y) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < y.rows * y.cols) y.data[k] = x[k] + row[k % y.cols];
}

__global__ void elu_elements(Follows before, std::size_t n, const Real* x, Real* y) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < n) y[k] = x[k] > 0 ? x[k] : expm1(x[k]);
}

__global__ void elu_backward_elements(Follows before, std::size_t n, const Real* y, const Real* dy, Real* dx) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < n) dx[k] += dy[k] * (y[k] > 0 ? 1 : y[k] + 1);
}

// A thread owns n numbers side by side, which divide a row: what finds their column counts once.
template <unsigned n>
__global__ void bias_elu_elements(Follows before, const Real* x, const Real* bias, Mat y) {
  before.wait();
  const std::size_t k = thread_index() * n;
  if (k >= y.rows * y.cols) return;
  // A division of 32 bits takes a third of the instructions.
  const std::size_t column = k <= UINT32_MAX ? unsigned(k) % unsigned(y.cols) : k % y.cols;
  Pack<n> sum = *reinterpret_cast<const Pack<n>*>(x + k);
#pragma unroll
  for (unsigned i = 0; i < n; ++i) {
    const Real s = sum.x[i] + bias[column + i];
    sum.x[i] = s > 0 ? s : expm1(s);
  }
  *reinterpret_cast<Pack<n>*>(y.data + k) = sum;
}

__global__ void elu_gradient_elements(Follows before, std::size_t n, const Real* y, const Real* dy, Real* dx) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < n) dx[k] = dy[k] * (y[k] > 0 ? 1 : y[k] + 1);
}

__global__ void leaky_relu_elements(Follows before, std::size_t n, const Real* x, Real slope, Real* y) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < n) y[k] = x[k] > 0 ? x[k] : slope * x[k];
}

__global__ void leaky_relu_backward_elements(Follows before, std::size_t n, const Real* x, Real slope, const Real* dy,
                                             Real* dx) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < n) dx[k] += dy[k] * (x[k] > 0 ? 1 : slope);
}

// add: y += m x, else y = m x.
__global__ void dropout_elements(Follows before, ConstMat x, Dropout dropout, MaskPlace place, bool add, Real* y) {
  before.wait();
  const std::size_t k = thread_index();
  if (k >= x.rows * x.cols) return;
  std::uint64_t element = k;
  if (place.ids) element = std::uint64_t(place.ids[k / x.cols]) * x.cols + k % x.cols;
  const Real m = dropout.frozen ? dropout.frozen[k] : feature_multiplier(dropout, element * place.masks + place.mask);
  y[k] = add ? y[k] + m * x.data[k] : m * x.data[k];
}

__global__ void pad_heads_elements(Follows before, ConstMat x, std::size_t heads, Mat y) {
  before.wait();
  const std::size_t k = thread_index(), from = x.cols / heads, to = y.cols / heads;
  if (k >= y.rows * y.cols) return;
  const std::size_t h = k % y.cols / to, c = k % to;
  y.data[k] = c < from ? row(x, k / y.cols)[h * from + c] : Real(0);
}

__global__ void pad_heads_backward_elements(Follows before, ConstMat dy, std::size_t heads, Mat dx) {
  before.wait();
  const std::size_t k = thread_index(), from = dx.cols / heads, to = dy.cols / heads;
  if (k >= dx.rows * dx.cols) return;
  dx.data[k] += row(dy, k / dx.cols)[k % dx.cols / from * to + k % from];
}

__global__ void mean_heads_elements(Follows before, ConstMat x, std::size_t heads, Mat y) {
  before.wait();
  const std::size_t k = thread_index();
  if (k >= y.rows * y.cols) return;
  const Real* from = row(x, k / y.cols) + k % y.cols;
  Real sum = 0;
  for (std::size_t h = 0; h < heads; ++h) sum += from[h * y.cols];
  y.data[k] = sum / Real(heads);
}

__global__ void mean_heads_backward_elements(Follows before, ConstMat dy, std::size_t heads, Mat dx) {
  before.wait();
  const std::size_t k = thread_index();
  if (k >= dx.rows * dx.cols) return;
  dx.data[k] += row(dy, k / dx.cols)[k % dx.cols % dy.cols] * (1 / Real(heads));
}

}  // namespace

void fill(Context& ctx, Mat y, Real value) { launch(ctx, fill_elements, y.size(), y.size(), value, y.data); }

void copy(Context& ctx, ConstMat x, Mat y) {
  constexpr std::size_t large = std::size_t(1) << 20, of_pack = sizeof(int4) / sizeof(Real);
  const bool aligned = (reinterpret_cast<std::uintptr_t>(x.data) | reinterpret_cast<std::uintptr_t>(y.data)) % sizeof(int4) == 0;
  if (y.size() >= large && y.size() % of_pack == 0 && aligned)
    return launch(ctx, copy_packs, y.size() / of_pack, y.size() / of_pack, reinterpret_cast<const int4*>(x.data), reinterpret_cast<int4*>(y.data));
  launch(ctx, copy_elements, y.size(), y.size(), x.data, y.data);
}

void add_scaled(Context& ctx, Real factor, ConstMat x, Mat y) {
  launch(ctx, add_scaled_elements, y.size(), y.size(), factor, x.data, y.data);
}

void add(Context& ctx, ConstMat a, ConstMat b, Mat y) {
  launch(ctx, add_elements, y.size(), y.size(), a.data, b.data, y.data);
}

void add_row(Context& ctx, ConstMat x, ConstMat row, Mat y) {
  launch(ctx, add_row_elements, y.size(), x.data, row.data, y);
}

Tensor column_sum_pieces(Context& ctx, ConstMat x, ConstMat weight) {
  const std::size_t piece = rows_of_piece(x.rows);
  const Tensor pieces = ctx.tensor(ceil_divide(x.rows, piece), x.cols);
  launch_blocks(ctx, column_sums_piece, dim3(unsigned(pieces.rows() * ceil_divide(x.cols, 32))), x, weight, piece, pieces.mat(),
                static_cast<unsigned*>(nullptr), Mat{});
  return pieces;
}

void add_column_sums(Context& ctx, ConstMat x, Mat row) { add_weighted_column_sums(ctx, x, ConstMat{}, row); }

void elu(Context& ctx, ConstMat x, Mat y) { launch(ctx, elu_elements, y.size(), y.size(), x.data, y.data); }

void elu_backward(Context& ctx, ConstMat y, ConstMat dy, Mat dx) {
  launch(ctx, elu_backward_elements, dx.size(), dx.size(), y.data, dy.data, dx.data);
}

void bias_elu(Context& ctx, ConstMat x, ConstMat bias, Mat y) {
  constexpr unsigned n = 16 / sizeof(Real);
  const auto address = [](const Real* p) { return reinterpret_cast<std::uintptr_t>(p); };
  if (y.cols % n == 0 && address(x.data) % 16 == 0 && address(y.data) % 16 == 0) {
    launch(ctx, bias_elu_elements<n>, y.size() / n, x.data, bias.data, y);
  } else {
    launch(ctx, bias_elu_elements<1>, y.size(), x.data, bias.data, y);
  }
}

void elu_gradient(Context& ctx, ConstMat y, ConstMat dy, Mat dx) {
  launch(ctx, elu_gradient_elements, dx.size(), dx.size(), y.data, dy.data, dx.data);
}

void leaky_relu(Context& ctx, ConstMat x, Real slope, Mat y) {
  launch(ctx, leaky_relu_elements, y.size(), y.size(), x.data, slope, y.data);
}

void leaky_relu_backward(Context& ctx, ConstMat x, Real slope, ConstMat dy, Mat dx) {
  launch(ctx, leaky_relu_backward_elements, dx.size(), dx.size(), x.data, slope, dy.data, dx.data);
}

void dropout_forward(Context& ctx, ConstMat x, Dropout dropout, MaskPlace place, Mat y) {
  launch(ctx, dropout_elements, y.size(), x, dropout, place, false, y.data);
}

void dropout_backward(Context& ctx, ConstMat dy, Dropout dropout, MaskPlace place, Mat dx) {
  launch(ctx, dropout_elements, dx.size(), dy, dropout, place, true, dx.data);
}

void pad_heads(Context& ctx, ConstMat x, std::size_t heads, Mat y) { launch(ctx, pad_heads_elements, y.size(), x, heads, y); }

void pad_heads_backward(Context& ctx, ConstMat dy, std::size_t heads, Mat dx) {
  launch(ctx, pad_heads_backward_elements, dx.size(), dy, heads, dx);
}

void mean_heads(Context& ctx, ConstMat x, std::size_t heads, Mat y) {
  launch(ctx, mean_heads_elements, y.size(), x, heads, y);
}

void mean_heads_backward(Context& ctx, ConstMat dy, std::size_t heads, Mat dx) {
  launch(ctx, mean_heads_backward_elements, dx.size(), dy, heads, dx);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
