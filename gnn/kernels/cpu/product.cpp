// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/product.hpp>

#include <memory>
#include <vector>

#include <Eigen/Core>

#include <gnn/kernels/cpu/dense.hpp>
#include <gnn/kernels/cpu/parallel.hpp>
#include <gnn/kernels/cpu/reduce.hpp>
#include <gnn/kernels/cpu/simd.hpp>

// Large dense products are our own (dense.hpp); small ones are Eigen's, called for one fixed tile of rows at a time, so that the sums inside have the same order
// for any number of threads. Sparse products walk the rows of the sparse side; each output row has one owner.
namespace gnn::inline GNN_PRECISION::cpu {
namespace {

using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Stride = Eigen::OuterStride<>;

Eigen::Map<const Matrix, 0, Stride> tile(ConstMat x, std::size_t first, std::size_t last) {
  return {x.row(first), Eigen::Index(last - first), Eigen::Index(x.cols), Stride(Eigen::Index(x.stride))};
}
Eigen::Map<Matrix, 0, Stride> tile(Mat x, std::size_t first, std::size_t last) {
  return {x.row(first), Eigen::Index(last - first), Eigen::Index(x.cols), Stride(Eigen::Index(x.stride))};
}
constexpr std::size_t tile_rows = 256;

constexpr std::size_t chunk = draw_lanes;  // non-zeros whose masks are drawn at once

// Multipliers of n non-zeros, n x masks: value times mask. row and column name each non-zero's place in x itself, also
// when the walk is over x transposed.
GNN_SIMD void draw_nonzeros(const Dropout& d, std::size_t width, std::size_t masks, const std::uint32_t* row,
                            const std::uint32_t* column, const Real* value, std::size_t n, Real* multiplier) {
  Draws draws;
  Real drawn[4 * chunk];
  for (std::size_t g = 0; g < masks; g += 4) {
    for (std::size_t k = 0; k < n; ++k) {
      draws.set(k, ((std::uint64_t(row[k]) * width + column[k]) * masks + g) / 4, d.stream);
    }
    draw(d, n, draws);
    keep_or_drop(d, draws, n, drawn);
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t j = 0; j < 4; ++j) multiplier[k * masks + g + j] = value[k] * drawn[4 * k + j];
    }
  }
}

// The same when the masks of a non-zero do not fill whole addresses: each takes one word of an address of its own.
GNN_SIMD void draw_nonzeros_one_by_one(const Dropout& d, std::size_t width, std::size_t masks, const std::uint32_t* row,
                                       const std::uint32_t* column, const Real* value, std::size_t n, Real* multiplier) {
  Draws draws;
  std::uint32_t place[chunk];
  Real drawn[chunk];
  for (std::size_t g = 0; g < masks; ++g) {
    for (std::size_t k = 0; k < n; ++k) {
      const std::uint64_t element = (std::uint64_t(row[k]) * width + column[k]) * masks + g;
      draws.set(k, element / 4, d.stream);
      place[k] = std::uint32_t(element % 4);
    }
    draw(d, n, draws);
    keep_or_drop_one(d, draws, place, n, drawn);
    for (std::size_t k = 0; k < n; ++k) multiplier[k * masks + g] = drawn[k] * value[k];
  }
}

// Which of n non-zeros pass which mask.
GNN_SIMD void remember(const Real* multiplier, std::size_t n, std::uint8_t* kept) {
  for (std::size_t k = 0; k < n; ++k) kept[k] = multiplier[k] != 0;
}

// The multipliers once more, by what was kept; place[k] is where non-zero k stood then. No branch: half of them would be
// mispredicted.
GNN_INLINE void recall_masks(const std::uint8_t* kept, std::size_t masks, Real scale, const EdgeOffset* place, const Real* value,
                             std::size_t n, Real* multiplier) {
  for (std::size_t k = 0; k < n; ++k) {
    const std::uint8_t* from = kept + std::size_t(place[k]) * masks;
    const Real m = value[k] * scale;
    for (std::size_t g = 0; g < masks; ++g) multiplier[k * masks + g] = Real(from[g]) * m;
  }
}

GNN_SIMD void recall(const std::uint8_t* kept, std::size_t masks, Real scale, const EdgeOffset* place, const Real* value,
                     std::size_t n, Real* multiplier) {
  if (masks == 8) return recall_masks(kept, 8, scale, place, value, n, multiplier);  // a constant becomes one vector
  recall_masks(kept, masks, scale, place, value, n, multiplier);
}

// y += multiplier[k, g] w[column[k], g], over n non-zeros and 64 columns, whose sums stay in registers. Groups are 8
// columns wide, or all 64 columns lie in one.
template <std::size_t lanes, bool narrow_groups>
GNN_INLINE void gather_tile(const Real* multiplier, std::size_t masks, const NodeId* column, std::size_t n, const Real* w,
                            std::size_t stride, Real* y) {
  using L = Lanes<lanes>;
  constexpr std::size_t count = 64 / lanes;
  typename L::Vec sum[count];
  for (std::size_t v = 0; v < count; ++v) sum[v] = L::load(y + lanes * v);
  for (std::size_t k = 0; k < n; ++k) {
    const Real* from = w + std::size_t(column[k]) * stride;
    const Real* m = multiplier + k * masks;
    for (std::size_t v = 0; v < count; ++v) {
      if constexpr (narrow_groups) {
        sum[v] += L::by_eights(m + v * lanes / 8) * L::load(from + lanes * v);
      } else {
        sum[v] += m[0] * L::load(from + lanes * v);
      }
    }
  }
  for (std::size_t v = 0; v < count; ++v) L::store(sum[v], y + lanes * v);
}

template <std::size_t lanes>
GNN_INLINE void gather_tiles(const Real* multiplier, std::size_t masks, const NodeId* column, std::size_t n, ConstMat w, Real* y) {
  const std::size_t width = w.cols / masks;
  for (std::size_t c = 0; c < w.cols; c += 64) {
    if (width == 8) {
      gather_tile<lanes, true>(multiplier + c / 8, masks, column, n, w.data + c, w.stride, y + c);
    } else {
      gather_tile<lanes, false>(multiplier + c / width, masks, column, n, w.data + c, w.stride, y + c);
    }
  }
}

GNN_SIMD_WIDE void gather_wide(const Real* multiplier, std::size_t masks, const NodeId* column, std::size_t n, ConstMat w, Real* y) {
  gather_tiles<16>(multiplier, masks, column, n, w, y);
}

GNN_SIMD void gather_narrow(const Real* multiplier, std::size_t masks, const NodeId* column, std::size_t n, ConstMat w, Real* y) {
  gather_tiles<8>(multiplier, masks, column, n, w, y);
}

GNN_SIMD void gather_any(const Real* multiplier, std::size_t masks, const NodeId* column, std::size_t n, ConstMat w, Real* y) {
  const std::size_t width = w.cols / masks;
  for (std::size_t k = 0; k < n; ++k) {
    const Real* from = w.row(std::size_t(column[k]));
    for (std::size_t g = 0; g < masks; ++g) {
      const Real m = multiplier[k * masks + g];
      for (std::size_t c = g * width; c < (g + 1) * width; ++c) y[c] += m * from[c];
    }
  }
}

void gather(const Real* multiplier, std::size_t masks, const NodeId* column, std::size_t n, ConstMat w, Real* y) {
  const std::size_t width = w.cols / masks;
  const bool in_tiles = w.cols % 64 == 0 && (width == 8 || width % 64 == 0);
  const auto function = !in_tiles ? gather_any : has_wide_vectors() ? gather_wide : gather_narrow;
  function(multiplier, masks, column, n, w, y);
}

// The multipliers of n non-zeros of `rows` from e on; row i holds the first. transposed: the rows are the columns of x,
// which matters for the masks only.
void draw_rows(const SparseView& rows, const Dropout& dropout, std::size_t masks, const NodeId* ids, bool transposed,
               std::size_t i, std::size_t e, std::size_t n, Real* multiplier) {
  const CsrView& p = rows.pattern;
  const std::size_t width = std::size_t(transposed ? p.num_rows : p.num_columns);
  std::uint32_t row[chunk], column[chunk];
  for (std::size_t k = 0, r = i; k < n; ++r) {
    const std::size_t run = std::min(n, std::size_t(p.offsets[r + 1]) - e);
    for (; k < run; ++k) {
      const std::size_t node = transposed ? std::size_t(p.columns[e + k]) : r;
      row[k] = std::uint32_t(ids ? std::size_t(ids[node]) : node);
      column[k] = transposed ? std::uint32_t(r) : std::uint32_t(p.columns[e + k]);
    }
  }
  const auto function = masks % 4 == 0 ? draw_nonzeros : draw_nonzeros_one_by_one;
  function(dropout, width, masks, row, column, rows.values + e, n, multiplier);
}

// For every row of `rows`: y[row] (+)= sum over its non-zeros of multiplier times w[column]. multipliers(i, e, n, result)
// gives those of n non-zeros from e on, the first of them in row i; it is not asked when there is no dropout.
template <class Multipliers>
void sparse_rows(Context& ctx, const SparseView& rows, ConstMat w, bool dropout, std::size_t masks, bool overwrite, Mat y,
                 const Multipliers& multipliers) {
  const CsrView& p = rows.pattern;
  parallel_blocks(ctx, p.num_blocks, [&](std::size_t b) {
    const auto multiplier = std::make_unique_for_overwrite<Real[]>(dropout ? chunk * masks : 0);
    const std::size_t first_row = std::size_t(p.blocks[b]), last_row = std::size_t(p.blocks[b + 1]);
    if (overwrite) {
      for (std::size_t i = first_row; i < last_row; ++i) std::fill(y.row(i), y.row(i) + y.cols, Real(0));
    }
    std::size_t i = first_row;
    const std::size_t end = std::size_t(p.offsets[last_row]);
    for (std::size_t e = std::size_t(p.offsets[first_row]); e < end; e += chunk) {
      const std::size_t n = std::min(chunk, end - e);
      if (dropout) multipliers(i, e, n, multiplier.get());
      for (std::size_t k = 0; k < n;) {
        while (e + k >= std::size_t(p.offsets[i + 1])) ++i;
        const std::size_t count = std::min(n, std::size_t(p.offsets[i + 1]) - e) - k;
        if (dropout) {
          gather(multiplier.get() + k * masks, masks, p.columns + e + k, count, w, y.row(i));
        } else {
          gather(rows.values + e + k, 1, p.columns + e + k, count, w, y.row(i));
        }
        k += count;
      }
    }
  });
}

}  // namespace

void matmul(Context& ctx, ConstMat x, ConstMat w, Mat y) {
  if (large_product(ctx, as_it_is(x), as_it_is(w), false, y)) return;
  parallel_ranges(ctx, y.rows, tile_rows, [&](std::size_t first, std::size_t last) {
    tile(y, first, last).noalias() = tile(x, first, last) * tile(w, 0, w.rows);
  });
}

void matmul_input_gradient(Context& ctx, ConstMat dy, ConstMat w, Mat dx) {
  if (large_product(ctx, as_it_is(dy), transposed(w), true, dx)) return;
  parallel_ranges(ctx, dx.rows, tile_rows, [&](std::size_t first, std::size_t last) {
    tile(dx, first, last).noalias() += tile(dy, first, last) * tile(w, 0, w.rows).transpose();
  });
}

void matmul_weight_gradient(Context& ctx, ConstMat x, ConstMat dy, Mat dw) {
  if (large_product(ctx, transposed(x), as_it_is(dy), true, dw)) return;
  // A large gradient is cut into bands of rows, each the sum over all nodes. A small one has too few bands, so there
  // the nodes are cut, and each piece's share of the sum goes to a partial result of its own.
  constexpr std::size_t band = 64;
  if (dw.rows >= 8 * band) {
    return parallel_ranges(ctx, dw.rows, band, [&](std::size_t first, std::size_t last) {
      tile(dw, first, last).noalias() += tile(x.columns(first, last - first), 0, x.rows).transpose() * tile(dy, 0, dy.rows);
    });
  }
  std::vector<Real> total(dw.size());
  reduce_rows(ctx, x.rows, total.size(), total.data(), [&](std::size_t first, std::size_t last, Real* sum) {
    tile(Mat{sum, dw.rows, dw.cols, dw.cols}, 0, dw.rows).noalias() += tile(x, first, last).transpose() * tile(dy, first, last);
  });
  tile(dw, 0, dw.rows) += tile(ConstMat{total.data(), dw.rows, dw.cols, dw.cols}, 0, dw.rows);
}

void sparse_matmul(Context& ctx, SparseView x, ConstMat w, Dropout dropout, std::size_t masks, const NodeId* ids,
                   std::uint8_t* kept, Mat y) {
  const auto multipliers = [&](std::size_t i, std::size_t e, std::size_t n, Real* result) {
    draw_rows(x, dropout, masks, ids, false, i, e, n, result);
    if (kept) remember(result, n * masks, kept + e * masks);
  };
  sparse_rows(ctx, x, w, dropout.active(), masks, true, y, multipliers);
}

void sparse_matmul_weight_gradient(Context& ctx, SparseView x_transposed, ConstMat dy, Dropout dropout, std::size_t masks,
                                   const NodeId* ids, const std::uint8_t* kept, Mat dw) {
  const SparseView& x = x_transposed;
  const auto multipliers = [&](std::size_t i, std::size_t e, std::size_t n, Real* result) {
    if (kept) return recall(kept, masks, dropout.scale, x.places + e, x.values + e, n, result);
    draw_rows(x, dropout, masks, ids, true, i, e, n, result);
  };
  sparse_rows(ctx, x, dy, dropout.active(), masks, false, dw, multipliers);
}

}  // namespace gnn::inline GNN_PRECISION::cpu
