// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/gatv2_attention.hpp>

#include <gnn/kernels/gatv2_attention.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

void check_ends(const Adjacency& adjacency, const Var& source, const Var& target, const Var& a) {
  check(a.rows() > 0 && a.rows() <= max_mask_heads, "gatv2_attention: expected 1 to ", max_mask_heads, " heads, got ", a.rows());
  const auto check_end = [&](const char* end, const Var& x, std::size_t rows) {
    check(x.rows() == rows && x.cols() == a.rows() * a.cols(), "gatv2_attention: ", end, " is ", x.rows(), "x", x.cols(),
          ", expected ", rows, "x", a.rows() * a.cols());
  };
  check_end("source", source, adjacency.num_sources());
  check_end("target", target, adjacency.num_targets());
}

}  // namespace

Var gatv2_attention(const Adjacency& adjacency, const Var& source, const Var& target, const Var& value, const Var& a, double slope,
                    double p, std::uint32_t stream) {
  check_ends(adjacency, source, target, a);
  check(value.rows() == source.rows() && value.cols() == source.cols(), "gatv2_attention: value is ", value.rows(), "x",
        value.cols(), ", source ", source.rows(), "x", source.cols());
  Tape& tape = source.tape();
  Context& ctx = tape.context();
  const Dropout drop = tape.dropout(stream, p);
  const Tensor out = ctx.tensor(target.rows(), target.cols());
  const bool train = source.needs_grad() || target.needs_grad() || value.needs_grad() || a.needs_grad();
  if (!train) {
    kernels::gatv2_attention(ctx, adjacency.in(), source.value(), target.value(), value.value(), a.value(), Real(slope), drop, out,
                             PairAttentionState{});
    return tape.constant(out);
  }
  const Tensor alpha = ctx.tensor(adjacency.num_edges(), a.rows());
  const auto signs = std::make_shared<Buffer>(ctx.pool(), adjacency.num_edges() * sign_bytes(a.rows(), a.cols()));
  const PairAttentionState state{alpha, static_cast<std::uint8_t*>(signs->data())};
  kernels::gatv2_attention(ctx, adjacency.in(), source.value(), target.value(), value.value(), a.value(), Real(slope), drop, out,
                           state);
  return tape.record(out, {source, target, value, a}, [=, &tape, &ctx](const Tensor& dout) {
    // The kernel computes all gradients at once; one that nobody wants goes to scratch memory.
    const auto grad_of = [&](const Var& x) { return x.needs_grad() ? tape.grad(x) : ctx.tensor(x.rows(), x.cols()); };
    const PairAttentionState kept{alpha, static_cast<std::uint8_t*>(signs->data())};
    kernels::gatv2_attention_backward(ctx, adjacency.in(), adjacency.out(), source.value(), target.value(), value.value(),
                                      a.value(), Real(slope), drop, out, kept, dout, grad_of(source), grad_of(target),
                                      grad_of(value), grad_of(a));
  });
}

Tensor gatv2_attention_weights(const Adjacency& adjacency, const Var& source, const Var& target, const Var& a, double slope) {
  check_ends(adjacency, source, target, a);
  Context& ctx = source.tape().context();
  const Tensor alpha = ctx.tensor(adjacency.num_edges(), a.rows()), unused = ctx.tensor(target.rows(), target.cols());
  kernels::gatv2_attention(ctx, adjacency.in(), source.value(), target.value(), source.value(), a.value(), Real(slope), Dropout{},
                           unused, PairAttentionState{alpha, nullptr});
  return alpha;
}

}  // namespace gnn::inline GNN_PRECISION
