// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/step_clock.hpp>

#include <algorithm>

#include <gnn/kernels/cuda/adam.cuh>
#include <gnn/kernels/cuda/pieces.cuh>

// Plan: a thread owns one number, or a block some sums, see pieces.cuh; the end of an epoch is one block's.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned most_groups = 4;

struct Adam {
  struct Group {
    AdamConstants constants;
    std::size_t last;
  } group[most_groups];
  // Numbers first to last - 1 that no sum has, by blocks from first_block on.
  struct Range {
    std::size_t first, last;
    unsigned first_block;
  } range[ManySums::most + 1];
  unsigned num_groups, num_ranges = 0, num_blocks;
  const StepClock* clock;
  AdamNumbers of;
  unsigned long long* not_finite;
};

__device__ void step_number(const Adam& a, std::size_t k, Real g) {
  unsigned group = 0;
  while (group + 1 < a.num_groups && k >= a.group[group].last) ++group;
  if (g - g != 0) atomicAdd(a.not_finite, 1ull);
  Real m = a.of.m.data[k], v = a.of.v.data[k];
  const Real next = adam_number(a.group[group].constants, a.clock->rate, a.clock->root, g, a.of.value.data[k], m, v);
  a.of.m.data[k] = m;
  a.of.v.data[k] = v;
  a.of.value.data[k] = next;
  row(a.of.kept, a.clock->slot)[k] = next;
  a.of.gradient.data[k] = 0;
}

// The blocks of the sums come first, and step what they sum; then a thread owns one number that no sum has.
__global__ void __launch_bounds__(block_size) adam_by_clock_blocks(Follows before, const __grid_constant__ Adam a,
                                                                   const __grid_constant__ ManySums sums) {
  before.wait();
  std::size_t k = 0;
  Real of_pieces = 0;
  if (blockIdx.x < sums.num_blocks) {
    const ColumnSum sum = sum_of_block(sums);
    if (sum.of >= sums.count) return;
    k = std::size_t(sums.sum[sum.of].result - a.of.gradient.data) + sum.column;
    of_pieces = sum.value;
  } else {
    unsigned n = 0;
    while (n + 1 < a.num_ranges && a.range[n + 1].first_block <= blockIdx.x) ++n;
    k = a.range[n].first + std::size_t(blockIdx.x - a.range[n].first_block) * block_size + threadIdx.x;
    if (k >= a.range[n].last) return;
  }
  step_number(a, k, a.of.gradient.data[k] + of_pieces);
}

__global__ void end_epoch_block(Follows before, const StepClock* plan, StepClock* clock, std::uint64_t* now, std::size_t count,
                                LateNumbers late, std::uint64_t* records) {
  before.wait();
  const std::size_t slot = clock->slot, next = clock->next;
  for (std::size_t k = threadIdx.x; k < count; k += block_size) {
    const bool is_late = k >= late.first && k - late.first < late.count;
    if (slot > 0 || !is_late) records[(is_late ? slot - 1 : slot) * count + k] = now[k];
    now[k] = k + 1 < count ? ~std::uint64_t(0) : 0;
  }
  __syncthreads();  // all have read the clock
  if (threadIdx.x == 0) *clock = plan[next];
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

// The ranges of numbers below `size` that stand between those of the sums.
void add_ranges_between(std::vector<PieceSum> sums, Adam& a, std::size_t size) {
  std::ranges::sort(sums, {}, [](const PieceSum& s) { return s.result.data; });
  std::size_t first = 0;
  const auto add = [&](std::size_t last) {
    if (last <= first) return;
    a.range[a.num_ranges++] = {first, last, a.num_blocks};
    a.num_blocks += unsigned(ceil_divide(last - first, block_size));
  };
  for (const PieceSum& s : sums) {
    const std::size_t begin = std::size_t(s.result.data - a.of.gradient.data);
    add(begin);
    first = begin + s.pieces.cols;
  }
  add(size);
}

}  // namespace

void adam_by_clock(Context& ctx, const std::vector<AdamGroup>& groups, const StepClock* clock, const AdamNumbers& numbers,
                   const std::vector<PieceSum>& sums, std::uint64_t* not_finite) {
  static_assert(sizeof(unsigned long long) == sizeof(std::uint64_t));
  // Sums that one launch has no room for, or of what is no parameter, come before.
  const Real *const first = numbers.gradient.data, *const last = first + numbers.gradient.size();
  std::vector<PieceSum> here, before;
  for (const PieceSum& sum : sums) {
    const bool fits = here.size() < ManySums::most && sum.result.data >= first && sum.result.data < last && groups.size() <= most_groups;
    (fits ? here : before).push_back(sum);
  }
  if (!before.empty()) add_pieces(ctx, std::span<const PieceSum>(before));
  for (std::size_t g = 0; g < groups.size(); g += most_groups) {
    const std::size_t end = std::min(groups.size(), g + most_groups), begin = groups[g].first;
    const auto part = [&](const Mat& all) { return all.columns(begin, groups[end - 1].last - begin); };
    const ManySums many{std::span<const PieceSum>(here)};
    Adam a{{}, {}, unsigned(end - g), 0, many.num_blocks, clock,
           {part(numbers.gradient), part(numbers.value), part(numbers.m), part(numbers.v), part(numbers.kept)},
           reinterpret_cast<unsigned long long*>(not_finite)};
    for (std::size_t n = g; n < end; ++n) a.group[n - g] = {AdamConstants(groups[n].step), groups[n].last - begin};
    add_ranges_between(here, a, groups[end - 1].last - begin);
    launch_blocks(ctx, adam_by_clock_blocks, dim3(a.num_blocks), a, many);
  }
}

void next_step(Context& ctx, const StepClock* plan, StepClock* clock) {
  launch_blocks(ctx, next_step_thread, dim3(1), plan, clock);
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
