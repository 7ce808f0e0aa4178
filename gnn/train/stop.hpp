// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gnn/core/real.hpp>

namespace gnn::inline GNN_PRECISION {

/// When training ends, and which epoch's weights it keeps. All rules look at the validation score after each epoch.
struct StopRule {
  enum Kind {
    gat,       ///< the GAT authors' rule, on loss and accuracy at once: see observe()
    patience,  ///< stop after `patience` epochs without a better monitored value
    window,    ///< DAGNN: past half of all epochs, stop when the loss exceeds the mean of its last `window` values
    relative,  ///< SuperGAT: past `patience` epochs, stop when loss or accuracy differ from the mean of their last
               ///< `window` values (of all, while there are fewer) by less than a share of `min_delta`
    none,      ///< run all epochs
  };
  Kind kind = patience;
  bool monitor_accuracy = false;  ///< keep the epoch of the best accuracy, not of the lowest loss
  bool ties_last = false;         ///< of equal values the last counts as better
  std::int64_t patience_epochs = 100;
  std::int64_t window_epochs = 100;
  double min_delta = 0;  ///< by how much a value must be better to count
  std::optional<double> min_delta_accuracy{};  ///< rule relative: the share for the accuracy; none: min_delta
};

/// What a rule remembers: plain numbers, so that a device or a file can hold them.
struct StopState {
  double best_loss = 0;      ///< lowest so far (rule gat) or of the kept epoch; meaningless before the first epoch
  double best_accuracy = 0;  ///< highest so far, or of the kept epoch
  std::int64_t epochs = 0;   ///< how many were observed
  std::int64_t best_epoch = 0;  ///< whose weights are kept, from 1
  std::int64_t without_progress = 0;
  bool stopped = false;  ///< the rule has ended the training
  std::vector<double> losses, accuracies;  ///< the last window_epochs of each; used by window and relative
};

struct StopDecision {
  bool keep = false;  ///< this epoch's weights are the ones to keep
  bool stop = false;
};

/// Takes in the validation score of the next epoch. max_epochs is the most that the training may run.
///
/// The authors' rule: an epoch is progress when its accuracy reaches the highest so far or its loss the lowest so far;
/// its weights are kept when both hold; after `patience` epochs in a row without progress training ends.
StopDecision observe(const StopRule& rule, StopState& state, double loss, double accuracy, std::int64_t max_epochs);

/// One sentence on why `rule` ended the training.
std::string describe_stop(const StopRule& rule);

const char* to_string(StopRule::Kind kind);
/// Throws Error(usage) for an unknown word.
StopRule::Kind parse_stop(const std::string& text);

}  // namespace gnn::inline GNN_PRECISION
