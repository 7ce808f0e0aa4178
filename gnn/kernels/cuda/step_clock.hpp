// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <gnn/kernels/context.hpp>

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

/// Numbers of a record that belong to the epoch before the one that ends.
struct LateNumbers {
  std::size_t first = 0, count = 0;
};

/// Ends a step that is not an epoch's last: the clock becomes plan[clock->next].
void next_step(Context& ctx, const StepClock* plan, StepClock* clock);

/// Ends `epochs` of the epochs that have clocks, the first ones. Of each, the `count` numbers in its row of `now` go to row slot of
/// `records`, or the row before it, which the first epoch of a round has not; they are NaN then but for the last one, a count, which
/// is 0. All clocks become those of the epochs to come, from plan[next of the last one] on.
void end_epochs(Context& ctx, std::size_t epochs, const StepClock* plan, std::span<StepClock> clocks, std::uint64_t* now,
                std::size_t count, LateNumbers late, std::uint64_t* records);

/// The late numbers of a round's last epoch, behind its end.
void end_round(Context& ctx, const StepClock* clock, const std::uint64_t* now, std::size_t count, LateNumbers late,
               std::uint64_t* records);

}  // namespace cuda
}  // namespace gnn::inline GNN_PRECISION
