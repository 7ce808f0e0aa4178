// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/gates.hpp>

#include <gnn/kernels/cuda/launch.cuh>

// Plan: a thread owns one number of the result, a row of gates (they are few), or with its group of lanes the sum over
// one row.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__global__ void row_softmax_rows(Follows before, ConstMat x, Mat y) {
  before.wait();
  const std::size_t i = thread_index();
  if (i >= x.rows) return;
  const Real* from = row(x, i);
  Real* to = row(y, i);
  Real most = x.cols ? from[0] : Real(0), sum = 0;
  for (std::size_t k = 1; k < x.cols; ++k) most = from[k] > most ? from[k] : most;
  for (std::size_t k = 0; k < x.cols; ++k) sum += to[k] = exp(from[k] - most);
  for (std::size_t k = 0; k < x.cols; ++k) to[k] /= sum;
}

__global__ void row_softmax_backward_rows(Follows before, ConstMat y, ConstMat dy, Mat dx) {
  before.wait();
  const std::size_t i = thread_index();
  if (i >= y.rows) return;
  Real along = 0;
  for (std::size_t k = 0; k < y.cols; ++k) along += row(y, i)[k] * row(dy, i)[k];
  for (std::size_t k = 0; k < y.cols; ++k) row(dx, i)[k] += row(y, i)[k] * (row(dy, i)[k] - along);
}

__global__ void add_gated_elements(Follows before, ConstMat gate, std::size_t k, ConstMat x, Mat y) {
  before.wait();
  const std::size_t at = thread_index();
  if (at >= x.rows * x.cols) return;
  const std::size_t i = at / x.cols, c = at % x.cols;
  row(y, i)[c] += row(gate, i)[k] * row(x, i)[c];
}

__global__ void gate_gradient_rows(Follows before, ConstMat x, ConstMat dy, std::size_t k, unsigned lanes, Mat dgate) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t i = group.index();
  if (i >= x.rows) return;
  const Real sum = dot_product(group, row(x, i), row(dy, i), x.cols);
  if (group.lane == 0) row(dgate, i)[k] += sum;
}

// add: y += x, else y = x.
__global__ void move_columns(Follows before, ConstMat x, bool add, Mat y) {
  before.wait();
  const std::size_t at = thread_index();
  if (at >= x.rows * x.cols) return;
  const Real from = row(x, at / x.cols)[at % x.cols];
  Real& to = row(y, at / x.cols)[at % x.cols];
  to = add ? to + from : from;
}

}  // namespace

void row_softmax(Context& ctx, ConstMat x, Mat y) { launch(ctx, row_softmax_rows, x.rows, x, y); }

void row_softmax_backward(Context& ctx, ConstMat y, ConstMat dy, Mat dx) {
  launch(ctx, row_softmax_backward_rows, y.rows, y, dy, dx);
}

void add_gated(Context& ctx, ConstMat gate, std::size_t k, ConstMat x, Mat y) {
  launch(ctx, add_gated_elements, x.size(), gate, k, x, y);
}

void gate_gradient(Context& ctx, ConstMat x, ConstMat dy, std::size_t k, Mat dgate) {
  const unsigned lanes = lanes_for(x.cols);
  launch(ctx, gate_gradient_rows, x.rows * lanes, x, dy, k, lanes, dgate);
}

void copy_columns(Context& ctx, ConstMat x, Mat y) { launch(ctx, move_columns, x.size(), x, false, y); }

void add_columns(Context& ctx, ConstMat x, Mat y) { launch(ctx, move_columns, x.size(), x, true, y); }

}  // namespace gnn::inline GNN_PRECISION::cuda
