// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/pairs.hpp>

#include <gnn/kernels/pairs.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {

Var multiply(const Var& x, const Var& factor) {
  check(factor.rows() == 1 && factor.cols() == 1, "multiply: expected a factor of 1x1, got ", factor.rows(), "x", factor.cols());
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const Tensor y = ctx.tensor(x.rows(), x.cols());
  kernels::multiply(ctx, x.value(), factor.value(), y);
  return tape.record(y, {x, factor}, [x, factor, &tape, &ctx](const Tensor& dy) {
    kernels::multiply_backward(ctx, x.value(), factor.value(), dy, x.needs_grad() ? tape.grad(x) : Tensor(),
                               factor.needs_grad() ? tape.grad(factor) : Tensor());
  });
}

Var row_maximum(const Var& x) {
  check(x.cols() > 0, "row_maximum: expected at least one column");
  if (x.cols() == 1) return x;
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const Tensor y = ctx.tensor(x.rows(), 1);
  kernels::row_maximum(ctx, x.value(), y);
  return tape.record(y, {x}, [x, &tape, &ctx](const Tensor& dy) {
    kernels::row_maximum_backward(ctx, x.value(), dy, tape.grad(x));
  });
}

Var log_sigmoid_loss(const Var& score, const Tensor& weight, double sign, double factor) {
  check(score.cols() == 1, "log_sigmoid_loss: expected one score a pair, got ", score.cols());
  check(!weight.defined() || (weight.rows() == score.rows() && weight.cols() == 1), "log_sigmoid_loss: expected weights of ",
        score.rows(), "x1, got ", weight.rows(), "x", weight.cols());
  Tape& tape = score.tape();
  Context& ctx = tape.context();
  const Tensor loss = ctx.tensor(1, 1);
  kernels::log_sigmoid_loss(ctx, score.value(), weight, Real(sign), Real(factor), loss);
  return tape.record(loss, {score}, [=, &tape, &ctx](const Tensor& dloss) {
    kernels::log_sigmoid_loss_backward(ctx, score.value(), weight, Real(sign), Real(factor), dloss, tape.grad(score));
  });
}

}  // namespace gnn::inline GNN_PRECISION
