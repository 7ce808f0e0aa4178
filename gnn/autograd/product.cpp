// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/product.hpp>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/kernels/cuda/project.hpp>
#include <gnn/kernels/cuda/split_product.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/product.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

void check_product(std::size_t rows, std::size_t cols, const Var& w) {
  check(cols == w.rows(), "matmul: inner sizes differ: x is ", rows, "x", cols, ", w is ", w.rows(), "x", w.cols());
}

void check_masks(const Var& w, std::size_t masks) {
  check(masks > 0 && w.cols() % masks == 0, "dropout_matmul: ", w.cols(), " columns do not divide among ", masks, " masks");
}

// A product of small matrices and its dropout, in one kernel each way. On a GPU, for cuBLAS alone takes two or three.
[[maybe_unused]] Var small_product(const Var& x, const Var& w, const Dropout& drop, const Array<NodeId>& ids) {
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const Tensor y = ctx.tensor(x.rows(), w.cols());
  cuda::project_dense(ctx, x.value(), w.value(), drop, ids.data(), y, ProjectedScores{});
  return tape.record(y, {x, w}, [x, w, drop, ids, &tape, &ctx](const Tensor& dy) {
    const Tensor dx = x.needs_grad() ? ctx.tensor(x.rows(), x.cols()) : Tensor();
    const Tensor pieces = ctx.tensor(cuda::num_projection_pieces(x.rows()), w.rows() * w.cols());
    cuda::project_dense_backward(ctx, x.value(), w.value(), dy, drop, ids.data(), dx, pieces);
    tape.add_pieces(pieces, w);
    if (dx.defined()) tape.add_grad(x, dx);
  });
}

[[maybe_unused]] bool is_small(Context& ctx, const Var& x, const Var& w) {
  return ctx.device().kind == Device::cuda && cuda::is_small_projection(x.rows(), x.cols(), w.cols());
}

}  // namespace

Var matmul(const Var& x, const Var& w) {
  check_product(x.rows(), x.cols(), w);
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  if constexpr (has_cuda) {
    if (is_small(ctx, x, w)) return small_product(x, w, Dropout{}, Array<NodeId>());
  }
  const Tensor y = ctx.tensor(x.rows(), w.cols());
  kernels::matmul(ctx, x.value(), w.value(), y);
  return tape.record(y, {x, w}, [x, w, &tape, &ctx](const Tensor& dy) {
    if (x.needs_grad()) add_input_gradient(dy, w, x);
    if (w.needs_grad()) kernels::matmul_weight_gradient(ctx, x.value(), dy, tape.grad(w));
  });
}

void add_input_gradient(const Tensor& dy, const Var& w, const Var& x) {
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  if constexpr (has_cuda) {
    // On a GPU a wide gradient is all memory: the first product is written, not added to zeros.
    if (ctx.device().kind == Device::cuda && !tape.has_grad(x) && dy.cols() > 0) {
      const Tensor dx = ctx.tensor(x.rows(), x.cols());
      cuda::dense_product(ctx, dy, false, w.value(), true, false, dx);
      return tape.add_grad(x, dx);
    }
  }
  kernels::matmul_input_gradient(ctx, dy, w.value(), tape.grad(x));
}

Var dropout_matmul(const Var& x, const Var& w, double p, std::uint32_t stream, std::size_t masks, const Array<NodeId>& ids) {
  check_product(x.rows(), x.cols(), w);
  check_masks(w, masks);
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const Dropout drop = tape.dropout(stream, p);
  if constexpr (has_cuda) {
    if ((masks == 1 || !drop.active()) && !drop.frozen && is_small(ctx, x, w)) return small_product(x, w, drop, ids);
  }
  // Given multipliers are N x F: one mask for all heads.
  if (masks == 1 || drop.frozen || !drop.active()) return matmul(dropout(x, p, stream, ids), w);

  const std::size_t width = w.cols() / masks;
  const Tensor y = ctx.tensor(x.rows(), w.cols()), masked = ctx.tensor(x.rows(), x.cols());
  for (std::size_t g = 0; g < masks; ++g) {
    kernels::dropout_forward(ctx, x.value(), drop, MaskPlace{g, masks, ids.data()}, masked);
    kernels::matmul(ctx, masked, w.value().mat().columns(g * width, width), y.mat().columns(g * width, width));
  }
  return tape.record(y, {x, w}, [x, w, drop, masks, width, ids, &tape, &ctx](const Tensor& dy) {
    const Tensor scratch = ctx.tensor(x.rows(), x.cols());
    for (std::size_t g = 0; g < masks; ++g) {
      const Mat part = dy.mat().columns(g * width, width);
      if (w.needs_grad()) {
        kernels::dropout_forward(ctx, x.value(), drop, MaskPlace{g, masks, ids.data()}, scratch);
        kernels::matmul_weight_gradient(ctx, scratch, part, tape.grad(w).mat().columns(g * width, width));
      }
      if (x.needs_grad()) {
        kernels::fill(ctx, scratch, Real(0));
        kernels::matmul_input_gradient(ctx, part, w.value().mat().columns(g * width, width), scratch);
        kernels::dropout_backward(ctx, scratch, drop, MaskPlace{g, masks, ids.data()}, tape.grad(x));
      }
    }
  });
}

Var dropout_matmul(const SparseMatrix& x, const Var& w, double p, std::uint32_t stream, std::size_t masks,
                   const Array<NodeId>& ids) {
  check_product(x.rows(), x.cols(), w);
  check_masks(w, masks);
  Tape& tape = w.tape();
  Context& ctx = tape.context();
  const Dropout drop = tape.dropout(stream, p);
  check(!drop.frozen, "dropout_matmul: given masks need a dense input");
  const Tensor y = ctx.tensor(x.rows(), w.cols());
  // A processor remembers its masks, a byte each: on Cora that takes 3 % off an epoch. A GPU draws them once more.
  const bool remembers = drop.active() && w.needs_grad() && ctx.device().kind == Device::cpu;
  const auto memory = remembers ? std::make_shared<Buffer>(ctx.pool(), x.num_nonzero() * masks) : nullptr;
  std::uint8_t* const kept = memory ? static_cast<std::uint8_t*>(memory->data()) : nullptr;
  kernels::sparse_matmul(ctx, x.view(), w.value(), drop, masks, ids.data(), kept, y);
  return tape.record(y, {w}, [x, w, drop, masks, ids, memory, kept, &tape](const Tensor& dy) {
    tape.add_weight_gradient({x, dy, drop, masks, ids, kept, {}}, w);
  });
}

}  // namespace gnn::inline GNN_PRECISION
