// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/elementwise.hpp>

#include <gnn/kernels/cuda/bias_elu.hpp>
#include <gnn/kernels/cuda/column_sums.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// The sums of dy's columns.
void add_bias_gradient(Tape& tape, const Tensor& dy, const Var& bias) {
  if (!bias.needs_grad()) return;
  Context& ctx = tape.context();
  if constexpr (has_cuda) {
    if (ctx.device().kind == Device::cuda) return tape.add_pieces(cuda::column_sum_pieces(ctx, dy, ConstMat{}), bias);
  }
  kernels::add_column_sums(ctx, dy, tape.grad(bias));
}

/// Where the result of an op goes that makes one number of each: new memory, or that of x when nobody will miss it.
Tensor room_for(const Var& x) {
  const Tape& tape = x.tape();
  return tape.is_training() || x.value().is_shared() ? tape.context().tensor(x.rows(), x.cols()) : x.value();
}

}  // namespace

Var add(const Var& a, const Var& b) {
  check(a.rows() == b.rows() && a.cols() == b.cols(), "add: shapes differ: ", a.rows(), "x", a.cols(), " and ", b.rows(), "x",
        b.cols());
  Tape& tape = a.tape();
  Context& ctx = tape.context();
  const Tensor y = ctx.tensor(a.rows(), a.cols());
  kernels::add(ctx, a.value(), b.value(), y);
  return tape.record(y, {a, b}, [a, b, &tape, &ctx](const Tensor& dy) {
    if (b.needs_grad()) kernels::add_scaled(ctx, Real(1), dy, tape.grad(b));
    if (a.needs_grad()) tape.add_grad(a, dy);
  });
}

Var add_bias(Var x, const Var& bias) {
  check(bias.rows() == 1 && bias.cols() == x.cols(), "add_bias: expected a bias of 1x", x.cols(), ", got ", bias.rows(), "x",
        bias.cols());
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const Tensor y = room_for(x);
  kernels::add_row(ctx, x.value(), bias.value(), y);
  return tape.record(y, {x, bias}, [x, bias, &tape](const Tensor& dy) {
    add_bias_gradient(tape, dy, bias);
    if (x.needs_grad()) tape.add_grad(x, dy);
  });
}

Var elu(Var x) {
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const Tensor y = room_for(x);
  kernels::elu(ctx, x.value(), y);
  return tape.record(y, {x}, [x, y, &tape, &ctx](const Tensor& dy) { kernels::elu_backward(ctx, y, dy, tape.grad(x)); });
}

Var bias_elu(Var x, const Var& bias) {
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  if constexpr (has_cuda) {
    if (ctx.device().kind == Device::cuda && bias.rows() == 1 && bias.cols() == x.cols()) {
      const Tensor y = ctx.tensor(x.rows(), x.cols());
      cuda::bias_elu(ctx, x.value(), bias.value(), y);
      return tape.record(y, {x, bias}, [x, bias, y, &tape, &ctx](const Tensor& dy) {
        const Tensor dx = ctx.tensor(x.rows(), x.cols());
        cuda::elu_gradient(ctx, y, dy, dx);
        add_bias_gradient(tape, dx, bias);
        if (x.needs_grad()) tape.add_grad(x, dx);
      });
    }
  }
  x = add_bias(std::move(x), bias);  // a statement of its own: the argument lives to its end, and elu would find x shared
  return elu(std::move(x));
}

Var leaky_relu(Var x, double slope) {
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const Tensor y = room_for(x);
  kernels::leaky_relu(ctx, x.value(), Real(slope), y);
  return tape.record(y, {x}, [x, slope, &tape, &ctx](const Tensor& dy) {
    kernels::leaky_relu_backward(ctx, x.value(), Real(slope), dy, tape.grad(x));
  });
}

Var dropout(const Var& x, double p, std::uint32_t stream, const Array<NodeId>& ids) {
  check(ids.size() == 0 || ids.size() == x.rows(), "dropout: ", x.rows(), " rows but ", ids.size(), " ids");
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const Dropout drop = tape.dropout(stream, p);
  if (!drop.active()) return x;
  const Tensor y = ctx.tensor(x.rows(), x.cols());
  kernels::dropout_forward(ctx, x.value(), drop, MaskPlace{0, 1, ids.data()}, y);
  return tape.record(y, {x}, [x, drop, ids, &tape, &ctx](const Tensor& dy) {
    kernels::dropout_backward(ctx, dy, drop, MaskPlace{0, 1, ids.data()}, tape.grad(x));
  });
}

Var top_rows(const Var& x, std::size_t count) {
  check(count <= x.rows(), "top_rows: expected at most ", x.rows(), " rows, got ", count);
  if (count == x.rows()) return x;
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  return tape.record(x.value().part(0, count, x.cols()), {x}, [x, count, &tape, &ctx](const Tensor& dy) {
    if (tape.has_grad(x)) return kernels::add_scaled(ctx, Real(1), dy, tape.grad(x).part(0, count, x.cols()));
    const Tensor dx = ctx.tensor(x.rows(), x.cols());  // written once, not filled and added to
    kernels::copy(ctx, dy, dx.part(0, count, x.cols()));
    kernels::fill(ctx, dx.part(count * x.cols(), x.rows() - count, x.cols()), Real(0));
    tape.add_grad(x, dx);
  });
}

Var pad_heads(const Var& x, std::size_t heads, std::size_t channels) {
  check(heads > 0 && x.cols() % heads == 0, "pad_heads: ", x.cols(), " columns do not divide among ", heads, " heads");
  const std::size_t own = x.cols() / heads;
  check(channels >= own, "pad_heads: expected at least ", own, " channels, got ", channels);
  if (channels == own) return x;
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const Tensor y = ctx.tensor(x.rows(), heads * channels);
  kernels::pad_heads(ctx, x.value(), heads, y);
  return tape.record(y, {x}, [x, heads, &tape, &ctx](const Tensor& dy) { kernels::pad_heads_backward(ctx, dy, heads, tape.grad(x)); });
}

std::size_t padded_channels(const Tape& tape, std::size_t rows, std::size_t channels) {
  constexpr std::size_t large = 1 << 16, whole = 8, most = 256;  // more are left to other kernels
  if (tape.context().device().kind != Device::cuda || rows * channels < large || channels < whole || channels > most) return channels;
  return (channels + whole - 1) / whole * whole;
}

Var mean_heads(const Var& x, std::size_t heads) {
  check(heads > 0 && x.cols() % heads == 0, "mean_heads: ", x.cols(), " columns do not divide among ", heads, " heads");
  if (heads == 1) return x;
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const Tensor y = ctx.tensor(x.rows(), x.cols() / heads);
  kernels::mean_heads(ctx, x.value(), heads, y);
  return tape.record(y, {x}, [x, heads, &tape, &ctx](const Tensor& dy) { kernels::mean_heads_backward(ctx, dy, heads, tape.grad(x)); });
}

}  // namespace gnn::inline GNN_PRECISION
