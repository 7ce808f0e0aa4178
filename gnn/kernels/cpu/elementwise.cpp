// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/elementwise.hpp>

#include <memory>

#include <gnn/kernels/cpu/parallel.hpp>
#include <gnn/kernels/cpu/reduce.hpp>
#include <gnn/kernels/cpu/simd.hpp>

// Plan of every kernel here: the numbers are cut into pieces of fixed size, a piece has one owner.
namespace gnn::inline GNN_PRECISION::cpu {
namespace {

constexpr std::size_t piece = 16384;  // a few microseconds of work, so that pieces fall evenly to the threads

GNN_SIMD void fill_range(Real value, Real* y, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) y[k] = value;
}

GNN_SIMD void add_scaled_range(Real factor, const Real* x, Real* y, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) y[k] += factor * x[k];
}

GNN_SIMD void add_range(const Real* a, const Real* b, Real* y, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) y[k] = a[k] + b[k];
}

GNN_SIMD void elu_range(const Real* x, Real* y, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) {
    const Real below = exponential(x[k]) - 1;
    // Near zero e^x - 1 cancels; the series keeps the relative error small.
    const Real series = x[k] * (1 + x[k] * (Real(0.5) + x[k] * Real(1.0 / 6)));
    const Real negative = sizeof(Real) == 4 && x[k] > Real(-0.01) ? series : below;
    y[k] = x[k] > 0 ? x[k] : negative;
  }
}

GNN_SIMD void elu_backward_range(const Real* y, const Real* dy, Real* dx, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) dx[k] += dy[k] * (y[k] > 0 ? 1 : y[k] + 1);
}

GNN_SIMD void leaky_relu_range(const Real* x, Real slope, Real* y, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) y[k] = x[k] > 0 ? x[k] : slope * x[k];
}

GNN_SIMD void leaky_relu_backward_range(const Real* x, Real slope, const Real* dy, Real* dx, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) dx[k] += dy[k] * (x[k] > 0 ? 1 : slope);
}

// mask[k] = multiplier of element first + k, for a mask of its own (masks = 1): four elements share an address.
GNN_SIMD void draw_elements(const Dropout& d, std::uint64_t first, Real* mask, std::size_t n) {
  Draws draws;
  Real drawn[4 * draw_lanes];
  for (std::size_t done = 0; done < n;) {
    const std::uint64_t address = (first + done) / 4;
    const std::size_t skip = (first + done) % 4, count = std::min(n - done, 4 * draw_lanes - skip);
    const std::size_t addresses = (skip + count + 3) / 4;
    for (std::size_t k = 0; k < addresses; ++k) draws.set(k, address + k, d.stream);
    draw(d, addresses, draws);
    keep_or_drop(d, draws, addresses, drawn);
    std::memcpy(mask + done, drawn + skip, count * sizeof(Real));
    done += count;
  }
}

// The same for n rows of a few columns each, whose nodes do not follow on one another: mask is n x cols.
GNN_SIMD void draw_rows(const Dropout& d, const NodeId* ids, std::size_t n, std::size_t cols, Real* mask) {
  Draws draws;
  Real drawn[4 * draw_lanes];
  const bool whole = cols % 4 == 0;  // rows start at an address and fill the last
  const std::size_t most = whole ? cols / 4 : (cols + 6) / 4;
  for (std::size_t i = 0; i < n;) {
    const std::size_t rows = std::min(n - i, draw_lanes / most);
    for (std::size_t r = 0; r < rows; ++r) {
      const std::uint64_t address = std::uint64_t(ids[i + r]) * cols / 4;
      for (std::size_t k = 0; k < most; ++k) draws.set(r * most + k, address + k, d.stream);
    }
    draw(d, rows * most, draws);
    keep_or_drop(d, draws, rows * most, whole ? mask + i * cols : drawn);
    for (std::size_t r = 0; r < rows && !whole; ++r) {
      const Real* from = drawn + 4 * r * most + std::uint64_t(ids[i + r]) * cols % 4;
      for (std::size_t c = 0; c < cols; ++c) mask[(i + r) * cols + c] = from[c];
    }
    i += rows;
  }
}

// The same for one of several masks, whose elements lie `masks` apart: each takes one word of an address of its own.
GNN_SIMD void draw_one_by_one(const Dropout& d, const MaskPlace& place, std::size_t cols, std::size_t first, std::size_t n,
                              Real* multiplier) {
  Draws draws;
  std::uint32_t word[draw_lanes];
  std::size_t row = first / cols, column = first % cols;
  for (std::size_t done = 0; done < n; done += draw_lanes) {
    const std::size_t count = std::min(n - done, draw_lanes);
    for (std::size_t k = 0; k < count; ++k) {
      const std::uint64_t id = place.ids ? std::uint64_t(place.ids[row]) : row;
      const std::uint64_t element = (id * cols + column) * place.masks + place.mask;
      draws.set(k, element / 4, d.stream);
      word[k] = std::uint32_t(element % 4);
      if (++column == cols) column = 0, ++row;
    }
    draw(d, count, draws);
    keep_or_drop_one(d, draws, word, count, multiplier + done);
  }
}

GNN_SIMD void multiply_range(const Real* x, const Real* mask, Real* y, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) y[k] = x[k] * mask[k];
}

GNN_SIMD void add_product_range(const Real* x, const Real* mask, Real* y, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) y[k] += x[k] * mask[k];
}

// multiplier[k] = that of element first + k of a matrix of `cols` columns, for k below n; whole rows when there are ids.
void draw_mask(const Dropout& d, const MaskPlace& place, std::size_t cols, std::size_t first, std::size_t n, Real* multiplier) {
  if (place.masks == 1 && !place.ids) return draw_elements(d, first, multiplier, n);
  if (place.masks == 1 && cols <= 2 * draw_lanes) return draw_rows(d, place.ids + first / cols, n / cols, cols, multiplier);
  draw_one_by_one(d, place, cols, first, n, multiplier);
}

// Calls work(first, count, multipliers) for pieces of a matrix.
template <class Work>
void with_mask(Context& ctx, ConstMat shape, const Dropout& d, const MaskPlace& place, const Work& work) {
  const std::size_t cols = std::max<std::size_t>(1, shape.cols);
  const std::size_t rows = std::max<std::size_t>(1, 4096 / cols);
  parallel_ranges(ctx, shape.rows, rows, [&](std::size_t first, std::size_t last) {
    const std::size_t begin = first * cols, count = (last - first) * cols;
    if (d.frozen) return work(begin, count, d.frozen + begin);
    const auto multiplier = std::make_unique_for_overwrite<Real[]>(count);
    draw_mask(d, place, cols, begin, count, multiplier.get());
    work(begin, count, multiplier.get());
  });
}

}  // namespace

void fill(Context& ctx, Mat y, Real value) {
  parallel_ranges(ctx, y.size(), piece, [&](std::size_t first, std::size_t last) { fill_range(value, y.data + first, last - first); });
}

void copy(Context& ctx, ConstMat x, Mat y) {
  parallel_ranges(ctx, y.size(), piece, [&](std::size_t first, std::size_t last) {
    std::memcpy(y.data + first, x.data + first, (last - first) * sizeof(Real));
  });
}

void add_scaled(Context& ctx, Real factor, ConstMat x, Mat y) {
  parallel_ranges(ctx, y.size(), piece, [&](std::size_t first, std::size_t last) {
    add_scaled_range(factor, x.data + first, y.data + first, last - first);
  });
}

void add(Context& ctx, ConstMat a, ConstMat b, Mat y) {
  parallel_ranges(ctx, y.size(), piece, [&](std::size_t first, std::size_t last) {
    add_range(a.data + first, b.data + first, y.data + first, last - first);
  });
}

void add_row(Context& ctx, ConstMat x, ConstMat row, Mat y) {
  parallel_ranges(ctx, y.rows, rows_per_piece(y.cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) add_range(x.row(i), row.data, y.row(i), y.cols);
  });
}

void add_column_sums(Context& ctx, ConstMat x, Mat row) {
  reduce_rows(ctx, x.rows, x.cols, row.data, [&](std::size_t first, std::size_t last, Real* sum) {
    for (std::size_t i = first; i < last; ++i) add_scaled_range(1, x.row(i), sum, x.cols);
  });
}

void elu(Context& ctx, ConstMat x, Mat y) {
  parallel_ranges(ctx, y.size(), piece, [&](std::size_t first, std::size_t last) {
    elu_range(x.data + first, y.data + first, last - first);
  });
}

void elu_backward(Context& ctx, ConstMat y, ConstMat dy, Mat dx) {
  parallel_ranges(ctx, dx.size(), piece, [&](std::size_t first, std::size_t last) {
    elu_backward_range(y.data + first, dy.data + first, dx.data + first, last - first);
  });
}

void leaky_relu(Context& ctx, ConstMat x, Real slope, Mat y) {
  parallel_ranges(ctx, y.size(), piece, [&](std::size_t first, std::size_t last) {
    leaky_relu_range(x.data + first, slope, y.data + first, last - first);
  });
}

void leaky_relu_backward(Context& ctx, ConstMat x, Real slope, ConstMat dy, Mat dx) {
  parallel_ranges(ctx, dx.size(), piece, [&](std::size_t first, std::size_t last) {
    leaky_relu_backward_range(x.data + first, slope, dy.data + first, dx.data + first, last - first);
  });
}

void dropout_forward(Context& ctx, ConstMat x, Dropout dropout, MaskPlace place, Mat y) {
  with_mask(ctx, y, dropout, place, [&](std::size_t first, std::size_t count, const Real* m) {
    multiply_range(x.data + first, m, y.data + first, count);
  });
}

void dropout_backward(Context& ctx, ConstMat dy, Dropout dropout, MaskPlace place, Mat dx) {
  with_mask(ctx, dx, dropout, place, [&](std::size_t first, std::size_t count, const Real* m) {
    add_product_range(dy.data + first, m, dx.data + first, count);
  });
}

void pad_heads(Context& ctx, ConstMat x, std::size_t heads, Mat y) {
  const std::size_t from = x.cols / heads, to = y.cols / heads;
  parallel_ranges(ctx, y.rows, rows_per_piece(y.cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      std::fill(y.row(i), y.row(i) + y.cols, Real(0));
      for (std::size_t h = 0; h < heads; ++h) std::copy(x.row(i) + h * from, x.row(i) + (h + 1) * from, y.row(i) + h * to);
    }
  });
}

void pad_heads_backward(Context& ctx, ConstMat dy, std::size_t heads, Mat dx) {
  const std::size_t from = dx.cols / heads, to = dy.cols / heads;
  parallel_ranges(ctx, dx.rows, rows_per_piece(dy.cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      for (std::size_t h = 0; h < heads; ++h) add_scaled_range(1, dy.row(i) + h * to, dx.row(i) + h * from, from);
    }
  });
}

void mean_heads(Context& ctx, ConstMat x, std::size_t heads, Mat y) {
  parallel_ranges(ctx, y.rows, rows_per_piece(x.cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      std::fill(y.row(i), y.row(i) + y.cols, Real(0));
      for (std::size_t h = 0; h < heads; ++h) add_scaled_range(1, x.row(i) + h * y.cols, y.row(i), y.cols);
      for (std::size_t c = 0; c < y.cols; ++c) y.row(i)[c] /= Real(heads);
    }
  });
}

void mean_heads_backward(Context& ctx, ConstMat dy, std::size_t heads, Mat dx) {
  parallel_ranges(ctx, dy.rows, rows_per_piece(dx.cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      for (std::size_t h = 0; h < heads; ++h) add_scaled_range(1 / Real(heads), dy.row(i), dx.row(i) + h * dy.cols, dy.cols);
    }
  });
}

}  // namespace gnn::inline GNN_PRECISION::cpu
