// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/trainer.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/training.hpp>
#include <gnn/train/captured_epoch.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// How long the host may look away, and how much memory the weights of the epochs in between may take.
constexpr double round_seconds = 0.05;
constexpr std::int64_t longest_round = 64;
constexpr std::size_t most_kept_bytes = std::size_t(256) << 20;

std::size_t not_finite(Context& ctx, const Tensor& x) {
  const Buffer found(ctx.pool(), sizeof(std::size_t));
  kernels::count_not_finite(ctx, x, static_cast<std::size_t*>(found.data()));
  std::size_t count = 0;
  ctx.pool()->source().copy_out(&count, found.data(), sizeof count, ctx.pool()->ordinal());
  return count;
}

const TrainOptions& validated(const TrainOptions& options) {
  validate(options);
  return options;
}

}  // namespace

void validate(const TrainOptions& o) {
  validate(o.optimiser);
  check(o.epochs >= 1 && o.epochs < INT32_MAX, "epochs: must be in 1 to ", INT32_MAX - 1, ", got ", o.epochs);
  check(o.batch >= 1, "batch: must be 1 or greater, got ", o.batch);
  check(o.stop.patience_epochs >= 1, "patience: must be 1 or greater, got ", o.stop.patience_epochs);
  check(o.stop.window_epochs >= 1, "stop-window: must be 1 or greater, got ", o.stop.window_epochs);
  check(o.stop.min_delta >= 0, "min-delta: must be 0 or greater, got ", o.stop.min_delta);
  const double of_accuracy = o.stop.min_delta_accuracy.value_or(0);
  check(of_accuracy >= 0, "min-delta-acc: must be 0 or greater, got ", of_accuracy);
}

Trainer::Trainer(Context& ctx, Model& model, const GraphData& data, const TrainOptions& options)
    : ctx_(ctx), model_(model), data_(data), options_(validated(options)),
      batches_(data, data.source->split.train, options.batch) {
  check(data.train.count() > 0, "train: no training node has a label");
  check(data.val.count() > 0, "train: no validation node has a label");
  const std::int64_t most = UINT32_MAX / std::int64_t(batches_.size());
  check(options.epochs <= most, "epochs: with ", batches_.size(), " batches must be at most ", most, ", got ", options.epochs);
  if (batches_.are_kept()) fields_ = make_fields(ctx, data, batches_);
  val_ = make_fields(ctx, data, Batches(data, data.source->split.val, options.batch), Pass::evaluation);
  const std::size_t size = model.parameters().size();
  state_.adam = {ctx.tensor(1, size), ctx.tensor(1, size)};
  kernels::fill(ctx_, state_.adam.m, Real(0));
  kernels::fill(ctx_, state_.adam.v, Real(0));
  state_.best = ctx.tensor(1, size);
  kernels::copy(ctx_, model.parameters().values(), state_.best);
  previous_ = ctx.tensor(1, size);
}

void Trainer::run_epochs(std::int64_t most, const std::function<void(const Epoch&)>& after_each) {
  check(!finished_, "train: training has ended");
  check(most >= 1, "train: expected 1 or more epochs, got ", most);
  ctx_.run([&] {
    if constexpr (has_cuda) {
      if (warm_ && why_not_captured().empty()) return run_captured(most, after_each);
    }
    run_on_host();
    warm_ = true;
    if (after_each) after_each(state_.history.back());
  });
}

// Kernel by kernel, with a look at every score.
void Trainer::run_on_host() {
  batches_.shuffle(options_.seed, std::uint32_t(epochs_done() + 1));
  std::vector<Score> scores;
  if (batches_.are_kept()) {
    for (const std::size_t k : batches_.order()) scores.push_back(step(fields_[k]));
  } else {
    for (std::size_t k = 0; k < batches_.size(); ++k) scores.push_back(step(make_field(ctx_, data_, batches_.nodes(k))));
  }
  const Score train = pool(scores);
  scores.clear();
  for (const Field& field : val_) {
    scores.push_back(evaluate(ctx_, model_.logits(ctx_, field), field.labels));
    if (!std::isfinite(scores.back().loss)) fail_not_finite(scores.back().loss);
  }
  if (take_in(train, pool(scores)).keep) kernels::copy(ctx_, model_.parameters().values(), state_.best);
}

void Trainer::run_captured(std::int64_t most, const std::function<void(const Epoch&)>& after_each) {
  if constexpr (has_cuda) {
    if (!captured_) {
      const std::size_t bytes = model_.parameters().size() * sizeof(Real);
      const std::size_t most_kept = std::clamp<std::size_t>(most_kept_bytes / std::max<std::size_t>(1, bytes), 1, longest_round);
      captured_ = std::make_shared<CapturedEpoch>(ctx_, model_, fields_, val_, options_.optimiser, options_.seed, state_.adam,
                                                  most_kept);
    }
    const std::int64_t count = std::min({most, round_, std::int64_t(captured_->most_epochs()), options_.epochs - epochs_done()});
    std::vector<CapturedEpoch::Plan> plans;
    for (std::int64_t k = 1; k <= count; ++k) {
      batches_.shuffle(options_.seed, std::uint32_t(epochs_done() + k));
      plans.push_back({rate_factor(options_.schedule, schedule_, epochs_done() + k, options_.epochs), batches_.order()});
    }
    const auto start = std::chrono::steady_clock::now();
    const std::vector<CapturedEpoch::Outcome> outcomes = captured_->run(state_.steps + 1, std::move(plans));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    round_ = std::clamp<std::int64_t>(std::int64_t(round_seconds * double(count) / seconds.count()), 1, longest_round);

    std::size_t done = 0;
    std::optional<std::size_t> kept;
    bool goes_on = true;
    while (goes_on && done < outcomes.size() && outcomes[done].finite) {
      const double factor = schedule_.factor;
      state_.steps += std::int64_t(batches_.size());
      if (take_in(outcomes[done].train, outcomes[done].val).keep) kept = done;
      ++done;
      if (after_each) after_each(state_.history.back());
      goes_on = !finished_ && schedule_.factor == factor;
    }
    if (kept) kernels::copy(ctx_, captured_->weights(*kept), state_.best);
    if (done == outcomes.size()) return;
    captured_->rewind(done);
    if (!goes_on) return;
    // What was not finite is looked for kernel by kernel, which throws.
    run_on_host();
    fail(ErrorKind::internal, "train: epoch ", epochs_done(), " was not finite as a graph, but is kernel by kernel");
  }
}

StopDecision Trainer::take_in(const Score& train, const Score& val) {
  state_.history.push_back({train.loss, train.f1_micro, val.loss, val.f1_micro});
  observe(options_.schedule, schedule_, val.loss);
  const StopDecision decision = observe(options_.stop, state_.stop, val.loss, val.f1_micro, options_.epochs);
  finished_ = decision.stop || epochs_done() >= options_.epochs;
  return decision;
}

std::string Trainer::why_not_captured() const {
  const OptimiserOptions& o = options_.optimiser;
  if (ctx_.device().kind == Device::cpu) return "the device is a CPU";
  if (!options_.capture) return "capture is off";
  if (!batches_.are_kept()) return "its " + std::to_string(batches_.size()) + " batches are made anew every epoch";
  if (find_layer_kind(model_.config().layer).is_typed) return "its edges are drawn anew for every step";
  if (o.kind == OptimiserOptions::sgd) return "the optimizer is sgd";
  if (o.kind == OptimiserOptions::adamw && options_.schedule != Schedule::none) return "the weight decay follows a schedule";
  if (o.clip_norm > 0) return "gradients are clipped";
  return "";
}

Score Trainer::step(const Field& batch) {
  const Parameters& parameters = model_.parameters();
  kernels::copy(ctx_, parameters.values(), previous_);
  parameters.clear_gradients(ctx_);
  Score score;
  {
    Tape tape(ctx_, Tape::training, options_.seed, std::uint32_t(state_.steps + 1));
    await_cross_entropy(tape, batch.labels);
    const Output out = model_.forward(tape, batch);
    Var loss = cross_entropy(out.y, batch.labels, &score);
    if (out.loss.defined()) loss = add(loss, out.loss);
    if (!std::isfinite(score.loss)) fail_not_finite(score.loss);
    tape.backward(loss);
  }
  // An infinite gradient would become NaN weights; say so while the weights are still good.
  if (not_finite(ctx_, parameters.gradients()) > 0) fail_not_finite(score.loss);
  const double factor = rate_factor(options_.schedule, schedule_, epochs_done() + 1, options_.epochs);
  update(ctx_, options_.optimiser, factor, ++state_.steps, parameters, state_.adam);
  return score;
}

void Trainer::fail_not_finite(double loss) {
  // Name the first matrix that is not finite: weights before gradients, for they come first.
  const Parameters& parameters = model_.parameters();
  std::string where;
  for (const Tensor* all : {&parameters.values(), &parameters.gradients()}) {
    for (std::size_t p = 0; p < parameters.entries().size() && where.empty(); ++p) {
      if (not_finite(ctx_, parameters.part(*all, p)) == 0) continue;
      where = (all == &parameters.values() ? "" : "the gradient of ") + parameters.entries()[p].name;
    }
  }
  const char* what = std::isfinite(loss) ? "a gradient is NaN or infinite" : std::isnan(loss) ? "loss is NaN" : "loss is infinite";
  if (where.empty()) where = "the input or the activations";
  kernels::copy(ctx_, previous_, parameters.values());
  fail(ErrorKind::training, what, " at epoch ", epochs_done() + 1, ", first in ", where);
}

void Trainer::restore() {
  if (options_.restore_best && best_epoch() > 0) kernels::copy(ctx_, state_.best, model_.parameters().values());
}

void Trainer::set_state(State state) {
  state_ = std::move(state);
  captured_.reset();  // it works on the moments from before
  schedule_ = {};
  for (const Epoch& epoch : state_.history) observe(options_.schedule, schedule_, epoch.val_loss);
  finished_ = state_.stop.stopped || epochs_done() >= options_.epochs;
}

}  // namespace gnn::inline GNN_PRECISION
