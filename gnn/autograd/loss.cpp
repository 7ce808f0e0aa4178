// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/loss.hpp>

#include <gnn/autograd/label_view.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// The loss as a number on the tape; backward(scale, dlogits) adds its gradient times scale.
template <class Backward>
Var record_loss(const Var& logits, const Labels& labels, Score* score, const Backward& backward) {
  Tape& tape = logits.tape();
  Context& ctx = tape.context();
  const Score now = evaluate(ctx, logits.value(), labels);
  if (score) *score = now;
  const Tensor loss = ctx.tensor(1, 1);
  kernels::fill(ctx, loss, Real(now.loss));
  return tape.record(loss, {logits}, [logits, backward, &tape](const Tensor& dloss) {
    backward(dloss.to_host()[0], tape.grad(logits));
  });
}

}  // namespace

Var cross_entropy(const Var& logits, const Labels& labels, Score* score) {
  if (labels.many()) return sigmoid_cross_entropy(logits, labels, score);
  check(labels.count() > 0, "cross_entropy: there are no labelled nodes");
  Context& ctx = logits.tape().context();
  return record_loss(logits, labels, score, [logits, labels, &ctx](Real scale, const Tensor& dlogits) {
    kernels::cross_entropy_backward(ctx, logits.value(), label_view(labels), scale, dlogits);
  });
}

Var sigmoid_cross_entropy(const Var& logits, const Labels& labels, Score* score) {
  check(labels.many(), "sigmoid_cross_entropy: expected a row of zeros and ones for each node, found one class each");
  check(labels.count() > 0, "sigmoid_cross_entropy: there are no labelled nodes");
  Context& ctx = logits.tape().context();
  return record_loss(logits, labels, score, [logits, labels, &ctx](Real scale, const Tensor& dlogits) {
    kernels::sigmoid_cross_entropy_backward(ctx, logits.value(), multi_label_view(labels), scale, dlogits);
  });
}

}  // namespace gnn::inline GNN_PRECISION
