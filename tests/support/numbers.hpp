// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <span>
#include <type_traits>
#include <vector>

#include <gnn/kernels/context.hpp>

namespace gnn::test {

inline constexpr bool is_double = std::is_same_v<Real, double>;

/// A tolerance for each precision.
constexpr double tolerance(double in_float, double in_double) {
  return is_double ? in_double : in_float;
}

/// A matrix on the host, row by row.
struct Matrix {
  std::size_t rows = 0, cols = 0;
  std::vector<Real> values;
};

inline Tensor upload(Context& ctx, const Matrix& m) {
  return Tensor::from(ctx.pool(), m.rows, m.cols, m.values);
}

/// Uniform in (low, high), the same on every platform.
inline Matrix random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed, double low = -1,
                            double high = 1) {
  std::mt19937_64 random(seed);
  Matrix m{rows, cols, std::vector<Real>(rows * cols)};
  for (Real& v : m.values) v = Real(low + (high - low) * (double(random() >> 11) + 0.5) * 0x1p-53);
  return m;
}

inline double largest(std::span<const Real> values) {
  double most = 0;
  for (const Real v : values) most = std::max(most, std::abs(double(v)));
  return most;
}

/// The largest difference, relative to the largest expected number (absolute when all of them are zero).
/// Infinite when the sizes differ or a number is not finite.
inline double relative_error(std::span<const Real> actual, std::span<const Real> expected) {
  if (actual.size() != expected.size()) return INFINITY;
  double worst = 0;
  for (std::size_t k = 0; k < actual.size(); ++k) {
    const double difference = std::abs(double(actual[k]) - double(expected[k]));
    if (!std::isfinite(difference)) return INFINITY;
    worst = std::max(worst, difference);
  }
  const double scale = largest(expected);
  return scale > 0 ? worst / scale : worst;
}

inline bool all_finite(std::span<const Real> values) {
  return std::all_of(values.begin(), values.end(), [](Real v) { return std::isfinite(v); });
}

inline bool same_bits(std::span<const Real> a, std::span<const Real> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

}  // namespace gnn::test
