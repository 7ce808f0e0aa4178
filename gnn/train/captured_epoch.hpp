// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <gnn/train/model.hpp>
#include <gnn/train/optimiser.hpp>

namespace gnn::inline GNN_PRECISION {

class CudaBranch;
class CudaGraph;
struct StepClock;
namespace cuda {
struct LateNumbers;
}

/// An epoch of steps and one evaluation, recorded as CUDA graphs. Small graphs are all launches: here an epoch of one step is
/// one, an epoch of several steps one for each and one for the evaluation, and the host looks at what came out after several
/// epochs. What changes from step to step lies on the GPU: the step's number, Adam's factors, the scores, and the weights
/// after each epoch, one of which the stopping rule may want to keep.
///
/// Of a small graph, where a step leaves most of the GPU idle, an epoch's evaluation runs beside the next one's step: the
/// weights change at a step's end only. The last one of a round runs behind it.
///
/// The arithmetic is that of Trainer's own epoch, so the numbers are the same, bit by bit. In builds with CUDA only.
class CapturedEpoch {
 public:
  /// Records; nothing runs. The model's parameters, the fields and `adam` must stay where they are. train: a field for each
  /// step. Without validation fields an epoch is its steps. most_epochs: how many epochs one run may have.
  CapturedEpoch(Context& ctx, const Model& model, std::span<const Field> train, std::span<const Field> val,
                const OptimiserOptions& optimiser, std::uint64_t seed, const AdamState& adam, std::size_t most_epochs);

  struct Outcome {
    Score train, val;
    bool finite;  ///< both losses and all gradients
  };

  /// What differs between epochs: the factor of the learning rate, and the order of the training fields.
  struct Plan {
    double rate_factor = 1;
    std::vector<std::size_t> order;
  };

  /// Runs an epoch for each plan; the first step is the optimiser's number `first_step`. After an epoch that is not finite
  /// the others mean nothing.
  std::vector<Outcome> run(std::int64_t first_step, std::vector<Plan> plans);

  /// Goes back to the weights and moments from before the last run, and runs its first `epochs` epochs again.
  void rewind(std::size_t epochs);

  /// The weights after epoch k of the last run, 1 x parameters.
  Tensor weights(std::size_t k) const;

  std::size_t most_epochs() const { return kept_.rows(); }

 private:
  void record_step(std::size_t k, std::size_t copy);
  void record_epochs(std::size_t count);
  void evaluate(std::size_t copy);
  void end_epochs(std::size_t count);
  cuda::LateNumbers late_numbers() const;
  void replay(std::size_t epochs);
  Outcome read(std::span<const std::uint64_t> numbers, const Plan& plan) const;

  bool one_step() const { return train_.size() == 1; }
  std::size_t offset_of_now() const;
  std::span<StepClock> clocks() const;
  StepClock* plan() const;
  std::uint64_t* now(std::size_t copy) const;
  std::uint64_t* records() const;

  Context& ctx_;
  const Model& model_;
  const std::vector<Field> train_;
  const std::vector<Field> val_;
  const OptimiserOptions optimiser_;
  const std::uint64_t seed_;
  const AdamState adam_;
  std::vector<std::size_t> first_number_;  // of each field in an epoch's record, training fields first
  std::size_t numbers_;              // of a record: the scores' and, last, how many gradients were not finite
  std::size_t clocks_;               // of an epoch
  std::size_t copies_;               // of clock and current record: of a small graph, one for each epoch that is recorded with others
  Tensor kept_;                      // weights after each epoch
  Tensor start_values_, start_m_, start_v_;
  std::vector<std::byte> upload_;    // clocks, plan, current records and records as a run begins
  Buffer memory_;                    // the same on the GPU
  std::vector<Plan> plans_;          // of the last run
  std::shared_ptr<CudaBranch> beside_;  // for the evaluation; null: it stands behind the step
  std::vector<std::shared_ptr<const CudaGraph>> graphs_;  // of the steps and the end; of one step: one for both
  static constexpr std::size_t epochs_of_several = 8;  // so that few epochs wait for a graph to begin, and to end
  std::shared_ptr<const CudaGraph> several_, end_graph_;  // of a small graph; the end: an evaluation that stands beside no step
};

}  // namespace gnn::inline GNN_PRECISION
