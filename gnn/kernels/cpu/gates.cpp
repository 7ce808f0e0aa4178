// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/gates.hpp>

#include <algorithm>

#include <gnn/kernels/cpu/parallel.hpp>
#include <gnn/kernels/cpu/simd.hpp>

// Plan of every kernel here: rows are cut into pieces of fixed size, a piece has one owner.
namespace gnn::inline GNN_PRECISION::cpu {
namespace {

// Calls work(i) for every row of a matrix with that many columns.
template <class Work>
void for_rows(Context& ctx, std::size_t rows, std::size_t cols, const Work& work) {
  parallel_ranges(ctx, rows, rows_per_piece(cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) work(i);
  });
}

GNN_SIMD void add_scaled_row(Real factor, const Real* x, Real* y, std::size_t n) {
  for (std::size_t c = 0; c < n; ++c) y[c] += factor * x[c];
}

GNN_SIMD Real dot_row(const Real* x, const Real* y, std::size_t n) { return dot_product(x, y, n); }

}  // namespace

void row_softmax(Context& ctx, ConstMat x, Mat y) {
  for_rows(ctx, x.rows, x.cols, [&](std::size_t i) {
    const Real *from = x.row(i), most = x.cols ? *std::max_element(from, from + x.cols) : Real(0);
    Real sum = 0;
    for (std::size_t k = 0; k < x.cols; ++k) sum += y.row(i)[k] = std::exp(from[k] - most);
    for (std::size_t k = 0; k < x.cols; ++k) y.row(i)[k] /= sum;
  });
}

void row_softmax_backward(Context& ctx, ConstMat y, ConstMat dy, Mat dx) {
  for_rows(ctx, y.rows, y.cols, [&](std::size_t i) {
    Real along = 0;
    for (std::size_t k = 0; k < y.cols; ++k) along += y.row(i)[k] * dy.row(i)[k];
    for (std::size_t k = 0; k < y.cols; ++k) dx.row(i)[k] += y.row(i)[k] * (dy.row(i)[k] - along);
  });
}

void add_gated(Context& ctx, ConstMat gate, std::size_t k, ConstMat x, Mat y) {
  for_rows(ctx, x.rows, x.cols, [&](std::size_t i) { add_scaled_row(gate.row(i)[k], x.row(i), y.row(i), x.cols); });
}

void gate_gradient(Context& ctx, ConstMat x, ConstMat dy, std::size_t k, Mat dgate) {
  for_rows(ctx, x.rows, x.cols, [&](std::size_t i) { dgate.row(i)[k] += dot_row(x.row(i), dy.row(i), x.cols); });
}

void copy_columns(Context& ctx, ConstMat x, Mat y) {
  for_rows(ctx, x.rows, x.cols, [&](std::size_t i) { std::copy_n(x.row(i), x.cols, y.row(i)); });
}

void add_columns(Context& ctx, ConstMat x, Mat y) {
  for_rows(ctx, x.rows, x.cols, [&](std::size_t i) { add_scaled_row(1, x.row(i), y.row(i), x.cols); });
}

}  // namespace gnn::inline GNN_PRECISION::cpu
