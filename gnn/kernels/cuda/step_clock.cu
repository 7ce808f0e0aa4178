// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/step_clock.hpp>

#include <gnn/kernels/cuda/launch.cuh>

// Plan: the end of a step or of epochs is one block's.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__global__ void end_epochs_block(Follows before, unsigned epochs, const StepClock* plan, StepClock* clocks, unsigned num_clocks,
                                 std::uint64_t* now, unsigned count, LateNumbers late, std::uint64_t* records) {
  before.wait();
  const std::size_t next = clocks[epochs - 1].next;
  for (unsigned n = threadIdx.x; n < epochs * count; n += block_size) {
    const unsigned epoch = n / count, k = n % count;
    const std::size_t slot = clocks[epoch].slot;
    const bool is_late = k >= late.first && k - late.first < late.count;
    if (slot > 0 || !is_late) records[(is_late ? slot - 1 : slot) * count + k] = now[n];
    now[n] = k + 1 < count ? ~std::uint64_t(0) : 0;
  }
  __syncthreads();  // all have read the clocks
  for (unsigned k = threadIdx.x; k < num_clocks; k += block_size) clocks[k] = plan[next + k];
}

// The clock stands at the epoch behind the round already.
__global__ void end_round_block(Follows before, const StepClock* clock, const std::uint64_t* now, std::size_t count,
                                LateNumbers late, std::uint64_t* records) {
  before.wait();
  const std::size_t slot = clock->slot - 1;
  for (std::size_t k = threadIdx.x; k < late.count; k += block_size) records[slot * count + late.first + k] = now[late.first + k];
}

__global__ void next_step_thread(Follows before, const StepClock* plan, StepClock* clock) {
  before.wait();
  if (threadIdx.x == 0) *clock = plan[clock->next];
}

}  // namespace

void next_step(Context& ctx, const StepClock* plan, StepClock* clock) {
  launch_blocks(ctx, next_step_thread, dim3(1), plan, clock);
}

void end_epochs(Context& ctx, std::size_t epochs, const StepClock* plan, std::span<StepClock> clocks, std::uint64_t* now,
                std::size_t count, LateNumbers late, std::uint64_t* records) {
  launch_blocks(ctx, end_epochs_block, dim3(1), unsigned(epochs), plan, clocks.data(), unsigned(clocks.size()), now, unsigned(count), late,
                records);
}

void end_round(Context& ctx, const StepClock* clock, const std::uint64_t* now, std::size_t count, LateNumbers late,
               std::uint64_t* records) {
  launch_blocks(ctx, end_round_block, dim3(1), clock, now, count, late, records);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
