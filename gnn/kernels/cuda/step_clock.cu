// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/step_clock.hpp>

#include <gnn/kernels/cuda/adam.cuh>

// Plan: a thread owns one number; the end of an epoch is one block's.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__global__ void adam_by_clock_elements(std::size_t n, AdamConstants c, const StepClock* clock, Real* gradient, Real* value,
                                       Real* m, Real* v, Mat kept, unsigned long long* not_finite) {
  const std::size_t k = thread_index();
  if (k >= n) return;
  const Real g = gradient[k];
  if (g - g != 0) atomicAdd(not_finite, 1ull);
  Real own_m = m[k], own_v = v[k];
  const Real next = adam_number(c, clock->rate, clock->root, g, value[k], own_m, own_v);
  m[k] = own_m;
  v[k] = own_v;
  value[k] = next;
  row(kept, clock->slot)[k] = next;
  gradient[k] = 0;
}

__global__ void end_epoch_block(const StepClock* plan, StepClock* clock, std::uint64_t* now, std::size_t count, LateNumbers late,
                                std::uint64_t* records) {
  const std::size_t slot = clock->slot;
  for (std::size_t k = threadIdx.x; k < count; k += block_size) {
    const bool is_late = k >= late.first && k - late.first < late.count;
    if (slot > 0 || !is_late) records[(is_late ? slot - 1 : slot) * count + k] = now[k];
    now[k] = k + 1 < count ? ~std::uint64_t(0) : 0;
  }
  __syncthreads();  // all have read the slot
  if (threadIdx.x == 0) *clock = plan[slot + 1];
}

// The clock stands at the epoch behind the round already.
__global__ void end_round_block(const StepClock* clock, const std::uint64_t* now, std::size_t count, LateNumbers late,
                                std::uint64_t* records) {
  const std::size_t slot = clock->slot - 1;
  for (std::size_t k = threadIdx.x; k < late.count; k += block_size) records[slot * count + late.first + k] = now[late.first + k];
}

}  // namespace

void adam_by_clock(Context& ctx, AdamStep step, const StepClock* clock, Mat gradient, Mat value, Mat m, Mat v, Mat kept,
                   std::uint64_t* not_finite) {
  static_assert(sizeof(unsigned long long) == sizeof(std::uint64_t));
  launch(ctx, adam_by_clock_elements, value.size(), value.size(), AdamConstants(step), clock, gradient.data, value.data, m.data,
         v.data, kept, reinterpret_cast<unsigned long long*>(not_finite));
}

void end_epoch(Context& ctx, const StepClock* plan, StepClock* clock, std::uint64_t* now, std::size_t count, LateNumbers late,
               std::uint64_t* records) {
  launch_blocks(ctx, end_epoch_block, dim3(1), plan, clock, now, count, late, records);
}

void end_round(Context& ctx, const StepClock* clock, const std::uint64_t* now, std::size_t count, LateNumbers late,
               std::uint64_t* records) {
  launch_blocks(ctx, end_round_block, dim3(1), clock, now, count, late, records);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
