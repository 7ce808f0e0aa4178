// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/captured_epoch.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/kernels/cuda/adam_by_clock.hpp>
#include <gnn/kernels/cuda/branch.hpp>
#include <gnn/kernels/cuda/graph.hpp>
#include <gnn/kernels/cuda/step_clock.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// Where the numbers of each field begin in an epoch's record, and behind them all.
std::vector<std::size_t> first_numbers(std::span<const Field> train, std::span<const Field> val) {
  std::vector<std::size_t> first = {0};
  for (const Field& field : train) first.push_back(first.back() + score_numbers(field.labels));
  for (const Field& field : val) first.push_back(first.back() + score_numbers(field.labels));
  return first;
}

// Whether launches count, and a step leaves room beside it. A large one fills the GPU, and evaluation shares its memory.
bool is_small(std::span<const Field> train, std::span<const Field> val) {
  constexpr std::size_t most_nodes = 32768;
  std::size_t nodes = 0;
  const auto look_at = [&](std::span<const Field> fields) {
    for (const Field& field : fields) {
      for (const Adjacency& layer : field.layers) nodes = std::max(nodes, layer.num_sources());
    }
  };
  look_at(train);
  look_at(val);
  return val.size() <= 4 && nodes <= most_nodes;
}

// The clocks; the plan of all clocks, and as many behind them as are read at once; the current records; and a record an epoch.
std::size_t bytes_of_clocks(std::size_t most_epochs, std::size_t clocks, std::size_t copies) {
  return (copies + most_epochs * clocks + copies) * sizeof(StepClock);
}
std::size_t bytes_of(std::size_t most_epochs, std::size_t clocks, std::size_t copies, std::size_t numbers) {
  return bytes_of_clocks(most_epochs, clocks, copies) + (copies + most_epochs) * numbers * sizeof(std::uint64_t);
}

}  // namespace

CapturedEpoch::CapturedEpoch(Context& ctx, const Model& model, std::span<const Field> train, std::span<const Field> val,
                             const OptimiserOptions& optimiser, std::uint64_t seed, const AdamState& adam, std::size_t most_epochs)
    : ctx_(ctx), model_(model), train_(train.begin(), train.end()), val_(val.begin(), val.end()), optimiser_(optimiser), seed_(seed),
      adam_(adam), first_number_(first_numbers(train, val)), numbers_(first_number_.back() + 1), clocks_(one_step() ? 1 : train.size() + 1),
      copies_(one_step() && is_small(train, val) ? epochs_of_several : 1),
      kept_(ctx.tensor(most_epochs, model.parameters().size())), start_values_(ctx.tensor(1, kept_.cols())),
      start_m_(ctx.tensor(1, kept_.cols())), start_v_(ctx.tensor(1, kept_.cols())), upload_(bytes_of(most_epochs, clocks_, copies_, numbers_)),
      memory_(ctx.pool(), upload_.size()) {
  ctx.one();  // made before the recording: it outlives it
  if (!one_step()) {
    // Graphs run one after the other, so that each works in the memory of the one before.
    const auto record = [&](const std::function<void()>& work) {
      graphs_.push_back(cuda::capture(ctx, work, graphs_.empty() ? nullptr : graphs_.back().get()));
    };
    for (std::size_t k = 0; k < train_.size(); ++k) {
      record([&] {
        record_step(k, 0);
        cuda::next_step(ctx_, plan(), clocks().data());
      });
    }
    record([this] {
      evaluate(0);
      end_epochs(1);
    });
    return;
  }
  const bool small = copies_ > 1;
  if (small && !val_.empty()) {
    beside_ = cuda::make_branch(ctx.device().ordinal);
    beside_->run(ctx, [&] { evaluate(0); });  // what it needs is there before the recording
    beside_->join(ctx);
    end_graph_ = cuda::capture(ctx, [&] {
      beside_->run(ctx, [&] { evaluate(0); });
      beside_->join(ctx);
      cuda::end_round(ctx, clocks().data(), now(0), numbers_, late_numbers(), records());
    });
  }
  graphs_.push_back(cuda::capture(ctx, [this] { record_epochs(1); }));
  if (small) several_ = cuda::capture(ctx, [this] { record_epochs(epochs_of_several); });
}

cuda::LateNumbers CapturedEpoch::late_numbers() const {
  const std::size_t of_steps = first_number_[train_.size()];
  return beside_ ? cuda::LateNumbers{of_steps, numbers_ - 1 - of_steps} : cuda::LateNumbers{};
}

void CapturedEpoch::evaluate(std::size_t copy) {
  for (std::size_t k = 0; k < val_.size(); ++k) {
    write_score(ctx_, model_.logits(ctx_, val_[k]), val_[k].labels, now(copy) + first_number_[train_.size() + k]);
  }
}

// Each has a clock and a record of its own, so that nothing stands between one epoch's step and the next.
void CapturedEpoch::record_epochs(std::size_t count) {
  for (std::size_t copy = 0; copy < count; ++copy) {
    if (beside_) beside_->run(ctx_, [&] { evaluate(copy); });
    record_step(0, copy);
    if (!beside_) evaluate(copy);
  }
  end_epochs(count);
}

void CapturedEpoch::record_step(std::size_t k, std::size_t copy) {
  const StepClock* const clock = &clocks()[copy];
  const Parameters& parameters = model_.parameters();
  Tape tape(ctx_, Tape::training, seed_, 1, &clock->step);
  await_cross_entropy(tape, train_[k].labels, now(copy) + first_number_[k]);
  const Output out = model_.forward(tape, train_[k]);
  Var loss = unread_cross_entropy(out.y, train_[k].labels, now(copy) + first_number_[k]);
  if (out.loss.defined()) loss = tape.add_losses(loss, out.loss);
  const LeftSums left = tape.backward_without_sums(loss);
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
  cuda::adam_by_clock(ctx_, groups, clock, {parameters.gradients(), parameters.values(), adam_.m, adam_.v, kept_}, left.pieces,
                      left.product ? &*left.product : nullptr, now(copy) + numbers_ - 1);
}

void CapturedEpoch::end_epochs(std::size_t count) {
  cuda::end_epochs(ctx_, count, plan(), clocks(), now(0), numbers_, late_numbers(), records());
}

std::vector<CapturedEpoch::Outcome> CapturedEpoch::run(std::int64_t first_step, std::vector<Plan> plans) {
  check(plans.size() <= most_epochs(), "captured epoch: at most ", most_epochs(), " epochs a run, got ", plans.size());
  plans_ = std::move(plans);
  // Every byte 0xFF: what no kernel writes is NaN. The clocks are the plan's first entries.
  std::fill(upload_.begin(), upload_.end(), std::byte(0xFF));
  std::vector<StepClock> clocks;
  AdamStep step;
  step.step = first_step;
  for (std::size_t epoch = 0; epoch < plans_.size(); ++epoch) {
    step.rate = optimiser_.learning_rate * plans_[epoch].rate_factor;
    for (std::size_t k = 0; k < clocks_; ++k) {
      const AdamFactors factors(step);
      clocks.push_back({std::uint32_t(step.step), std::uint32_t(epoch), std::uint32_t(clocks.size() + 1), factors.rate, factors.root});
      if (k < train_.size()) ++step.step;
    }
  }
  clocks.push_back({0, std::uint32_t(plans_.size()), 0, 0, 0});  // behind the last epoch
  std::byte* const first_of_plan = upload_.data() + copies_ * sizeof(StepClock);
  std::memcpy(first_of_plan, clocks.data(), clocks.size() * sizeof(StepClock));
  std::memcpy(upload_.data(), first_of_plan, copies_ * sizeof(StepClock));
  for (std::size_t copy = 0; copy < copies_; ++copy) {
    const std::uint64_t none = 0;
    std::memcpy(upload_.data() + offset_of_now() + ((copy + 1) * numbers_ - 1) * sizeof none, &none, sizeof none);
  }

  const Parameters& parameters = model_.parameters();
  kernels::copy(ctx_, parameters.values(), start_values_);
  kernels::copy(ctx_, adam_.m, start_m_);
  kernels::copy(ctx_, adam_.v, start_v_);
  replay(plans_.size());

  std::vector<std::uint64_t> numbers(plans_.size() * numbers_);
  ctx_.pool()->source().copy_out(numbers.data(), records(), numbers.size() * sizeof numbers[0], ctx_.pool()->ordinal());
  std::vector<Outcome> outcomes;
  for (std::size_t k = 0; k < plans_.size(); ++k) {
    outcomes.push_back(read(std::span(numbers).subspan(k * numbers_, numbers_), plans_[k]));
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
  std::size_t done = 0;
  for (; several_ && epochs - done >= epochs_of_several; done += epochs_of_several) several_->replay(ctx_);
  for (; done < epochs; ++done) {
    if (!one_step()) {
      for (const std::size_t batch : plans_[done].order) graphs_[batch]->replay(ctx_);
    }
    graphs_.back()->replay(ctx_);
  }
  if (end_graph_ && epochs > 0) end_graph_->replay(ctx_);
}

CapturedEpoch::Outcome CapturedEpoch::read(std::span<const std::uint64_t> numbers, const Plan& plan) const {
  const auto score = [&](const Field& field, std::size_t k) {
    return read_score(field.labels, numbers.subspan(first_number_[k], score_numbers(field.labels)));
  };
  std::vector<Score> steps, parts;
  for (const std::size_t k : plan.order) steps.push_back(score(train_[k], k));
  for (std::size_t k = 0; k < val_.size(); ++k) parts.push_back(score(val_[k], train_.size() + k));
  Outcome outcome{gnn::pool(steps), gnn::pool(parts), true};
  outcome.finite = std::isfinite(outcome.train.loss) && numbers.back() == 0;
  for (const Score& part : parts) outcome.finite = outcome.finite && std::isfinite(part.loss);
  return outcome;
}

Tensor CapturedEpoch::weights(std::size_t k) const { return kept_.part(k * kept_.cols(), 1, kept_.cols()); }

std::size_t CapturedEpoch::offset_of_now() const { return bytes_of_clocks(most_epochs(), clocks_, copies_); }
std::span<StepClock> CapturedEpoch::clocks() const { return {static_cast<StepClock*>(memory_.data()), copies_}; }
StepClock* CapturedEpoch::plan() const { return clocks().data() + copies_; }
std::uint64_t* CapturedEpoch::now(std::size_t copy) const {
  return reinterpret_cast<std::uint64_t*>(static_cast<std::byte*>(memory_.data()) + offset_of_now()) + copy * numbers_;
}
std::uint64_t* CapturedEpoch::records() const { return now(copies_); }

}  // namespace gnn::inline GNN_PRECISION
