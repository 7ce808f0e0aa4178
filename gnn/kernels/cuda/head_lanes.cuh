// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <type_traits>

#include <gnn/kernels/cuda/launch.cuh>

// How a warp shares the columns and the edges of a row of attention. It looks at them in two ways:
//
//   columns  lane = (group, head, part): a head's columns lie in `lanes` lanes, `per` side by side in each; the groups read
//            different edges side by side
//   slots    lane = (edge, head): 32 / heads edges at once, with a lane for each edge and head, where the scalars of
//            attention are computed once and not in every lane that has columns of the head
//
// Scalars go from slots to columns by shuffles. A long row is shared by all warps of a block, see
// for_rows().
namespace gnn::inline GNN_PRECISION::cuda {

struct HeadLanes {
  unsigned per = 0, lanes = 0, heads = 0, groups = 0;  // powers of two; lanes * heads * groups = 32
  unsigned slices = 0;                                 // of `heads` heads each
};

constexpr unsigned power_of_two_from(std::size_t n) {
  unsigned p = 1;
  while (p < n) p *= 2;
  return p;
}

inline constexpr unsigned most_per_lane = 32 / sizeof(Real);  ///< columns, that registers and shared memory have room for

/// False when a head has too many channels for the registers of a warp. A lane gets as many columns as divide those of a
/// head, which makes dot products cheap and leaves lanes for more edges; else as few as a warp can hold.
inline bool share_heads(std::size_t heads, std::size_t channels, HeadLanes& shape) {
  if (heads == 0 || channels == 0 || channels > 32 * most_per_lane) return false;
  const auto take = [&](unsigned per, bool divides) {
    const unsigned lanes = power_of_two_from(ceil_divide(channels, per));
    if (per > most_per_lane || lanes > 32 || (divides && channels % per != 0)) return false;
    const unsigned together = unsigned(std::min<std::size_t>(power_of_two_from(heads), 32 / lanes));
    shape = {per, lanes, together, 32 / (lanes * together), unsigned(ceil_divide(heads, together))};
    return true;
  };
  return take(8, true) || take(4, true) || take(2, true) || take(1, true) || take(2, false) || take(4, false) || take(8, false);
}

inline constexpr unsigned warps_of_block = block_size / 32;
inline constexpr std::size_t long_row = 32;  ///< edges of a row from which it is long, where no list says so

/// What a lane stands for in both views.
struct WarpPlace {
  unsigned lane, part, head, group;    // columns
  unsigned slot_head, slot_edge;       // slots
  std::size_t first_head;              // of the slice

  __device__ explicit WarpPlace(const HeadLanes& s)
      : lane(threadIdx.x % 32),
        part(lane % s.lanes),
        head(lane / s.lanes % s.heads),
        group(lane / (s.lanes * s.heads)),
        slot_head(lane % s.heads),
        slot_edge(lane / s.heads),
        first_head(std::size_t(blockIdx.y) * s.heads) {}
};

/// The columns of a head that a lane has: where they begin in a row, and how many there are.
struct LaneColumns {
  std::size_t first;
  unsigned count;

  __device__ LaneColumns(std::size_t first_, unsigned count_) : first(first_), count(count_) {}
  __device__ LaneColumns(const HeadLanes& s, const WarpPlace& p, std::size_t heads, std::size_t channels) {
    const std::size_t head = p.first_head + p.head, in_head = std::size_t(p.part) * s.per;
    first = head * channels + in_head;
    count = head < heads && in_head < channels ? unsigned(channels - in_head < s.per ? channels - in_head : s.per) : 0;
  }
};

template <unsigned n>
struct alignas(n * sizeof(Real) < 16 ? n * sizeof(Real) : 16) Pack {
  Real x[n];
};

/// Whether columns can be read `per` at a time: a lane has all of its columns or none, and they are aligned.
inline bool whole_packs(const HeadLanes& s, std::size_t channels, std::initializer_list<ConstMat> matrices) {
  const std::size_t align = std::min<std::size_t>(16, s.per * sizeof(Real));
  if (channels % s.per != 0 || channels * sizeof(Real) % align != 0) return false;
  for (const ConstMat& m : matrices) {
    if (reinterpret_cast<std::uintptr_t>(m.data) % align != 0 || m.stride * sizeof(Real) % align != 0) return false;
  }
  return true;
}

template <unsigned per>
__device__ inline void load_columns(const Real* from, const LaneColumns& c, bool whole, Real (&x)[per]) {
  if (whole) {
    const Pack<per> pack = *reinterpret_cast<const Pack<per>*>(from + c.first);
#pragma unroll
    for (unsigned k = 0; k < per; ++k) x[k] = pack.x[k];
    return;
  }
#pragma unroll
  for (unsigned k = 0; k < per; ++k) x[k] = k < c.count ? from[c.first + k] : Real(0);
}

template <unsigned per>
__device__ inline void store_columns(Real* to, const LaneColumns& c, bool whole, const Real (&x)[per]) {
  if (whole) {
    Pack<per> pack;
#pragma unroll
    for (unsigned k = 0; k < per; ++k) pack.x[k] = x[k];
    *reinterpret_cast<Pack<per>*>(to + c.first) = pack;
    return;
  }
#pragma unroll
  for (unsigned k = 0; k < per; ++k) {
    if (k < c.count) to[c.first + k] = x[k];
  }
}

/// Sums and maxima over the lanes whose numbers differ in the bits from `from` to `to`, excluded.
template <class T>
__device__ inline T sum_lanes(T x, unsigned from, unsigned to) {
  for (unsigned step = from; step < to; step *= 2) x += __shfl_xor_sync(~0u, x, int(step));
  return x;
}
template <class T>
__device__ inline T max_lanes(T x, unsigned from, unsigned to) {
  for (unsigned step = from; step < to; step *= 2) {
    const T other = __shfl_xor_sync(~0u, x, int(step));
    x = other > x ? other : x;
  }
  return x;
}

__device__ inline Real leaky(Real u, Real slope) { return u > 0 ? u : slope * u; }

/// Calls work(std::integral_constant<unsigned, per>).
template <class Work>
void with_columns(unsigned per, const Work& work) {
  if (per == 1) return work(std::integral_constant<unsigned, 1>());
  if (per == 2) return work(std::integral_constant<unsigned, 2>());
  if (per == 4) return work(std::integral_constant<unsigned, 4>());
  if constexpr (most_per_lane == 8) work(std::integral_constant<unsigned, 8>());
}

/// Calls work(per, steps): the columns of a lane and how many times the slots of a warp are filled before features are read.
/// Where a head's columns lie in few lanes, a step has as many slots as groups and features of four steps are read together;
/// else the slots of a step are enough, once or twice.
template <class Work>
void with_columns_and_steps(const HeadLanes& s, const Work& work) {
  with_columns(s.per, [&](auto per) {
    if (s.lanes < 4) return work(per, std::integral_constant<unsigned, 4>());
    if (s.heads <= 2) return work(per, std::integral_constant<unsigned, 1>());
    work(per, std::integral_constant<unsigned, 2>());
  });
}

/// How many blocks for_rows() has work for: a long row is one's, short ones are dealt eight at a time.
inline std::size_t num_row_blocks(const CsrView& rows) {
  return (rows.long_rows ? rows.num_long_rows : 0) + ceil_divide(std::size_t(rows.num_rows), warps_of_block);
}

/// The part of a range that a warp of the block has.
__device__ inline EdgeRange part_of_warp(const EdgeRange& range) {
  const std::size_t piece = (range.last - range.first + warps_of_block - 1) / warps_of_block;
  const std::size_t begin = range.first + threadIdx.x / 32 * piece, end = begin + piece;
  return {begin < range.last ? begin : range.last, end < range.last ? end : range.last};
}

/// Runs one_warp(i, edges) by one warp for each short row, and together(i, part of its edges) by all warps of a block for each
/// long one. Long rows come first, in blocks of their own; where no list names them, the block that has one next to short rows
/// takes it after these. All threads call it.
template <class OneWarp, class Together>
__device__ void for_rows(const CsrView& rows, const OneWarp& one_warp, const Together& together) {
  __shared__ bool is_long[warps_of_block];
  const unsigned warp = threadIdx.x / 32;
  const std::size_t num_rows = std::size_t(rows.num_rows), longs = rows.long_rows ? rows.num_long_rows : 0;
  const std::size_t longest_short = rows.long_rows ? std::size_t(rows.longest_short) : long_row;
  const std::size_t units = longs + (num_rows + warps_of_block - 1) / warps_of_block;
  for (std::size_t unit = blockIdx.x; unit < units; unit += gridDim.x) {
    if (unit < longs) {
      const std::size_t i = std::size_t(rows.long_rows[unit]);
      together(i, part_of_warp(edges_of(rows, i)));
      continue;
    }
    const std::size_t first = (unit - longs) * warps_of_block, i = first + warp;
    bool longer = false;
    if (i < num_rows) {
      const EdgeRange range = edges_of(rows, i);
      longer = range.last - range.first > longest_short;
      if (!longer) one_warp(i, range);
    }
    if (rows.long_rows) continue;
    if (threadIdx.x % 32 == 0) is_long[warp] = longer;
    __syncthreads();
    for (unsigned w = 0; w < warps_of_block; ++w) {
      if (is_long[w]) together(first + w, part_of_warp(edges_of(rows, first + w)));
    }
    __syncthreads();
  }
}

}  // namespace gnn::inline GNN_PRECISION::cuda
