// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <gnn/kernels/training.hpp>

namespace gnn::inline GNN_PRECISION {

/// What changes from one step of a captured epoch to the next. It lies on the GPU, where the kernels read it.
/// Records of 8 bytes each lie behind an array of it.
struct alignas(8) StepClock {
  std::uint32_t step;  ///< of dropout's draws
  std::uint32_t slot;  ///< which epoch of this round it is, from 0
  std::uint32_t next;  ///< the place of the next clock in the plan
  Real rate, root;     ///< of Adam
};

namespace cuda {

/// kernels::adam with rate and root of the clock; also counts gradients that are NaN or infinite, sets all of them to zero
/// for the next step, and copies the new values to row `slot` of `kept`.
void adam_by_clock(Context& ctx, AdamStep step, const StepClock* clock, Mat gradient, Mat value, Mat m, Mat v, Mat kept,
                   std::uint64_t* not_finite);

/// Ends a step that is not an epoch's last: the clock becomes plan[clock->next].
void next_step(Context& ctx, const StepClock* plan, StepClock* clock);

/// Ends an epoch: the `count` numbers of `now` go to row clock->slot of `records`, and are NaN then but for the last one,
/// a count, which is 0; the clock becomes that of the next epoch, plan[clock->next].
void end_epoch(Context& ctx, const StepClock* plan, StepClock* clock, std::uint64_t* now, std::size_t count,
               std::uint64_t* records);

}  // namespace cuda
}  // namespace gnn::inline GNN_PRECISION
