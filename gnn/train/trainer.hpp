// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gnn/train/batches.hpp>
#include <gnn/train/model.hpp>
#include <gnn/train/optimiser.hpp>
#include <gnn/train/schedule.hpp>
#include <gnn/train/stop.hpp>

namespace gnn::inline GNN_PRECISION {

struct TrainOptions {
  OptimiserOptions optimiser;
  Schedule schedule = Schedule::none;
  std::int64_t epochs = 1000;
  StopRule stop;
  bool restore_best = true;  ///< end with the kept epoch's weights, else with the last ones
  std::int64_t batch = 1;     ///< graphs a step, for data of many graphs
  std::uint64_t seed = 0;
  bool capture = true;  ///< on a GPU, run epochs as CUDA graphs where that can be: the same numbers, sooner
};

/// Throws Error(usage), naming the option, for a value out of range.
void validate(const TrainOptions& options);

/// What one epoch gave. The training figures are those of the steps themselves, with dropout, over all nodes together;
/// the validation figures are taken after them, without. For data with any number of classes a node, what is called
/// accuracy here is micro-F1, which with one class a node is the same.
struct Epoch {
  double train_loss, train_accuracy, val_loss, val_accuracy;
};

class CapturedEpoch;

/// Trains a model. On one graph an epoch is one step over all training nodes and one evaluation. On many graphs it is a
/// step for each batch of them, dealt anew every epoch from (seed, epoch), and one evaluation over all validation nodes.
///
///   Trainer trainer(ctx, model, data, options);
///   while (!trainer.finished()) trainer.run_epochs(trainer.options().epochs);
///   trainer.restore();
///
/// On a GPU an epoch is recorded once and then replayed, several times between two looks of the host, and what comes out is
/// what looking after each would give: when the stopping rule ends training, or a learning rate that follows the losses
/// changes, in the middle of such a round, the round's epochs up to there are run again from where it began.
class Trainer {
 public:
  Trainer(Context& ctx, Model& model, const GraphData& data, const TrainOptions& options);

  bool finished() const { return finished_; }

  /// Runs an epoch, or up to `most` where epochs are captured, and calls after_each for every one, when state(), but for its
  /// tensors, and best_epoch() are those after it. Throws Error(training) when a loss or gradient is NaN or infinite; the
  /// model then holds the weights from before that step.
  void run_epochs(std::int64_t most, const std::function<void(const Epoch&)>& after_each = {});
  const Epoch& run_epoch() {
    run_epochs(1);
    return state_.history.back();
  }

  /// Why epochs are not captured; empty: they are, from the second one on.
  std::string why_not_captured() const;

  /// Gives the model the weights of the epoch that the stopping rule kept, if the options want them.
  void restore();

  /// The kept epoch, from 1, and its validation score.
  std::int64_t best_epoch() const { return state_.stop.best_epoch; }
  const Epoch& best() const { return state_.history[std::size_t(best_epoch() - 1)]; }

  const TrainOptions& options() const { return options_; }
  Model& model() { return model_; }

  /// All that a checkpoint must hold, besides the weights, for training to go on as if it had never ended.
  struct State {
    StopState stop;
    AdamState adam;
    Tensor best;  ///< weights of the kept epoch, 1 x parameters
    std::vector<Epoch> history;
    std::int64_t steps = 0;  ///< of the optimiser: as many as epochs, or with batches more
  };
  const State& state() const { return state_; }
  void set_state(State state);

  std::int64_t epochs_done() const { return std::int64_t(state_.history.size()); }

 private:
  void run_on_host();
  void run_captured(std::int64_t most, const std::function<void(const Epoch&)>& after_each);
  StopDecision take_in(const Score& train, const Score& val);
  Score step(const Field& batch);
  [[noreturn]] void fail_not_finite(double loss);

  Context& ctx_;
  Model& model_;
  const GraphData& data_;
  TrainOptions options_;
  State state_;
  ScheduleState schedule_;
  Batches batches_;
  std::vector<Field> fields_;  // of the batches, when these are kept
  std::vector<Field> val_;
  Tensor previous_;         // weights before the last step
  bool finished_ = false;
  bool warm_ = false;       // an epoch has run: kernels are loaded and the pool has its blocks
  std::shared_ptr<CapturedEpoch> captured_;
  std::int64_t round_ = 1;  // how many captured epochs the host may leave alone
};

}  // namespace gnn::inline GNN_PRECISION
