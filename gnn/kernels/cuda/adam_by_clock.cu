// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/adam_by_clock.hpp>

#include <algorithm>
#include <optional>

#include <gnn/kernels/cuda/adam.cuh>
#include <gnn/kernels/cuda/pieces.cuh>
#include <gnn/kernels/cuda/project_rows.cuh>

// Plan: whoever ends a gradient takes its step: a warp, or a block's first, with a row of a product, see project_rows.cuh; a thread
// with a sum of pieces, see pieces.cuh; a thread with a number that neither has. The product's blocks come first, since they take
// longest, then those of the sums.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned most_groups = 4;

struct Adam {
  struct Group {
    AdamConstants constants;
    std::size_t last;
  } group[most_groups];
  // Numbers first to last - 1 that no sum and no product has, by blocks from first_block on.
  struct Range {
    std::size_t first, last;
    unsigned first_block;
  } range[ManySums::most + 2];
  unsigned num_groups, num_ranges = 0, num_blocks;
  const StepClock* clock;
  AdamNumbers of;
  unsigned long long* not_finite;
};

template <unsigned n>
__device__ Pack<n>& numbers_at(const Mat& all, std::size_t k) {
  return *reinterpret_cast<Pack<n>*>(all.data + k);
}

// What is read for a step of the n numbers from k on, which belong to one group; aligned as Pack is. It may be read before their
// gradient is complete.
template <unsigned n>
struct Before {
  Pack<n> gradient = {}, value = {}, m = {}, v = {};

  Before() = default;
  __device__ Before(const AdamNumbers& of, std::size_t k)
      : gradient(numbers_at<n>(of.gradient, k)), value(numbers_at<n>(of.value, k)), m(numbers_at<n>(of.m, k)), v(numbers_at<n>(of.v, k)) {}
};

template <unsigned n>
__device__ void step_numbers(const Adam& a, std::size_t k, Before<n> x, const Real (&more)[n]) {
  unsigned group = 0;
  while (group + 1 < a.num_groups && k >= a.group[group].last) ++group;
  const Real rate = a.clock->rate, root = a.clock->root;
  Real* const kept = row(a.of.kept, a.clock->slot) + k;  // its rows need not be aligned
#pragma unroll
  for (unsigned b = 0; b < n; ++b) {
    const Real g = x.gradient.x[b] + more[b];
    if (g - g != 0) atomicAdd(a.not_finite, 1ull);
    kept[b] = x.value.x[b] = adam_number(a.group[group].constants, rate, root, g, x.value.x[b], x.m.x[b], x.v.x[b]);
  }
  numbers_at<n>(a.of.m, k) = x.m;
  numbers_at<n>(a.of.v, k) = x.v;
  numbers_at<n>(a.of.value, k) = x.value;
  numbers_at<n>(a.of.gradient, k) = {};
}

// What blocks behind the product do.
__device__ void step_sums_and_others(const Adam& a, const ManySums& sums) {
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
  step_numbers<1>(a, k, Before<1>(a.of, k), {of_pieces});
}

__global__ void __launch_bounds__(block_size) adam_by_clock_blocks(Follows before, const __grid_constant__ Adam a,
                                                                   const __grid_constant__ ManySums sums) {
  before.wait();
  step_sums_and_others(a, sums);
}

struct ProductPlace {
  unsigned blocks, first;  // first: where its numbers begin; all are below 2^32
};

// Each lane has four columns of a row, as have the lanes of the warp's other groups: two groups take the step of two columns each,
// which saves registers. A row's own numbers are asked for before lanes meet, so that they are there when these have.
__global__ void __launch_bounds__(block_size, 4) adam_with_product(Follows before, const __grid_constant__ Projection p,
                                                                   ProductPlace place, const __grid_constant__ Adam a,
                                                                   const __grid_constant__ ManySums sums) {
  before.wait_later();
  if (blockIdx.x >= place.blocks) {
    before.wait();
    before.start_next();
    return step_sums_and_others(a, sums);
  }
  __shared__ ReadyNonzero ready[warps_of_block][33];
  if (threadIdx.x % 32 == 0) ready[threadIdx.x / 32][0] = ReadyNonzero{};  // for lanes that have no non-zero left
  const ColumnShare s(p, 4);
  const unsigned half = s.group(), first = place.first + s.c.first + half * 2;
  const bool steps = half < 2 && s.c.count > 0;
  Before<2> own;
  sum_rows<PlainSums<4>, ShortRows::dealt_by_list>(
      p.rows.pattern, p.shared,
      [&](std::size_t i, EdgeRange range) {
        return sum_nonzeros<4, true>(p, before, s, i, range, ready[threadIdx.x / 32], [&] { before.start_next(); }, [&] {
          if (steps) own = Before<2>(a.of, first + unsigned(i) * unsigned(p.y.cols));
        });
      },
      AddSums(),
      [&](std::size_t i, const PlainSums<4>& sum, const RowPart&) {
        if (steps) step_numbers<2>(a, first + unsigned(i) * unsigned(p.y.cols), own, {half ? sum.x[2] : sum.x[0], half ? sum.x[3] : sum.x[1]});
      });
}

// Numbers that a sum or a product has.
struct Taken {
  std::size_t first, last;
};

// The ranges of numbers below `size` that stand between those.
void add_ranges_between(std::vector<Taken> taken, Adam& a, std::size_t size) {
  std::ranges::sort(taken, {}, &Taken::first);
  taken.push_back({size, size});
  std::size_t first = 0;
  for (const Taken& t : taken) {
    if (t.first > first) {
      a.range[a.num_ranges++] = {first, t.first, a.num_blocks};
      a.num_blocks += unsigned(ceil_divide(t.first - first, block_size));
    }
    first = t.last;
  }
}

// The product, if its rows can take their steps where they are found.
std::optional<ProjectionLaunch> small_product(Context& ctx, const SparseWeightGradient& g, const AdamNumbers& of) {
  ProjectionLaunch launch(ctx, g.x.transposed(), g.dy, g.dropout, g.masks, g.ids.data(), true, g.dw, ProjectedScores{});
  const Mat dw = g.dw;
  const auto part = [&](const Mat& all) { return ConstMat{all.data + (dw.data - of.gradient.data), dw.rows, dw.cols, dw.cols}; };
  const bool fits = g.masks <= most_masks && launch.shape.per == 4 && launch.projection.lane_bits < 5 && launch.is_small() &&
                    launch.whole({g.dy, dw, part(of.value), part(of.m), part(of.v)}) && of.gradient.size() <= ~0u;
  return fits ? std::optional(std::move(launch)) : std::nullopt;
}

}  // namespace

void adam_by_clock(Context& ctx, const std::vector<AdamGroup>& groups, const StepClock* clock, const AdamNumbers& numbers,
                   const std::vector<PieceSum>& sums, const SparseWeightGradient* product, std::uint64_t* not_finite) {
  static_assert(sizeof(unsigned long long) == sizeof(std::uint64_t));
  // A product and sums that one launch has no room for, or of what is no parameter, come before.
  const Real *const first = numbers.gradient.data + groups.front().first, *const last = numbers.gradient.data + groups.back().last;
  const auto is_here = [&](const Mat& result) { return groups.size() <= most_groups && result.data >= first && result.data < last; };
  std::vector<Taken> taken;
  const auto take = [&](const Mat& result) {
    const std::size_t begin = std::size_t(result.data - first);
    taken.push_back({begin, begin + result.size()});
  };
  std::optional<ProjectionLaunch> with;
  if (product && is_here(product->dw)) with = small_product(ctx, *product, numbers);
  if (product && !with) add_weight_gradient(ctx, *product);
  if (with) take(product->dw);
  std::vector<PieceSum> here, before;
  for (const PieceSum& sum : sums) {
    const bool fits = here.size() < ManySums::most && is_here(sum.result);
    (fits ? here : before).push_back(sum);
    if (fits) take(sum.result);
  }
  if (!before.empty()) add_pieces(ctx, std::span<const PieceSum>(before));
  const ProductPlace place = with ? ProductPlace{with->blocks(), unsigned(product->dw.data() - first)} : ProductPlace{0, 0};
  for (std::size_t g = 0; g < groups.size(); g += most_groups) {
    const std::size_t end = std::min(groups.size(), g + most_groups), begin = groups[g].first;
    const auto part = [&](const Mat& all) { return all.columns(begin, groups[end - 1].last - begin); };
    const ManySums many(here, place.blocks);
    Adam a{{}, {}, unsigned(end - g), 0, many.num_blocks, clock,
           {part(numbers.gradient), part(numbers.value), part(numbers.m), part(numbers.v), part(numbers.kept)},
           reinterpret_cast<unsigned long long*>(not_finite)};
    for (std::size_t n = g; n < end; ++n) a.group[n - g] = {AdamConstants(groups[n].step), groups[n].last - begin};
    add_ranges_between(taken, a, groups[end - 1].last - begin);
    if (with) {
      launch_blocks(ctx, adam_with_product, dim3(a.num_blocks), with->projection, place, a, many);
    } else {
      launch_blocks(ctx, adam_by_clock_blocks, dim3(a.num_blocks), a, many);
    }
  }
}

}  // namespace gnn::inline GNN_PRECISION::cuda
