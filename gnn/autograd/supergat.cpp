// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/supergat.hpp>

#include <gnn/kernels/cuda/branch.hpp>
#include <gnn/kernels/cuda/supergat_links.hpp>
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

// What both gradients of the op on a GPU share.
struct AttentionAndLinks {
  Tape& tape;
  Context& ctx;
  Adjacency adjacency;
  Var z, source_score, target_score;
  SimilarityScore score;
  Dropout drop;
  Links links;
  Tensor out, maximum, sum, of_positive, of_negative, result;
  Tensor dloss = {};               // the loss's gradient: kernels beside the way back read it
  bool attention_has_edges = false;  // the attention's way back takes the part over the edges along

  // The kernel computes all gradients at once; one that nobody wants goes to scratch memory.
  Tensor grad_of(const Var& x) const {
    return !x.defined() ? Tensor() : x.needs_grad() ? tape.grad(x) : ctx.tensor(x.rows(), x.cols());
  }

  // Beside the attention's way back, as link_loss() does it. `held` keeps what the kernels read.
  void add_links(const Pairs& pairs, const Tensor& coefficient, const std::shared_ptr<const void>& held) const {
    tape.add_grad_beside(
        z,
        [&](const Tensor& gradient) {
          kernels::link_loss_backward(ctx, pairs.in, pairs.out, coefficient, result, dloss, z.value(), z.value(), LinkLogit::product,
                                      gradient, gradient);
        },
        held);
  }

  void attention_backward(const Tensor& dout) const {
    if constexpr (has_cuda) {
      const cuda::LinkGradient gradient = attention_has_edges ? cuda::LinkGradient{of_positive, result, dloss} : cuda::LinkGradient{};
      cuda::supergat_rows_backward(ctx, adjacency.in(), adjacency.out(), score, drop, out, SoftmaxState{maximum, sum}, dout, gradient,
                                   grad_of(z), grad_of(source_score), grad_of(target_score));
    }
  }
};

}  // namespace

LearnedAttention supergat_attention_and_links(const Adjacency& adjacency, const Var& z, std::size_t heads, const Var& source_score,
                                              const Var& target_score, double scale, double slope, double p, std::uint32_t stream,
                                              const Links& links, double link_scale, double link_factor) {
  Tape& tape = z.tape();
  Context& ctx = tape.context();
  if constexpr (has_cuda) {
    const bool are_edges = links.positive.in.columns == adjacency.in().columns;
    if (ctx.device().kind == Device::cuda && z.needs_grad() && are_edges && heads > 0 && cuda::supergat_rows_fit(heads, z.cols() / heads)) {
      const auto op = std::make_shared<AttentionAndLinks>(AttentionAndLinks{
          tape, ctx, adjacency, z, source_score, target_score,
          checked_score(adjacency, z, heads, source_score, target_score, scale, slope), tape.dropout(stream, p), links,
          ctx.tensor(adjacency.num_targets(), z.cols()), ctx.tensor(adjacency.num_targets(), heads),
          ctx.tensor(adjacency.num_targets(), heads), ctx.tensor(adjacency.num_edges(), 1),
          ctx.tensor(std::size_t(links.negative.in.num_edges), 1), ctx.tensor(1, 2)});
      const Tensor products = ctx.tensor(adjacency.num_edges(), heads);
      cuda::supergat_rows(ctx, adjacency.in(), op->score, op->drop, op->out, SoftmaxState{op->maximum, op->sum}, products);
      if (links.beside) ctx.branch().join(ctx);
      cuda::link_loss_of_products(ctx, LinkSet{links.positive.in, links.kept, 1, op->of_positive}, products,
                                  LinkSet{links.negative.in, {}, 0, op->of_negative}, z.value(), Real(link_scale), Real(link_factor),
                                  op->result);
      const Var out = tape.record(op->out, {z, source_score, target_score}, [op](const Tensor& dout) { op->attention_backward(dout); });
      // The way back comes here first. Where nothing asks for the attention's gradient, nobody would take the edges along.
      const Var loss = tape.record(op->result.part(0, 1, 1), {z}, [op, out](const Tensor& dloss) {
        op->dloss = dloss;
        op->attention_has_edges = op->tape.has_grad(out);
        op->add_links(op->links.negative, op->of_negative, op);
        if (!op->attention_has_edges) op->add_links(op->links.positive, op->of_positive, op);
      });
      return {out, loss};
    }
  }
  const Var out = supergat_attention(adjacency, z, heads, source_score, target_score, scale, slope, p, stream);
  return {out, link_loss(links, z, z, LinkLogit::product, link_scale, link_factor)};
}

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
