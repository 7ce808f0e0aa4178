// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include <gnn/kernels/cpu/draw.hpp>

/// GNN_SIMD: compiles a function for three generations of processors; the loader picks one. The library itself is
/// built for the oldest, so it runs anywhere. What such a function calls must be GNN_INLINE to be compiled along.
/// Sanitizers and the resolver that picks do not go together, so they see the plain function.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(GNN_NO_CLONES)
#define GNN_SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GNN_SIMD
#endif
#define GNN_INLINE __attribute__((always_inline)) inline

/// GNN_SIMD_WIDE: compiles a function that works on sixteen numbers at once, for the processors that has_wide_vectors()
/// finds; on others such code would go through memory, so it has a twin of eight.
#if defined(__x86_64__)
#define GNN_SIMD_WIDE __attribute__((target("arch=x86-64-v4")))
#else
#define GNN_SIMD_WIDE
#endif

namespace gnn::inline GNN_PRECISION::cpu {

/// Eight numbers that are computed at once, anywhere in memory. The compiler makes of it what the processor has.
typedef Real Vec8 __attribute__((vector_size(8 * sizeof(Real)), aligned(alignof(Real)), may_alias));
/// Pointers, as clang takes any reference that a function returns for one to a whole multiple of the vector's size.
GNN_INLINE Vec8* vec8(Real* x) { return reinterpret_cast<Vec8*>(x); }
GNN_INLINE const Vec8* vec8(const Real* x) { return reinterpret_cast<const Vec8*>(x); }
/// Vectors of `lanes` numbers, 8 or 16, for code that comes in both widths. A template over the vector types themselves
/// would lose their alignment.
template <std::size_t lanes>
struct Lanes;
template <>
struct Lanes<8> {
  typedef Real Vec __attribute__((vector_size(8 * sizeof(Real)), aligned(alignof(Real)), may_alias));
  /// m[first] in the lanes of the first group of eight, m[first + 1] in those of the next.
  GNN_INLINE static Vec by_eights(const Real* m) { return Vec{} + m[0]; }
  GNN_INLINE static Vec load(const Real* x) { return *reinterpret_cast<const Vec*>(x); }
  GNN_INLINE static void store(const Vec& v, Real* x) { *reinterpret_cast<Vec*>(x) = v; }
};
template <>
struct Lanes<16> {
  typedef Real Vec __attribute__((vector_size(16 * sizeof(Real)), aligned(alignof(Real)), may_alias));
  GNN_INLINE static Vec by_eights(const Real* m) {
    return Vec{m[0], m[0], m[0], m[0], m[0], m[0], m[0], m[0], m[1], m[1], m[1], m[1], m[1], m[1], m[1], m[1]};
  }
  GNN_INLINE static Vec load(const Real* x) { return *reinterpret_cast<const Vec*>(x); }
  GNN_INLINE static void store(const Vec& v, Real* x) { *reinterpret_cast<Vec*>(x) = v; }
};
GNN_INLINE Real sum8(const Vec8& x) { return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7])); }

/// The eight sums sum8(x[h] * y[h]), h = 0 to 7, for the price of about three: a tree of pairwise additions in which
/// each level adds halves of two vectors at once.
GNN_INLINE Vec8 add_pairs(const Vec8& a, const Vec8& b) {
  return __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14) + __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
}
GNN_INLINE Vec8 add_quads(const Vec8& a, const Vec8& b) {
  return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13) + __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
}
GNN_INLINE Vec8 dots8(const Vec8* x, const Vec8* y) {
  const Vec8 low = add_quads(add_pairs(x[0] * y[0], x[1] * y[1]), add_pairs(x[2] * y[2], x[3] * y[3]));
  const Vec8 high = add_quads(add_pairs(x[4] * y[4], x[5] * y[5]), add_pairs(x[6] * y[6], x[7] * y[7]));
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 8, 9, 10, 11) + __builtin_shufflevector(low, high, 4, 5, 6, 7, 12, 13, 14, 15);
}
GNN_INLINE Vec8 dots8(const Real* x, const Real* y) { return dots8(vec8(x), vec8(y)); }

/// <x, y> over n numbers.
GNN_INLINE Real dot_product(const Real* x, const Real* y, std::size_t n) {
  if (n == 8) return sum8(*vec8(x) * *vec8(y));
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t c = 0; c < n; ++c) sum += x[c] * y[c];
  return sum;
}

/// 2^n for a float that was rounded to an integer n by adding 1.5 * 2^23: n stands in its lowest bits. For NaN it is some
/// number; a conversion to an integer would be undefined.
GNN_INLINE float power_of_two(float shifted) {
  std::uint32_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 127u) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return power;
}

/// e^x to 2 units in the last place, in plain arithmetic, so that a loop over it becomes vector code: x = n ln 2 + r,
/// e^r by its series. Below -87 gives about 1e-38 and above 88 about 2e38; NaN stays NaN.
GNN_INLINE float exponential(float x) {
  constexpr float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float shifted = x * 1.44269504f + magic, n = shifted - magic;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r * r + r + 1.0f;
  const float power = power_of_two(shifted);
  return p * power;
}
GNN_INLINE double exponential(double x) { return std::exp(x); }

/// e^x - 1 to 2 units in the last place for x up to 88, also next to zero, where the difference would cancel: with x = n ln 2
/// + r it is 2^n (e^r - 1) + (2^n - 1), and the series of e^r - 1 begins with r.
GNN_INLINE float exponential_minus_one(float x) {
  constexpr float magic = 12582912.0f;  // as in exponential()
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float shifted = x * 1.44269504f + magic, n = shifted - magic;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r * r + r;
  const float power = power_of_two(shifted);
  return power * p + (power - 1.0f);
}
GNN_INLINE double exponential_minus_one(double x) { return std::expm1(x); }

/// log(1 + t) to 2 units in the last place, for t from 0 to 1: twice the series of artanh(t / (2 + t)).
GNN_INLINE float log_one_plus(float t) {
  const float s = t / (2.0f + t), square = s * s;
  float p = 1.0f / 15;
  p = p * square + 1.0f / 13;
  p = p * square + 1.0f / 11;
  p = p * square + 1.0f / 9;
  p = p * square + 1.0f / 7;
  p = p * square + 1.0f / 5;
  p = p * square + 1.0f / 3;
  return 2.0f * s + 2.0f * s * square * p;
}
GNN_INLINE double log_one_plus(double t) { return std::log1p(t); }

/// log(1 + e^x); no exp can overflow.
GNN_INLINE Real softplus(Real x) { return (x > 0 ? x : 0) + log_one_plus(exponential(x > 0 ? -x : x)); }

/// multiplier[4 k + j] = what word j of address k does: 0 or the scale. No branch: half of them would be mispredicted.
GNN_INLINE void keep_or_drop(const Dropout& d, const Draws& draws, std::size_t n, Real* multiplier) {
  const std::uint32_t threshold = d.threshold;
  const Real scale = d.scale;
  for (std::size_t k = 0; k < n; ++k) {
    multiplier[4 * k + 0] = Real(std::int32_t(draws.word[0][k] >= threshold)) * scale;
    multiplier[4 * k + 1] = Real(std::int32_t(draws.word[1][k] >= threshold)) * scale;
    multiplier[4 * k + 2] = Real(std::int32_t(draws.word[2][k] >= threshold)) * scale;
    multiplier[4 * k + 3] = Real(std::int32_t(draws.word[3][k] >= threshold)) * scale;
  }
}

/// multiplier[k] = what word place[k] of address k does.
GNN_INLINE void keep_or_drop_one(const Dropout& d, const Draws& draws, const std::uint32_t* place, std::size_t n, Real* multiplier) {
  const std::uint32_t threshold = d.threshold;
  const Real scale = d.scale;
  for (std::size_t k = 0; k < n; ++k) {
    const std::uint32_t low = place[k] & 1 ? draws.word[1][k] : draws.word[0][k];
    const std::uint32_t high = place[k] & 1 ? draws.word[3][k] : draws.word[2][k];
    multiplier[k] = Real(std::int32_t((place[k] & 2 ? high : low) >= threshold)) * scale;
  }
}

/// Whether functions marked GNN_SIMD_WIDE run here and pay.
inline bool has_wide_vectors() {
#if defined(__x86_64__)
  static const bool found = sizeof(Real) == 4 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                            __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                            __builtin_cpu_supports("avx512vl");
  return found;
#else
  return false;
#endif
}

}  // namespace gnn::inline GNN_PRECISION::cpu
