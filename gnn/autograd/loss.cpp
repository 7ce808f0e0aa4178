// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/loss.hpp>

#include <algorithm>

#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/training.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

LabelView view(const Labels& labels) { return {labels.nodes.data(), labels.classes.data(), labels.count()}; }

}  // namespace

Labels::Labels(const std::shared_ptr<Pool>& pool, std::span<const NodeId> wanted, std::span<const std::int32_t> all) {
  std::vector<NodeId> known;
  std::vector<std::int32_t> their_class;
  for (const NodeId i : wanted) {
    check(i >= 0 && std::size_t(i) < all.size(), "labels: expected a node below ", all.size(), ", found ", std::int64_t(i));
    if (all[std::size_t(i)] < 0) continue;
    known.push_back(i);
    their_class.push_back(all[std::size_t(i)]);
    largest_class = std::max(largest_class, all[std::size_t(i)]);
  }
  nodes = {pool, std::span<const NodeId>(known)};
  classes = {pool, std::span<const std::int32_t>(their_class)};
}

Score evaluate(Context& ctx, const Tensor& logits, const Labels& labels) {
  if (labels.largest_class >= std::int64_t(logits.cols())) {
    fail(ErrorKind::mismatch, "cross_entropy: class ", labels.largest_class, " has no column, the logits have ", logits.cols());
  }
  const Buffer result(ctx.pool(), 2 * sizeof(double));
  kernels::cross_entropy(ctx, logits, view(labels), static_cast<double*>(result.data()));
  double host[2];
  ctx.pool()->source().copy_out(host, result.data(), sizeof host, ctx.pool()->ordinal());
  return {host[0], labels.count() ? host[1] / double(labels.count()) : 0};
}

Var cross_entropy(const Var& logits, const Labels& labels, Score* score) {
  check(labels.count() > 0, "cross_entropy: there are no labelled nodes");
  Tape& tape = logits.tape();
  Context& ctx = tape.context();
  const Score now = evaluate(ctx, logits.value(), labels);
  if (score) *score = now;
  const Tensor loss = ctx.tensor(1, 1);
  kernels::fill(ctx, loss, Real(now.loss));
  return tape.record(loss, {logits}, [logits, labels, &tape, &ctx](const Tensor& dloss) {
    kernels::cross_entropy_backward(ctx, logits.value(), view(labels), dloss.to_host()[0], tape.grad(logits));
  });
}

}  // namespace gnn::inline GNN_PRECISION
