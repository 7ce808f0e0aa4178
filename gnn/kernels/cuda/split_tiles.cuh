// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <gnn/kernels/cuda/launch.cuh>

// Tiles of matrices of floats in shared memory, and their product by tensor cores. A number x is high + low, each of the 11 bits
// that a tensor core takes, so that x y = high high' + high low' + low high' up to 2^-22. An element of a tile is at (along,
// inner), where `along` is its row of a or its column of b, and rows are padded so that a warp reads from all banks.
namespace gnn::inline GNN_PRECISION::cuda {

inline constexpr unsigned tile = 128, depth = 32, stages = 3;
inline constexpr unsigned tile_floats = tile * (depth + 4);  // the larger of the two layouts
inline constexpr unsigned shared_bytes = stages * 2 * tile_floats * sizeof(float);

struct Factor {
  const float* data;
  std::size_t stride;
  unsigned size;  // along
};

// inner_first: neighbours in memory are neighbours in the sum.
template <bool inner_first>
__device__ unsigned place_of(unsigned along, unsigned inner) {
  return inner_first ? along * (depth + 4) + inner : inner * (tile + 8) + along;
}

// Copies `numbers` floats to shared memory, the first `valid` from `from` and zeros behind them, without waiting.
template <unsigned numbers>
__device__ void copy_later(float* to, const float* from, unsigned valid) {
  const unsigned address = unsigned(__cvta_generic_to_shared(to));
  if constexpr (numbers == 4) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(valid * 4) : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 8, %2;" ::"r"(address), "l"(from), "r"(valid * 4) : "memory");
  }
}

// The tile from `first` along and from `begin` of the sum on, which ends at `end`.
template <bool inner_first, unsigned numbers>
__device__ void copy_tile(const Factor& f, unsigned first, unsigned begin, unsigned end, float* to) {
  constexpr unsigned in_row = (inner_first ? depth : tile) / numbers;
#pragma unroll
  for (unsigned turn = 0; turn < tile * depth / numbers / block_size; ++turn) {
    const unsigned n = turn * block_size + threadIdx.x, outer = n / in_row, next = n % in_row * numbers;
    const unsigned along = inner_first ? outer : next, inner = inner_first ? next : outer;
    const unsigned at = first + along, k = begin + inner;
    const bool inside = at < f.size && k < end;
    const unsigned left = inner_first ? end - k : f.size - at;
    const std::size_t place = inner_first ? at * f.stride + k : k * f.stride + at;
    copy_later<numbers>(to + place_of<inner_first>(along, inner), inside ? f.data + place : f.data,
                        !inside ? 0 : left < numbers ? left : numbers);
  }
}

// Both halves are rounded to the nearest that has 11 bits; tensor cores ignore the bits behind these.
__device__ inline void split(float x, std::uint32_t& high, std::uint32_t& low) {
  high = (__float_as_uint(x) + 0x1000u) & 0xFFFFE000u;
  low = __float_as_uint(x - __uint_as_float(high)) + 0x1000u;
}

__device__ inline void multiply(float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

inline constexpr unsigned down = 4, across = 4;  // a warp's parts of 16 x 8

// sum += the product of two tiles, of which the warp's parts begin at `row` and `column`.
template <bool a_inner_first, bool b_inner_first>
__device__ void multiply_tiles(const float* a, const float* b, unsigned row, unsigned column, float (&sum)[down][across][4]) {
  const unsigned lane = threadIdx.x % 32, far = lane / 4, near = lane % 4;
  float c[down][across][4] = {};
#pragma unroll
  for (unsigned k = 0; k < depth; k += 8) {
    std::uint32_t a_high[down][4], a_low[down][4], b_high[across][2], b_low[across][2];
#pragma unroll
    for (unsigned m = 0; m < down; ++m) {
#pragma unroll
      for (unsigned r = 0; r < 4; ++r) {
        split(a[place_of<a_inner_first>(row + m * 16 + far + r % 2 * 8, k + near + r / 2 * 4)], a_high[m][r], a_low[m][r]);
      }
    }
#pragma unroll
    for (unsigned n = 0; n < across; ++n) {
#pragma unroll
      for (unsigned r = 0; r < 2; ++r) {
        split(b[place_of<b_inner_first>(column + n * 8 + far, k + near + r * 4)], b_high[n][r], b_low[n][r]);
      }
    }
    // Small terms first.
#pragma unroll
    for (unsigned m = 0; m < down; ++m) {
#pragma unroll
      for (unsigned n = 0; n < across; ++n) multiply(c[m][n], a_low[m], b_high[n]);
    }
#pragma unroll
    for (unsigned m = 0; m < down; ++m) {
#pragma unroll
      for (unsigned n = 0; n < across; ++n) multiply(c[m][n], a_high[m], b_low[n]);
    }
#pragma unroll
    for (unsigned m = 0; m < down; ++m) {
#pragma unroll
      for (unsigned n = 0; n < across; ++n) multiply(c[m][n], a_high[m], b_high[n]);
    }
  }
#pragma unroll
  for (unsigned m = 0; m < down; ++m) {
#pragma unroll
    for (unsigned n = 0; n < across; ++n) {
#pragma unroll
      for (unsigned r = 0; r < 4; ++r) sum[m][n][r] += c[m][n][r];
    }
  }
}

}  // namespace gnn::inline GNN_PRECISION::cuda
