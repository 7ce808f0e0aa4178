// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/split_product.hpp>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

#include <gnn/kernels/cuda/blas.hpp>
#include <gnn/kernels/cuda/launch.cuh>

// A number x is high + low, each of the 11 bits that a tensor core takes, so that x y = high high' + high low' + low high' up to
// 2^-22: as good as a product in float, of which a GPU has a tenth of the rate. Tensor cores cut off what they add, which would
// grow with the length of a sum; so they add a depth of 32 only, and what comes out is added in float.
//
// Plan: a block owns 128 x 128 numbers of c, a warp 64 x 32 of these, or those of a part of the sum, which are added up in their
// order behind. Tiles of a and b come to shared memory some turns ahead; there an element is at (along, inner), where `along`
// is its row of a or its column of b, and the rows of a tile are padded so that a warp reads from all banks.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned tile = 128, depth = 32, stages = 3;
constexpr unsigned tile_floats = tile * (depth + 4);  // the larger of the two layouts
constexpr unsigned shared_bytes = stages * 2 * tile_floats * sizeof(float);

struct Factor {
  const float* data;
  std::size_t stride;
  unsigned size;  // along
};

struct SplitProduct {
  Factor a, b;
  unsigned inner, inner_of_part;
  float* c;
  std::size_t stride, part_stride;  // part_stride: between the parts of the sum
  bool add, pairs;                  // pairs: two neighbours of c can be written at once
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
__device__ void split(float x, std::uint32_t& high, std::uint32_t& low) {
  high = (__float_as_uint(x) + 0x1000u) & 0xFFFFE000u;
  low = __float_as_uint(x - __uint_as_float(high)) + 0x1000u;
}

__device__ void multiply(float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

constexpr unsigned down = 4, across = 4;  // a warp's parts of 16 x 8

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

template <bool a_inner_first, bool b_inner_first, unsigned numbers>
__global__ void __launch_bounds__(block_size, 1) split_product_tiles(SplitProduct p) {
  extern __shared__ __align__(16) float shared[];
  const unsigned first_row = blockIdx.y * tile, first_column = blockIdx.x * tile;
  const unsigned begin = blockIdx.z * p.inner_of_part, end = min(p.inner, begin + p.inner_of_part);
  const auto copy = [&](unsigned turn) {
    float* to = shared + turn % stages * 2 * tile_floats;
    if (begin + turn * depth < end) {
      copy_tile<a_inner_first, numbers>(p.a, first_row, begin + turn * depth, end, to);
      copy_tile<b_inner_first, numbers>(p.b, first_column, begin + turn * depth, end, to + tile_floats);
    }
    asm volatile("cp.async.commit_group;" ::: "memory");
  };
  for (unsigned turn = 0; turn + 1 < stages; ++turn) copy(turn);

  const unsigned warp = threadIdx.x / 32, row = warp % 2 * down * 16, column = warp / 2 * across * 8;
  float sum[down][across][4] = {};
  for (unsigned turn = 0; begin + turn * depth < end; ++turn) {
    asm volatile("cp.async.wait_group %0;" ::"n"(stages - 2) : "memory");
    __syncthreads();  // the tiles are there, and all have read those that the next copy writes over
    copy(turn + stages - 1);
    const float* tiles = shared + turn % stages * 2 * tile_floats;
    multiply_tiles<a_inner_first, b_inner_first>(tiles, tiles + tile_floats, row, column, sum);
  }

  float* const c = p.c + blockIdx.z * p.part_stride;
  const unsigned lane = threadIdx.x % 32;
#pragma unroll
  for (unsigned m = 0; m < down; ++m) {
#pragma unroll
    for (unsigned half = 0; half < 2; ++half) {
      const unsigned i = first_row + row + m * 16 + half * 8 + lane / 4;
      if (i >= p.a.size) continue;
#pragma unroll
      for (unsigned n = 0; n < across; ++n) {
        const unsigned j = first_column + column + n * 8 + lane % 4 * 2;
        float* const to = c + i * p.stride + j;
        float x = sum[m][n][half * 2], y = sum[m][n][half * 2 + 1];
        if (p.pairs && j + 1 < p.b.size) {
          const float2 before = p.add ? *reinterpret_cast<const float2*>(to) : make_float2(0, 0);
          *reinterpret_cast<float2*>(to) = make_float2(before.x + x, before.y + y);
          continue;
        }
        if (j < p.b.size) to[0] = (p.add ? to[0] : 0) + x;
        if (j + 1 < p.b.size) to[1] = (p.add ? to[1] : 0) + y;
      }
    }
  }
}

// c (+)= the sum of its parts, in their order.
__global__ void add_parts(const Real* parts, std::size_t count, bool add, Mat c) {
  const std::size_t n = thread_index(), size = c.rows * c.cols;
  if (n >= size) return;
  Real sum = 0;
  for (std::size_t k = 0; k < count; ++k) sum += parts[k * size + n];
  Real& to = row(c, n / c.cols)[n % c.cols];
  to = add ? to + sum : sum;
}

// How many parts a sum is cut into, so that the last of the turns in which a GPU takes blocks is about full; 0: none will do.
unsigned parts_of_sum(std::size_t tiles, std::size_t inner, std::size_t processors) {
  constexpr std::size_t most = 160, least_inner = 512;
  constexpr double least_share = 0.75, good_share = 0.95;
  double best = 0;
  unsigned found = 0;
  for (std::size_t parts = 1; parts <= most && (parts == 1 || inner / parts >= least_inner) && best < good_share; ++parts) {
    const std::size_t blocks = tiles * parts;
    const double share = double(blocks) / double(ceil_divide(blocks, processors) * processors);
    if (share <= best) continue;
    best = share;
    found = unsigned(parts);
  }
  return best < least_share ? 0 : found;
}

bool are_aligned(std::initializer_list<ConstMat> matrices, std::size_t numbers) {
  for (const ConstMat& m : matrices) {
    if (m.stride % numbers != 0 || reinterpret_cast<std::uintptr_t>(m.data) % (numbers * sizeof(float)) != 0) return false;
  }
  return true;
}

}  // namespace

bool split_product(Context& ctx, ConstMat a, bool a_transposed, ConstMat b, bool b_transposed, bool add, Mat c) {
  // Shorter sums are a little better in float: what tensor cores cut off is 2e-7 of a sum of any length.
  constexpr std::size_t least = 64, least_inner = 256;
  const std::size_t inner = a_transposed ? a.rows : a.cols;
  if (!std::is_same_v<Real, float> || std::min(c.rows, c.cols) < least || inner < least_inner || !are_aligned({a, b}, 2)) return false;
  if (c.rows > INT32_MAX - tile || inner > INT32_MAX - depth || ceil_divide(c.rows, tile) > 65535 || (a_transposed && b_transposed)) return false;
  const dim3 tiles(unsigned(ceil_divide(c.cols, tile)), unsigned(ceil_divide(c.rows, tile)));
  const unsigned parts = parts_of_sum(std::size_t(tiles.x) * tiles.y, inner, ctx.cuda().processors);
  if (parts == 0) return false;

  const Tensor memory = parts > 1 ? ctx.tensor(parts, c.rows * c.cols) : Tensor();
  const Mat to = parts > 1 ? Mat{memory.data(), c.rows, c.cols, c.cols} : c;
  const auto factor = [](const ConstMat& m, std::size_t size) { return Factor{reinterpret_cast<const float*>(m.data), m.stride, unsigned(size)}; };
  const SplitProduct p{factor(a, c.rows), factor(b, c.cols), unsigned(inner), unsigned(ceil_divide(ceil_divide(inner, parts), depth) * depth),
                       reinterpret_cast<float*>(to.data), to.stride, c.rows * c.cols, add && parts == 1, are_aligned({to}, 2)};
  const auto start = [&](auto kernel) {
    use_device(ctx.cuda().ordinal);
    GNN_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(shared_bytes)));
    launch_blocks_with(ctx, kernel, dim3(tiles.x, tiles.y, parts), shared_bytes, p);
  };
  const auto choose = [&](auto numbers) {
    if (a_transposed) return start(split_product_tiles<false, false, numbers()>);
    if (b_transposed) return start(split_product_tiles<true, true, numbers()>);
    start(split_product_tiles<true, false, numbers()>);
  };
  if (are_aligned({a, b}, 4)) {
    choose(std::integral_constant<unsigned, 4>());
  } else {
    choose(std::integral_constant<unsigned, 2>());
  }
  if (parts > 1) launch(ctx, add_parts, c.size(), static_cast<const Real*>(memory.data()), std::size_t(parts), add, c);
  return true;
}

void dense_product(Context& ctx, ConstMat a, bool a_transposed, ConstMat b, bool b_transposed, bool add, Mat c) {
  if (ctx.precision() == Precision::fp32 && split_product(ctx, a, a_transposed, b, b_transposed, add, c)) return;
  blas_product(ctx, a, a_transposed, b, b_transposed, add, c);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
