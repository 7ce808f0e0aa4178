// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
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
// Scalars go from slots to columns by shuffles.
namespace gnn::inline GNN_PRECISION::cuda {

/// A kernel has many warps with little to do each: there are shifts in place of divisions.
struct HeadLanes {
  unsigned per = 0, lanes = 0, heads = 0, groups = 0;  // powers of two; lanes * heads * groups = 32
  unsigned lane_bits = 0, head_bits = 0;               // lanes = 2^lane_bits
  unsigned slices = 0;                                 // of `heads` heads each
  unsigned channels = 0;                               // of a head
  static constexpr unsigned unroll = 1;                // of loops over lanes
  __device__ unsigned slots() const { return 32 >> head_bits; }
  __device__ unsigned first_head() const { return blockIdx.y * heads; }
  __device__ unsigned num_heads(std::size_t all) const { return unsigned(all); }
};

constexpr unsigned power_of_two_from(std::size_t n) {
  unsigned p = 1;
  while (p < n) p *= 2;
  return p;
}

constexpr unsigned bits_of(unsigned power) {
  unsigned bits = 0;
  while (1u << bits < power) ++bits;
  return bits;
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
    shape = {per, lanes, together, 32 / (lanes * together), bits_of(lanes), bits_of(together), unsigned(ceil_divide(heads, together)),
             unsigned(channels)};
    return true;
  };
  // Many narrow heads: a lane has a whole one, so that what belongs to an edge and head is computed once.
  if (heads >= 4 && channels > 2 && take(power_of_two_from(channels), false)) return true;
  return take(8, true) || take(4, true) || take(2, true) || take(1, true) || take(2, false) || take(4, false) || take(8, false);
}

/// Rows of a graph below which a kernel is over when each warp has seen a few of them.
inline constexpr std::size_t small_graph = 16384;

/// The same for so many rows. In a small graph a warp has a few edges, for which a lane has the fewest columns that let one edge
/// fill the warp: what a lane does for its columns behind the edges then is what all wait for, and groups would have to meet.
inline bool share_heads_of(std::size_t rows, std::size_t heads, std::size_t channels, HeadLanes& shape) {
  if (!share_heads(heads, channels, shape) || rows >= small_graph) return shape.per > 0;
  const std::size_t together = power_of_two_from(heads);
  while (shape.per > 1 && together * shape.lanes * 2 <= 32) {
    shape.per /= 2;
    shape.lanes *= 2;
    ++shape.lane_bits;
    shape.groups /= 2;
  }
  return true;
}

inline constexpr unsigned warps_of_block = block_size / 32;

/// What a lane stands for in both views.
struct WarpPlace {
  unsigned lane, part, head, group;  // columns
  unsigned slot_head, slot_edge;     // slots
  unsigned first_head;               // of the slice

  template <class Lanes>
  __device__ explicit WarpPlace(const Lanes& s)
      : lane(threadIdx.x % 32),
        part(lane & (s.lanes - 1)),
        head(lane >> s.lane_bits & (s.heads - 1)),
        group(lane >> (s.lane_bits + s.head_bits)),
        slot_head(lane & (s.heads - 1)),
        slot_edge(lane >> s.head_bits),
        first_head(s.first_head()) {}
};

/// The columns of a head that a lane has: where they begin in a row, how many there are, and how far apart. Side by side a
/// lane reads them at once; where that cannot be, lanes take turns, so that a warp reads neighbours.
struct LaneColumns {
  unsigned first, count, step = 1;

  __device__ LaneColumns(std::size_t first_, unsigned count_) : first(unsigned(first_)), count(count_) {}
  __device__ LaneColumns(const HeadLanes& s, const WarpPlace& p, std::size_t heads, bool in_turn = false)
      : LaneColumns(s, p, heads, s.per, in_turn) {}
  template <class Lanes>
  __device__ LaneColumns(const Lanes& s, const WarpPlace& p, std::size_t heads, unsigned per, bool in_turn) {
    const unsigned head = p.first_head + p.head;
    const unsigned in_head = in_turn ? p.part : p.part * per, left = in_head < s.channels ? s.channels - in_head : 0;
    step = in_turn ? s.lanes : 1;
    first = head * s.channels + in_head;
    const unsigned there = in_turn ? (left + s.lanes - 1) >> s.lane_bits : left;
    count = head >= s.num_heads(heads) ? 0 : there < per ? there : per;
  }
  /// Not of 32 bits: a compiler must expect such a sum to begin at zero again, and keeps each in a register of its own.
  __device__ std::size_t at(unsigned n) const { return first + std::size_t(n) * step; }
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

/// whole: the columns of a lane lie side by side and are read at once. It is a constant, so that loads in turns have no
/// branches between them.
template <bool whole, unsigned per>
__device__ inline void load_columns(const Real* from, const LaneColumns& c, Real (&x)[per]) {
  if constexpr (whole) {
    const Pack<per> pack = *reinterpret_cast<const Pack<per>*>(from + c.first);
#pragma unroll
    for (unsigned k = 0; k < per; ++k) x[k] = pack.x[k];
  } else {
#pragma unroll
    for (unsigned k = 0; k < per; ++k) x[k] = k < c.count ? from[c.at(k)] : Real(0);
  }
}

template <bool whole, unsigned per>
__device__ inline void store_columns(Real* to, const LaneColumns& c, const Real (&x)[per]) {
  if constexpr (whole) {
    Pack<per> pack;
#pragma unroll
    for (unsigned k = 0; k < per; ++k) pack.x[k] = x[k];
    *reinterpret_cast<Pack<per>*>(to + c.first) = pack;
  } else {
#pragma unroll
    for (unsigned k = 0; k < per; ++k) {
      if (k < c.count) to[c.at(k)] = x[k];
    }
  }
}

/// The same for what nobody reads soon: it leaves the cache to the rows that are gathered.
template <bool whole, unsigned per>
__device__ inline void store_columns_away(Real* to, const LaneColumns& c, const Real (&x)[per]) {
  if constexpr (whole && sizeof(Pack<per>) % 16 == 0) {
    constexpr unsigned numbers = 16 / sizeof(Real);
#pragma unroll
    for (unsigned k = 0; k < per; k += numbers) {
      int4 words;
      memcpy(&words, &x[k], sizeof words);
      __stcs(reinterpret_cast<int4*>(to + c.first + k), words);
    }
  } else {
    store_columns<whole>(to, c, x);
  }
}

/// Sums and maxima over the lanes whose numbers differ in the bits from `from` to `to`, excluded. Unroll 5 where these are constants.
template <unsigned unroll = 1, class T>
__device__ inline T sum_lanes(T x, unsigned from, unsigned to) {
#pragma unroll (unroll)
  for (unsigned step = from; step < to; step *= 2) x += __shfl_xor_sync(~0u, x, int(step));
  return x;
}
/// The same of several numbers.
template <unsigned unroll = 1, unsigned n>
__device__ inline void sum_lanes(Real (&x)[n], unsigned from, unsigned to) {
#pragma unroll (unroll)
  for (unsigned step = from; step < to; step *= 2) {
#pragma unroll
    for (unsigned k = 0; k < n; ++k) x[k] += __shfl_xor_sync(~0u, x[k], int(step));
  }
}
/// The sum over the lanes of a head, for inner loops: without branches, but for heads that a lane has alone.
__device__ inline Real sum_head(Real x, unsigned lanes) {
  if (lanes == 1) return x;
#pragma unroll
  for (unsigned step = 1; step < 32; step *= 2) {
    const Real other = __shfl_xor_sync(~0u, x, int(step));
    x = step < lanes ? x + other : x;
  }
  return x;
}
/// <a, b> over a head's columns of row i, for all lanes of the head; 0 where there is no such row.
template <unsigned per, bool whole>
__device__ Real dot_of_head(const HeadLanes& shape, const LaneColumns& c, const ConstMat& a, const ConstMat& b, std::size_t i) {
  Real along = 0;
  if (i < a.rows && c.count > 0) {
    Real x[per], y[per];
    load_columns<whole>(row(a, i), c, x);
    load_columns<whole>(row(b, i), c, y);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) along += x[n] * y[n];
  }
  return sum_head(along, shape.lanes);
}
template <unsigned unroll = 1, class T>
__device__ inline T max_lanes(T x, unsigned from, unsigned to) {
#pragma unroll (unroll)
  for (unsigned step = from; step < to; step *= 2) {
    const T other = __shfl_xor_sync(~0u, x, int(step));
    x = other > x ? other : x;
  }
  return x;
}

__device__ inline Real leaky(Real u, Real slope) { return u > 0 ? u : slope * u; }

/// ELU, and its derivative where it gave y.
__device__ inline Real elu_of(Real x) {
  const Real below = expm1(x > 0 ? Real(0) : x);
  return x > 0 ? x : below;
}
__device__ inline Real elu_derivative(Real y) { return y > 0 ? Real(1) : y + 1; }

/// Calls work(per, whole), both as constants.
template <class Work>
void with_columns(unsigned per, bool whole, const Work& work) {
  const auto choose = [&](auto columns) {
    if (whole || columns() == 1) return work(columns, std::true_type());
    if constexpr (columns() > 1) work(columns, std::false_type());
  };
  if (per == 1) return choose(std::integral_constant<unsigned, 1>());
  if (per == 2) return choose(std::integral_constant<unsigned, 2>());
  if (per == 4) return choose(std::integral_constant<unsigned, 4>());
  if constexpr (most_per_lane == 8) choose(std::integral_constant<unsigned, 8>());
}

/// How a warp walks over edges, as constants: the slots are filled `steps` times before features are read, which are read for
/// `turn` edges of a group at once: those of one slot in all steps where a head's columns lie in few lanes, since a step has as
/// many slots as groups there, or else those of several slots of a step. Lanes: what says so to a kernel, made of its HeadLanes.
template <unsigned steps_, unsigned turn_, bool in_steps_, class Lanes_ = HeadLanes>
struct Walk {
  static constexpr unsigned steps = steps_, turn = turn_;
  static constexpr bool in_steps = in_steps_;
  using Lanes = Lanes_;
};

/// Calls work(per, whole, walk).
template <class Work>
void with_columns_and_walk(const HeadLanes& s, bool whole, const Work& work) {
  with_columns(s.per, whole, [&](auto per, auto is_whole) {
    if (s.lanes < 4) return work(per, is_whole, Walk<4, 4, true>());
    if (s.heads <= 2) return work(per, is_whole, Walk<1, 4, false>());
    work(per, is_whole, Walk<2, 4, false>());
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
