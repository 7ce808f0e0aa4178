// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/loss.hpp>

#include <gnn/autograd/label_view.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// The loss as a number, and the score's numbers on the device, where the caller wants them.
Tensor write_loss(Context& ctx, const Var& logits, const Labels& labels, std::uint64_t* numbers, const Tensor& dlogits) {
  const Tensor loss = ctx.tensor(1, 1);
  if (numbers) {
    write_score(ctx, logits.value(), labels, numbers, loss, dlogits);
  } else {
    const Buffer unread(ctx.pool(), score_numbers(labels) * sizeof(std::uint64_t));
    write_score(ctx, logits.value(), labels, static_cast<std::uint64_t*>(unread.data()), loss, dlogits);
  }
  return loss;
}

// What was found along with the logits; null: nothing.
const AwaitedLoss* found_with(const Var& logits) {
  const AwaitedLoss* awaited = logits.tape().awaited().get();
  return awaited && awaited->loss.defined() && awaited->logits.is(logits) ? awaited : nullptr;
}

}  // namespace

void await_cross_entropy(Tape& tape, const Labels& labels, std::uint64_t* numbers) {
  if (tape.context().device().kind != Device::cuda || labels.many() || labels.count() == 0) return;  // nobody there finds it
  std::unique_ptr<Buffer> own;
  if (!numbers) {
    own = std::make_unique<Buffer>(tape.context().pool(), score_numbers(labels) * sizeof(std::uint64_t));
    numbers = static_cast<std::uint64_t*>(own->data());
  }
  tape.await(std::make_shared<AwaitedLoss>(AwaitedLoss{labels, numbers, std::move(own), {}, {}}));
}

Var unread_cross_entropy(const Var& logits, const Labels& labels, std::uint64_t* numbers) {
  check(labels.count() > 0, labels.many() ? "sigmoid_cross_entropy" : "cross_entropy", ": there are no labelled nodes");
  if (const AwaitedLoss* found = found_with(logits)) {
    check(!numbers || numbers == found->numbers, "cross_entropy: the loss was awaited for other numbers");
    return found->loss;
  }
  Tape& tape = logits.tape();
  Context& ctx = tape.context();
  // On a GPU, where each launch counts, the gradient of a loss over all rows comes with the loss, in case that it is the whole
  // of what is sent back.
  const bool with_gradient = ctx.device().kind == Device::cuda && logits.needs_grad() && labels.in_order &&
                             labels.count() == logits.rows();
  const Tensor unit = with_gradient ? ctx.tensor(logits.rows(), logits.cols()) : Tensor();
  const Tensor loss = write_loss(ctx, logits, labels, numbers, unit);
  return tape.record(loss, {logits}, [logits, labels, unit, &tape, &ctx](const Tensor& dloss) {
    if (unit.defined() && dloss.data() == ctx.one().data()) return tape.add_grad(logits, unit);
    labels.many()
        ? kernels::sigmoid_cross_entropy_backward(ctx, logits.value(), multi_label_view(labels), dloss, tape.grad(logits))
        : kernels::cross_entropy_backward(ctx, logits.value(), label_view(labels), dloss, tape.grad(logits));
  });
}

Var cross_entropy(const Var& logits, const Labels& labels, Score* score) {
  if (!score) return unread_cross_entropy(logits, labels, nullptr);
  Context& ctx = logits.tape().context();
  const AwaitedLoss* found = found_with(logits);
  const Buffer own(ctx.pool(), found ? 0 : score_numbers(labels) * sizeof(std::uint64_t));
  std::uint64_t* numbers = found ? found->numbers : static_cast<std::uint64_t*>(own.data());
  const Var loss = unread_cross_entropy(logits, labels, numbers);
  std::vector<std::uint64_t> host(score_numbers(labels));
  ctx.pool()->source().copy_out(host.data(), numbers, host.size() * sizeof host[0], ctx.pool()->ordinal());
  *score = read_score(labels, host);
  return loss;
}

Var sigmoid_cross_entropy(const Var& logits, const Labels& labels, Score* score) {
  check(labels.many(), "sigmoid_cross_entropy: expected a row of zeros and ones for each node, found one class each");
  return cross_entropy(logits, labels, score);
}

}  // namespace gnn::inline GNN_PRECISION
