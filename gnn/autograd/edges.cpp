// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/edges.hpp>

#include <gnn/kernels/edges.hpp>
#include <gnn/kernels/symmetric_weights.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

void check_edges(const char* op, const Adjacency& adjacency, const Var& x) {
  check(x.rows() == adjacency.num_edges(), op, ": weight has ", x.rows(), " rows, the graph has ", adjacency.num_edges(),
        " edges");
}

}  // namespace

Var edge_scores(const Adjacency& adjacency, const Var& source_score, const Var& target_score) {
  check(source_score.rows() == adjacency.num_sources() && target_score.rows() == adjacency.num_targets() &&
            source_score.cols() == target_score.cols(),
        "edge_scores: scores are ", source_score.rows(), "x", source_score.cols(), " and ", target_score.rows(), "x",
        target_score.cols(), ", the graph has ", adjacency.num_sources(), " sources and ", adjacency.num_targets(), " targets");
  Tape& tape = source_score.tape();
  Context& ctx = tape.context();
  const Tensor y = ctx.tensor(adjacency.num_edges(), source_score.cols());
  kernels::edge_scores(ctx, adjacency.in(), source_score.value(), target_score.value(), y);
  return tape.record(y, {source_score, target_score}, [=, &tape, &ctx](const Tensor& dy) {
    const auto grad_of = [&](const Var& x) { return x.needs_grad() ? tape.grad(x) : ctx.tensor(x.rows(), x.cols()); };
    kernels::edge_scores_backward(ctx, adjacency.in(), adjacency.out(), dy, grad_of(source_score), grad_of(target_score));
  });
}

Var edge_softmax(const Adjacency& adjacency, const Var& score) {
  check_edges("edge_softmax", adjacency, score);
  Tape& tape = score.tape();
  Context& ctx = tape.context();
  const Tensor y = ctx.tensor(score.rows(), score.cols());
  kernels::edge_softmax(ctx, adjacency.in(), score.value(), y);
  return tape.record(y, {score}, [=, &tape, &ctx](const Tensor& dy) {
    kernels::edge_softmax_backward(ctx, adjacency.in(), y, dy, tape.grad(score));
  });
}

Var edge_dropout(const Adjacency& adjacency, const Var& x, double p, std::uint32_t stream) {
  check_edges("edge_dropout", adjacency, x);
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const Dropout drop = tape.dropout(stream, p);
  if (!drop.active()) return x;
  const Tensor y = ctx.tensor(x.rows(), x.cols());
  kernels::edge_dropout_forward(ctx, adjacency.in(), x.value(), drop, y);
  return tape.record(y, {x}, [=, &tape, &ctx](const Tensor& dy) {
    kernels::edge_dropout_backward(ctx, adjacency.in(), dy, drop, tape.grad(x));
  });
}

Var propagate(const Adjacency& adjacency, const Var& weight, const Var& x) {
  check_edges("propagate", adjacency, weight);
  check(x.rows() == adjacency.num_sources() && weight.cols() > 0 && x.cols() % weight.cols() == 0, "propagate: x is ", x.rows(),
        "x", x.cols(), ", expected ", adjacency.num_sources(), " rows and a multiple of ", weight.cols(), " columns");
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const Tensor y = ctx.tensor(adjacency.num_targets(), x.cols());
  kernels::propagate(ctx, adjacency.in(), weight.value(), x.value(), y);
  return tape.record(y, {weight, x}, [=, &tape, &ctx](const Tensor& dy) {
    if (x.needs_grad()) kernels::propagate_input_gradient(ctx, adjacency.out(), weight.value(), dy, tape.grad(x));
    if (weight.needs_grad()) kernels::propagate_weight_gradient(ctx, adjacency.in(), x.value(), dy, tape.grad(weight));
  });
}

Tensor symmetric_weights(Context& ctx, const Adjacency& adjacency) {
  check(adjacency.num_sources() == adjacency.num_targets(), "symmetric_weights: expected as many sources as targets, got ",
        adjacency.num_sources(), " and ", adjacency.num_targets());
  const Tensor weight = ctx.tensor(adjacency.num_edges(), 1);
  kernels::symmetric_weights(ctx, adjacency.in(), weight);
  return weight;
}

}  // namespace gnn::inline GNN_PRECISION
