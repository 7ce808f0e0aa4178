// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/supergat.hpp>

#include <gnn/kernels/supergat.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

SimilarityScore checked_score(const Adjacency& adjacency, const Var& z, std::size_t heads,
                              const Var& source_score, const Var& target_score, double scale, double slope) {
  check(z.rows() == adjacency.num_sources() && adjacency.num_targets() <= z.rows(),
        "supergat_attention: z has ", z.rows(), " rows, the graph has ", adjacency.num_sources(),
        " sources and ", adjacency.num_targets(), " targets");
  check(heads > 0 && heads <= max_mask_heads && z.cols() % heads == 0,
        "supergat_attention: heads must be in 1 to ", max_mask_heads, " and divide the ", z.cols(),
        " columns of z, got ", heads);
  check(source_score.defined() == target_score.defined(),
        "supergat_attention: expected scores of both ends or of none");
  check(!source_score.defined() ||
            (source_score.rows() == adjacency.num_sources() && source_score.cols() == heads &&
             target_score.rows() == adjacency.num_targets() && target_score.cols() == heads),
        "supergat_attention: scores are ", source_score.rows(), "x", source_score.cols(), " and ",
        target_score.rows(), "x", target_score.cols(), ", expected ", adjacency.num_sources(), " and ",
        adjacency.num_targets(), " rows of ", heads, " heads");
  return {z.value(), heads, source_score.value(), target_score.value(), Real(scale), Real(slope)};
}

}  // namespace

Var supergat_attention(const Adjacency& adjacency, const Var& z, std::size_t heads, const Var& source_score,
                       const Var& target_score, double scale, double slope, double p, std::uint32_t stream) {
  const SimilarityScore score = checked_score(adjacency, z, heads, source_score, target_score, scale, slope);
  Tape& tape = z.tape();
  Context& ctx = tape.context();
  const std::size_t targets = adjacency.num_targets();
  const Dropout drop = tape.dropout(stream, p);
  const Tensor out = ctx.tensor(targets, z.cols());
  const Tensor maximum = ctx.tensor(targets, heads), sum = ctx.tensor(targets, heads);
  kernels::supergat_attention(ctx, adjacency.in(), score, drop, out, SoftmaxState{maximum, sum});
  return tape.record(out, {z, source_score, target_score}, [=, &tape, &ctx](const Tensor& dout) {
    // The kernel computes all gradients at once; one that nobody wants goes to scratch memory.
    const auto grad_of = [&](const Var& x) {
      return !x.defined() ? Tensor() : x.needs_grad() ? tape.grad(x) : ctx.tensor(x.rows(), x.cols());
    };
    kernels::supergat_attention_backward(ctx, adjacency.in(), adjacency.out(), score, drop, out,
                                         SoftmaxState{maximum, sum}, dout, grad_of(z), grad_of(source_score),
                                         grad_of(target_score));
  });
}

Tensor supergat_attention_weights(const Adjacency& adjacency, const Var& z, std::size_t heads,
                                  const Var& source_score, const Var& target_score, double scale,
                                  double slope) {
  const SimilarityScore score = checked_score(adjacency, z, heads, source_score, target_score, scale, slope);
  Context& ctx = z.tape().context();
  const std::size_t targets = adjacency.num_targets();
  const Tensor out = ctx.tensor(targets, z.cols()), alpha = ctx.tensor(adjacency.num_edges(), heads);
  const Tensor maximum = ctx.tensor(targets, heads), sum = ctx.tensor(targets, heads);
  kernels::supergat_attention(ctx, adjacency.in(), score, Dropout{}, out, SoftmaxState{maximum, sum});
  kernels::supergat_attention_weights(ctx, adjacency.in(), score, SoftmaxState{maximum, sum}, alpha);
  return alpha;
}

}  // namespace gnn::inline GNN_PRECISION
