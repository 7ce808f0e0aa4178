// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/split_product.hpp>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

#include <gnn/kernels/cuda/blas.hpp>
#include <gnn/kernels/cuda/split_tiles.cuh>

// Products of three, see split_tiles.cuh, are as good as one in float, of which a GPU has a tenth of the rate. Tensor cores cut off
// what they add, which would grow with the length of a sum; so they add a depth of 32 only, and what comes out is added in float.
//
// Plan: a block owns 128 x 128 numbers of c, a warp 64 x 32 of these, or those of a part of the sum, which are added up in their
// order behind. Tiles of a and b come to shared memory some turns ahead.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct SplitProduct {
  Factor a, b;
  unsigned inner, inner_of_part;
  float* c;
  std::size_t stride, part_stride;  // part_stride: between the parts of the sum
  bool add, pairs;                  // pairs: two neighbours of c can be written at once
};

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
      // What is added to is read before anything is written, which could be the same for all that the compiler knows.
      float2 before[across];
#pragma unroll
      for (unsigned n = 0; n < across; ++n) {
        const unsigned j = first_column + column + n * 8 + lane % 4 * 2;
        before[n] = p.add && p.pairs && j + 1 < p.b.size ? *reinterpret_cast<const float2*>(c + i * p.stride + j) : make_float2(0, 0);
      }
#pragma unroll
      for (unsigned n = 0; n < across; ++n) {
        const unsigned j = first_column + column + n * 8 + lane % 4 * 2;
        float* const to = c + i * p.stride + j;
        float x = sum[m][n][half * 2], y = sum[m][n][half * 2 + 1];
        if (p.pairs && j + 1 < p.b.size) {
          *reinterpret_cast<float2*>(to) = make_float2(before[n].x + x, before[n].y + y);
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
  // Shorter sums are a little better in float, what tensor cores cut off being 2e-7 of a sum of any length, and take no longer there.
  constexpr std::size_t least = 64, least_inner = 128;
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
    launch_grid(ctx, kernel, Grid{dim3(tiles.x, tiles.y, parts), block_size, shared_bytes}, p);
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
