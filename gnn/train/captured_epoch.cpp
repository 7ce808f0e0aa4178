// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/captured_epoch.hpp>

#include <cmath>
#include <cstring>
#include <numeric>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/kernels/cuda/branch.hpp>
#include <gnn/kernels/cuda/graph.hpp>
#include <gnn/kernels/cuda/step_clock.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

std::size_t numbers_of(const Field& train, std::span<const Field> val) {
  return std::accumulate(val.begin(), val.end(), score_numbers(train.labels) + 1,
                         [](std::size_t sum, const Field& field) { return sum + score_numbers(field.labels); });
}

// Whether launches count, and a step leaves room beside it. A large one fills the GPU, and evaluation shares its memory.
bool is_small(const Field& train, std::span<const Field> val) {
  constexpr std::size_t most_nodes = 32768;
  std::size_t nodes = 0;
  const auto look_at = [&](const Field& field) {
    for (const Adjacency& layer : field.layers) nodes = std::max(nodes, layer.num_sources());
  };
  look_at(train);
  for (const Field& field : val) look_at(field);
  return val.size() <= 4 && nodes <= most_nodes;
}

// The clock, the plan of one clock an epoch and one behind them, the current record, and a record an epoch.
std::size_t bytes_of(std::size_t most_epochs, std::size_t numbers) {
  return (most_epochs + 2) * sizeof(StepClock) + (most_epochs + 1) * numbers * sizeof(std::uint64_t);
}

}  // namespace

CapturedEpoch::CapturedEpoch(Context& ctx, const Model& model, const Field& train, std::span<const Field> val,
                             const OptimiserOptions& optimiser, std::uint64_t seed, const AdamState& adam, std::size_t most_epochs)
    : ctx_(ctx), model_(model), train_(train), val_(val.begin(), val.end()), optimiser_(optimiser), seed_(seed), adam_(adam),
      numbers_(numbers_of(train, val)), kept_(ctx.tensor(most_epochs, model.parameters().size())),
      start_values_(ctx.tensor(1, kept_.cols())), start_m_(ctx.tensor(1, kept_.cols())), start_v_(ctx.tensor(1, kept_.cols())),
      upload_(bytes_of(most_epochs, numbers_)), memory_(ctx.pool(), upload_.size()) {
  ctx.one();  // made before the recording: it outlives it
  const bool small = is_small(train, val_);
  if (small && !val_.empty()) {
    beside_ = cuda::make_branch(ctx.device().ordinal);
    beside_->run(ctx, [&] { evaluate(); });  // what it needs is there before the recording
    beside_->join(ctx);
    end_graph_ = cuda::capture(ctx, [&] {
      beside_->run(ctx, [&] { evaluate(); });
      beside_->join(ctx);
      cuda::end_round(ctx, clock(), now(), numbers_, late_numbers(), records());
    });
  }
  graph_ = cuda::capture(ctx, [this] { record(); });
  if (!small) return;
  several_ = cuda::capture(ctx, [this] {
    for (std::size_t k = 0; k < epochs_of_several; ++k) record();
  });
}

cuda::LateNumbers CapturedEpoch::late_numbers() const {
  const std::size_t of_step = score_numbers(train_.labels);
  return beside_ ? cuda::LateNumbers{of_step, numbers_ - 1 - of_step} : cuda::LateNumbers{};
}

void CapturedEpoch::evaluate() {
  std::uint64_t* to = now() + score_numbers(train_.labels);
  for (const Field& field : val_) {
    write_score(ctx_, model_.logits(ctx_, field), field.labels, to);
    to += score_numbers(field.labels);
  }
}

void CapturedEpoch::record() {
  if (beside_) beside_->run(ctx_, [&] { evaluate(); });
  const Parameters& parameters = model_.parameters();
  Tape tape(ctx_, Tape::training, seed_, 1, &clock()->step);
  const Output out = model_.forward(tape, train_);
  Var loss = unread_cross_entropy(out.y, train_.labels, now());
  if (out.loss.defined()) loss = add(loss, out.loss);
  const std::vector<PieceSum> sums = tape.backward_without_sums(loss);
  if (beside_) beside_->join(ctx_);  // the weights must not change before
  std::vector<cuda::AdamGroup> groups;
  for_each_l2_group(optimiser_, parameters, [&](double l2, std::size_t first, std::size_t last) {
    if (optimiser_.kind == OptimiserOptions::adamw) {
      const Tensor value = parameters.values().part(first, 1, last - first);
      kernels::add_scaled(ctx_, Real(-optimiser_.learning_rate * optimiser_.weight_decay), value, value);
    }
    AdamStep step;
    step.l2 = l2;
    groups.push_back({step, first, last});
  });
  cuda::adam_by_clock(ctx_, groups, clock(), {parameters.gradients(), parameters.values(), adam_.m, adam_.v, kept_}, sums,
                      now() + numbers_ - 1);
  if (!beside_) evaluate();
  cuda::end_epoch(ctx_, clock() + 1, clock(), now(), numbers_, late_numbers(), records());
}

std::vector<CapturedEpoch::Outcome> CapturedEpoch::run(std::int64_t first_step, std::span<const double> rate_factors) {
  check(rate_factors.size() <= most_epochs(), "captured epoch: at most ", most_epochs(), " epochs a run, got ",
        rate_factors.size());
  // Every byte 0xFF: what no kernel writes is NaN. The clock is the plan's first entry.
  std::fill(upload_.begin(), upload_.end(), std::byte(0xFF));
  std::vector<StepClock> clocks;
  for (std::size_t k = 0; k < rate_factors.size(); ++k) {
    AdamStep step;
    step.rate = optimiser_.learning_rate * rate_factors[k];
    step.step = first_step + std::int64_t(k);
    const AdamFactors factors(step);
    clocks.push_back({std::uint32_t(step.step), std::uint32_t(k), factors.rate, factors.root});
  }
  clocks.push_back({0, std::uint32_t(clocks.size()), 0, 0});  // behind the last epoch
  clocks.insert(clocks.begin(), clocks.front());
  std::memcpy(upload_.data(), clocks.data(), clocks.size() * sizeof(StepClock));
  const std::uint64_t none = 0;
  std::memcpy(upload_.data() + offset_of_now() + (numbers_ - 1) * sizeof none, &none, sizeof none);

  const Parameters& parameters = model_.parameters();
  kernels::copy(ctx_, parameters.values(), start_values_);
  kernels::copy(ctx_, adam_.m, start_m_);
  kernels::copy(ctx_, adam_.v, start_v_);
  replay(rate_factors.size());

  std::vector<std::uint64_t> numbers(rate_factors.size() * numbers_);
  ctx_.pool()->source().copy_out(numbers.data(), records(), numbers.size() * sizeof numbers[0], ctx_.pool()->ordinal());
  std::vector<Outcome> outcomes;
  for (std::size_t k = 0; k < rate_factors.size(); ++k) {
    outcomes.push_back(read(std::span(numbers).subspan(k * numbers_, numbers_)));
  }
  return outcomes;
}

void CapturedEpoch::rewind(std::size_t epochs) {
  const Parameters& parameters = model_.parameters();
  kernels::copy(ctx_, start_values_, parameters.values());
  kernels::copy(ctx_, start_m_, adam_.m);
  kernels::copy(ctx_, start_v_, adam_.v);
  replay(epochs);
}

void CapturedEpoch::replay(std::size_t epochs) {
  kernels::fill(ctx_, model_.parameters().gradients(), Real(0));
  ctx_.pool()->source().copy_in(memory_.data(), upload_.data(), upload_.size(), ctx_.pool()->ordinal());
  std::size_t left = epochs;
  for (; several_ && left >= epochs_of_several; left -= epochs_of_several) several_->replay(ctx_);
  for (; left > 0; --left) graph_->replay(ctx_);
  if (end_graph_ && epochs > 0) end_graph_->replay(ctx_);
}

CapturedEpoch::Outcome CapturedEpoch::read(std::span<const std::uint64_t> numbers) const {
  const auto next = [&](const Labels& labels) {
    const Score score = read_score(labels, numbers.first(score_numbers(labels)));
    numbers = numbers.subspan(score_numbers(labels));
    return score;
  };
  Outcome outcome{next(train_.labels), {}, true};
  std::vector<Score> parts;
  for (const Field& field : val_) parts.push_back(next(field.labels));
  outcome.val = gnn::pool(parts);
  outcome.finite = std::isfinite(outcome.train.loss) && numbers.back() == 0;
  for (const Score& part : parts) outcome.finite = outcome.finite && std::isfinite(part.loss);
  return outcome;
}

Tensor CapturedEpoch::weights(std::size_t k) const { return kept_.part(k * kept_.cols(), 1, kept_.cols()); }

std::size_t CapturedEpoch::offset_of_now() const { return (most_epochs() + 2) * sizeof(StepClock); }
StepClock* CapturedEpoch::clock() const { return static_cast<StepClock*>(memory_.data()); }
std::uint64_t* CapturedEpoch::now() const {
  return reinterpret_cast<std::uint64_t*>(static_cast<std::byte*>(memory_.data()) + offset_of_now());
}
std::uint64_t* CapturedEpoch::records() const { return now() + numbers_; }

}  // namespace gnn::inline GNN_PRECISION
