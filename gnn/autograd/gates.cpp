// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/gates.hpp>

#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/gates.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {

Var row_softmax(const Var& x) {
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const Tensor y = ctx.tensor(x.rows(), x.cols());
  kernels::row_softmax(ctx, x.value(), y);
  return tape.record(y, {x}, [x, y, &tape, &ctx](const Tensor& dy) {
    kernels::row_softmax_backward(ctx, y, dy, tape.grad(x));
  });
}

Var gated_sum(const Var& gates, std::span<const Var> terms) {
  check(!terms.empty() && gates.cols() == terms.size(), "gated_sum: expected as many terms as gates, got ", terms.size(), " and ",
        gates.cols());
  for (const Var& term : terms) {
    check(term.rows() == gates.rows() && term.cols() == terms[0].cols(), "gated_sum: expected terms of ", gates.rows(), "x",
          terms[0].cols(), ", got ", term.rows(), "x", term.cols());
  }
  Tape& tape = gates.tape();
  Context& ctx = tape.context();
  const Tensor y = ctx.tensor(gates.rows(), terms[0].cols());
  kernels::fill(ctx, y, Real(0));
  for (std::size_t k = 0; k < terms.size(); ++k) kernels::add_gated(ctx, gates.value(), k, terms[k].value(), y);

  std::vector<Var> inputs(terms.begin(), terms.end());
  inputs.push_back(gates);
  return tape.record(y, inputs, [inputs, gates, &tape, &ctx](const Tensor& dy) {
    for (std::size_t k = 0; k < gates.cols(); ++k) {
      const Var& term = inputs[k];
      if (gates.needs_grad()) kernels::gate_gradient(ctx, term.value(), dy, k, tape.grad(gates));
      if (term.needs_grad()) kernels::add_gated(ctx, gates.value(), k, dy, tape.grad(term));
    }
  });
}

Var concat_columns(std::span<const Var> parts) {
  check(!parts.empty(), "concat_columns: expected at least one matrix");
  std::size_t width = 0;
  for (const Var& part : parts) {
    check(part.rows() == parts[0].rows(), "concat_columns: expected matrices of ", parts[0].rows(), " rows, got one of ",
          part.rows());
    width += part.cols();
  }
  if (parts.size() == 1) return parts[0];
  Tape& tape = parts[0].tape();
  Context& ctx = tape.context();
  const Tensor y = ctx.tensor(parts[0].rows(), width);
  std::size_t first = 0;
  for (const Var& part : parts) {
    kernels::copy_columns(ctx, part.value(), y.mat().columns(first, part.cols()));
    first += part.cols();
  }
  const std::vector<Var> inputs(parts.begin(), parts.end());
  return tape.record(y, inputs, [inputs, &tape, &ctx](const Tensor& dy) {
    std::size_t from = 0;
    for (const Var& part : inputs) {
      if (part.needs_grad()) kernels::add_columns(ctx, dy.mat().columns(from, part.cols()), tape.grad(part));
      from += part.cols();
    }
  });
}

}  // namespace gnn::inline GNN_PRECISION
