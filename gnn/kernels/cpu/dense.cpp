// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cpu/dense.hpp>

#include <memory>

#include <gnn/kernels/cpu/parallel.hpp>
#include <gnn/kernels/cpu/simd.hpp>

// The product of Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication". b is copied once into
// panels of a few columns, depth by depth; then a worker owns a block of rows (and, when these are few, of columns) of
// c, copies its rows of a into panels of a few rows, and multiplies panel by panel: a panel of b stays in the first
// cache, and a tile of c, a few rows by two vectors, in registers. Tiles have the shape of the processor's registers;
// the order of every sum depends on `depth` only.
namespace gnn::inline GNN_PRECISION::cpu {

#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(GNN_NO_CLONES)

namespace {

constexpr std::size_t depth = 256;     // of the inner size that is worked off at once
constexpr std::size_t block_rows = 96;  // of c that a worker owns: a multiple of a tile's rows
constexpr std::size_t few_blocks = 32, block_columns = 256;  // with few blocks of rows columns are cut, too
constexpr std::size_t smallest = 32;

#define GNN_TARGET_V3 __attribute__((target("arch=x86-64-v3")))
#define GNN_TARGET_V4 __attribute__((target("arch=x86-64-v4")))

template <std::size_t bytes>
struct VectorOf {
  typedef Real type __attribute__((vector_size(bytes), aligned(alignof(Real)), may_alias));
};

// The registers of a processor: tile_rows x (2 vectors of `bytes`) sums, two vectors of b and one number of a.
template <std::size_t bytes, std::size_t tile_rows>
struct Tiles {
  using Vec = typename VectorOf<bytes>::type;
  static constexpr std::size_t lanes = bytes / sizeof(Real), rows = tile_rows, columns = 2 * lanes;
  static_assert(block_rows % rows == 0 && block_columns % columns == 0);

  // to[k][c] = b(k_first + k, first + c), zero beyond the last column.
  static GNN_INLINE void pack_columns(const DenseFactor& b, std::size_t first, std::size_t k_first, std::size_t count, Real* to) {
    const std::size_t here = std::min(columns, b.cols - first);
    const Real* from = b.data + first * b.column_step + k_first * b.row_step;
    if (here < columns) std::fill_n(to, count * columns, Real(0));
    if (b.column_step == 1) {
      for (std::size_t k = 0; k < count; ++k) std::copy_n(from + k * b.row_step, here, to + k * columns);
    } else {
      for (std::size_t c = 0; c < here; ++c) {
        for (std::size_t k = 0; k < count; ++k) to[k * columns + c] = from[c * b.column_step + k * b.row_step];
      }
    }
  }

  // to[k][r] = a(first + r, k_first + k), zero beyond the last row.
  static GNN_INLINE void pack_rows(const DenseFactor& a, std::size_t first, std::size_t k_first, std::size_t count, Real* to) {
    const std::size_t here = std::min(rows, a.rows - first);
    const Real* from = a.data + first * a.row_step + k_first * a.column_step;
    if (here < rows) std::fill_n(to, count * rows, Real(0));
    if (a.row_step == 1) {
      for (std::size_t k = 0; k < count; ++k) std::copy_n(from + k * a.column_step, here, to + k * rows);
    } else {
      for (std::size_t r = 0; r < here; ++r) {
        for (std::size_t k = 0; k < count; ++k) to[k * rows + r] = from[r * a.row_step + k * a.column_step];
      }
    }
  }

  // A tile of c from a panel of a and one of b; `ours` rows and columns of it exist.
  static GNN_INLINE void multiply(const Real* a, const Real* b, std::size_t count, bool add, std::size_t our_rows,
                                  std::size_t our_columns, Real* c, std::size_t stride) {
    Vec sum[rows][2] = {};
    for (std::size_t k = 0; k < count; ++k, a += rows, b += columns) {
      const Vec left = *reinterpret_cast<const Vec*>(b), right = *reinterpret_cast<const Vec*>(b + lanes);
#pragma GCC unroll 16
      for (std::size_t r = 0; r < rows; ++r) {
        sum[r][0] += a[r] * left;
        sum[r][1] += a[r] * right;
      }
    }
    if (our_rows == rows && our_columns == columns) {
#pragma GCC unroll 16
      for (std::size_t r = 0; r < rows; ++r) {
        Vec& left = *reinterpret_cast<Vec*>(c + r * stride);
        Vec& right = *reinterpret_cast<Vec*>(c + r * stride + lanes);
        left = add ? left + sum[r][0] : sum[r][0];
        right = add ? right + sum[r][1] : sum[r][1];
      }
      return;
    }
    Real rest[rows][columns];
#pragma GCC unroll 16
    for (std::size_t r = 0; r < rows; ++r) {
      *reinterpret_cast<Vec*>(rest[r]) = sum[r][0];
      *reinterpret_cast<Vec*>(rest[r] + lanes) = sum[r][1];
    }
    for (std::size_t r = 0; r < our_rows; ++r) {
      for (std::size_t j = 0; j < our_columns; ++j) c[r * stride + j] = rest[r][j] + (add ? c[r * stride + j] : 0);
    }
  }

  // Rows [i, i_end) and columns [j, j_end) of c. packed: b's panels, one depth behind the other. scratch: block_rows x
  // depth numbers.
  static GNN_INLINE void block(const DenseFactor& a, const Real* packed, std::size_t i, std::size_t i_end, std::size_t j,
                               std::size_t j_end, bool add, Real* scratch, Mat c) {
    const std::size_t padded = (c.cols + columns - 1) / columns * columns;
    for (std::size_t k = 0; k < a.cols; k += depth) {
      const std::size_t count = std::min(depth, a.cols - k);
      for (std::size_t r = i; r < i_end; r += rows) pack_rows(a, r, k, count, scratch + (r - i) * count);
      for (std::size_t col = j; col < j_end; col += columns) {
        const Real* panel = packed + k * padded + col * count;
        for (std::size_t r = i; r < i_end; r += rows) {
          multiply(scratch + (r - i) * count, panel, count, add || k > 0, std::min(rows, i_end - r),
                   std::min(columns, j_end - col), c.row(r) + col, c.stride);
        }
      }
    }
  }
};

// 16 registers of 32 bytes, and 32 of 64.
using TilesV3 = Tiles<32, 6>;
using TilesV4 = Tiles<64, 12>;
struct V3 : TilesV3 {
  GNN_TARGET_V3 static void pack(const DenseFactor& b, std::size_t first, std::size_t k, std::size_t count, Real* to) {
    pack_columns(b, first, k, count, to);
  }
  GNN_TARGET_V3 static void run(const DenseFactor& a, const Real* packed, std::size_t i, std::size_t i_end, std::size_t j,
                                std::size_t j_end, bool add, Real* scratch, const Mat& c) {
    block(a, packed, i, i_end, j, j_end, add, scratch, c);
  }
};
struct V4 : TilesV4 {
  GNN_TARGET_V4 static void pack(const DenseFactor& b, std::size_t first, std::size_t k, std::size_t count, Real* to) {
    pack_columns(b, first, k, count, to);
  }
  GNN_TARGET_V4 static void run(const DenseFactor& a, const Real* packed, std::size_t i, std::size_t i_end, std::size_t j,
                                std::size_t j_end, bool add, Real* scratch, const Mat& c) {
    block(a, packed, i, i_end, j, j_end, add, scratch, c);
  }
};

bool is_v3() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"); }
bool is_v4() {
  return is_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

template <class Version>
void multiply_with(Context& ctx, const DenseFactor& a, const DenseFactor& b, bool add, Mat c) {
  const std::size_t panels = (c.cols + Version::columns - 1) / Version::columns, padded = panels * Version::columns;
  const Tensor packed = ctx.tensor(a.cols, padded);
  const std::size_t depths = (a.cols + depth - 1) / depth;
  parallel_blocks(ctx, depths * panels, [&](std::size_t b_index) {
    const std::size_t k = b_index / panels * depth, column = b_index % panels * Version::columns;
    const std::size_t count = std::min(depth, a.cols - k);
    Version::pack(b, column, k, count, packed.data() + k * padded + column * count);
  });
  const std::size_t down = (c.rows + block_rows - 1) / block_rows;
  const std::size_t wide = down < few_blocks ? block_columns : padded, across = (c.cols + wide - 1) / wide;
  parallel_blocks(ctx, down * across, [&](std::size_t block) {
    const std::size_t i = block / across * block_rows, j = block % across * wide;
    const auto scratch = std::make_unique_for_overwrite<Real[]>(block_rows * depth);
    Version::run(a, packed.data(), i, std::min(c.rows, i + block_rows), j, std::min(c.cols, j + wide), add, scratch.get(), c);
  });
}
}  // namespace

bool large_product(Context& ctx, const DenseFactor& a, const DenseFactor& b, bool add, Mat c) {
  if (a.rows < smallest || a.cols < smallest || b.cols < smallest || !is_v3()) return false;
  is_v4() ? multiply_with<V4>(ctx, a, b, add, c) : multiply_with<V3>(ctx, a, b, add, c);
  return true;
}

#else

bool large_product(Context&, const DenseFactor&, const DenseFactor&, bool, Mat) { return false; }

#endif

}  // namespace gnn::inline GNN_PRECISION::cpu
