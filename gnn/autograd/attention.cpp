// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/attention.hpp>

#include <gnn/kernels/attention.hpp>
#include <gnn/kernels/cuda/column_sums.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/head_scores.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

void check_scores(const Adjacency& adjacency, const Var& source_score, const Var& target_score) {
  check(source_score.rows() == adjacency.num_sources() && target_score.rows() == adjacency.num_targets(),
        "gat_attention: scores have ", source_score.rows(), " source and ", target_score.rows(), " target rows, the graph has ",
        adjacency.num_sources(), " and ", adjacency.num_targets());
  check(source_score.cols() == target_score.cols() && source_score.cols() > 0 && source_score.cols() <= max_mask_heads,
        "gat_attention: expected the same number of heads (1 to ", max_mask_heads, ") on both sides, got ", source_score.cols(),
        " and ", target_score.cols());
}

}  // namespace

Var head_scores(const Var& z, const Var& a, const Var& bias) {
  check(a.rows() * a.cols() == z.cols(), "head_scores: z has ", z.cols(), " columns, a is ", a.rows(), "x", a.cols());
  check(!bias.defined() || (bias.rows() == 1 && bias.cols() == a.rows()), "head_scores: expected a bias of 1x", a.rows());
  Tape& tape = z.tape();
  Context& ctx = tape.context();
  const Tensor score = ctx.tensor(z.rows(), a.rows());
  kernels::head_scores(ctx, z.value(), a.value(), bias.value(), score);
  return tape.record(score, {z, a, bias}, [z, a, bias, &tape, &ctx](const Tensor& dscore) {
    bool has_sum = !a.needs_grad();
    if constexpr (has_cuda) {
      if (ctx.device().kind == Device::cuda && !has_sum) {
        tape.add_pieces(cuda::column_sum_pieces(ctx, z.value(), dscore), a);
        has_sum = true;
      }
    }
    kernels::head_scores_backward(ctx, z.value(), a.value(), dscore, z.needs_grad() ? tape.grad(z) : Tensor(),
                                  has_sum ? Tensor() : tape.grad(a));
    if (bias.needs_grad()) kernels::add_column_sums(ctx, dscore, tape.grad(bias));
  });
}

Var gat_attention(const Adjacency& adjacency, const Var& source_score, const Var& target_score, const Var& value, double slope,
                  double p, std::uint32_t stream) {
  check_scores(adjacency, source_score, target_score);
  const std::size_t heads = source_score.cols(), targets = adjacency.num_targets();
  check(value.rows() == adjacency.num_sources() && value.cols() % heads == 0, "gat_attention: value is ", value.rows(), "x",
        value.cols(), ", expected ", adjacency.num_sources(), " rows and a multiple of ", heads, " columns");
  Tape& tape = value.tape();
  Context& ctx = tape.context();
  const Dropout drop = tape.dropout(stream, p);
  const Tensor out = ctx.tensor(targets, value.cols());
  const Tensor maximum = ctx.tensor(targets, heads), sum = ctx.tensor(targets, heads);
  const bool train = source_score.needs_grad() || target_score.needs_grad() || value.needs_grad();
  if (!train) {
    kernels::gat_attention(ctx, adjacency.in(), source_score.value(), target_score.value(), value.value(), Real(slope), drop, out,
                  AttentionState{maximum, sum, {}, {}});
    return tape.constant(out);
  }
  const Tensor positive_out = ctx.tensor(targets, value.cols()), positive_mass = ctx.tensor(targets, heads);
  kernels::gat_attention(ctx, adjacency.in(), source_score.value(), target_score.value(), value.value(), Real(slope), drop, out,
                AttentionState{maximum, sum, positive_out, positive_mass});
  return tape.record(out, {source_score, target_score, value}, [=, &tape, &ctx](const Tensor& dout) {
    // The kernel computes all three gradients at once; one that nobody wants goes to scratch memory.
    const auto grad_of = [&](const Var& x) { return x.needs_grad() ? tape.grad(x) : ctx.tensor(x.rows(), x.cols()); };
    kernels::gat_attention_backward(ctx, adjacency.out(), source_score.value(), target_score.value(), value.value(), Real(slope), drop,
                           out, AttentionState{maximum, sum, positive_out, positive_mass}, dout, grad_of(source_score),
                           grad_of(target_score), grad_of(value));
  });
}

Tensor gat_attention_weights(const Adjacency& adjacency, const Var& source_score, const Var& target_score, double slope) {
  check_scores(adjacency, source_score, target_score);
  Context& ctx = source_score.tape().context();
  const std::size_t heads = source_score.cols(), targets = adjacency.num_targets();
  const Tensor maximum = ctx.tensor(targets, heads), sum = ctx.tensor(targets, heads);
  const Tensor alpha = ctx.tensor(adjacency.num_edges(), heads);
  const AttentionState state{maximum, sum, {}, {}};
  // The forward pass over zero channels leaves just the maxima and sums.
  kernels::gat_attention(ctx, adjacency.in(), source_score.value(), target_score.value(), ConstMat{nullptr, adjacency.num_sources(), 0, 0},
                Real(slope), Dropout{}, Mat{nullptr, targets, 0, 0}, state);
  kernels::gat_attention_weights(ctx, adjacency.in(), source_score.value(), target_score.value(), Real(slope), state, alpha);
  return alpha;
}

}  // namespace gnn::inline GNN_PRECISION
