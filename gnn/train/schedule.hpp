// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include <gnn/core/real.hpp>

namespace gnn::inline GNN_PRECISION {

/// How the learning rate changes from epoch to epoch.
enum class Schedule {
  none,
  plateau,  ///< a tenth of it after more than 10 epochs in a row without a validation loss that is 0.01 % below the
            ///< lowest: the defaults of PyTorch's ReduceLROnPlateau
  cosine,   ///< half a cosine from the full rate to 0 over all epochs (Loshchilov and Hutter 2017)
};

/// What plateau remembers. It follows from the validation losses so far, so a checkpoint, which has these, needs no copy.
struct ScheduleState {
  double lowest = std::numeric_limits<double>::infinity();
  std::int64_t without_progress = 0;
  double factor = 1;  ///< of the learning rate
};

/// Takes in the validation loss of the next epoch.
void observe(Schedule schedule, ScheduleState& state, double validation_loss);

/// The factor of the learning rate in epoch `epoch`, from 1, of `epochs`.
double rate_factor(Schedule schedule, const ScheduleState& state, std::int64_t epoch, std::int64_t epochs);

/// Throws Error(usage) for an unknown word.
Schedule parse_schedule(const std::string& text);

}  // namespace gnn::inline GNN_PRECISION
