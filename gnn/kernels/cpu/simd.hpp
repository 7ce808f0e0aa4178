// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include <gnn/core/philox.hpp>

/// GNN_SIMD: compiles a function for three generations of processors; the loader picks one. The library itself is
/// built for the oldest, so it runs anywhere. What such a function calls must be GNN_INLINE to be compiled along.
/// Sanitizers and the resolver that picks do not go together, so they see the plain function.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(GNN_NO_CLONES)
#define GNN_SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GNN_SIMD
#endif
#define GNN_INLINE __attribute__((always_inline)) inline

namespace gnn::inline GNN_PRECISION::cpu {

/// e^x to 2 units in the last place, in plain arithmetic, so that a loop over it becomes vector code: x = n ln 2 + r,
/// e^r by its series. Below -87 gives about 1e-38 and above 88 about 2e38; NaN stays NaN.
GNN_INLINE float exponential(float x) {
  constexpr float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float n = (x * 1.44269504f + magic) - magic;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r * r + r + 1.0f;
  const std::int32_t bits = (static_cast<std::int32_t>(n) + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return p * power;
}
GNN_INLINE double exponential(double x) { return std::exp(x); }

/// The four words of one Philox address, as scalars: see philox(). Loops over it become vector code.
GNN_INLINE void philox_words(std::uint32_t c0, std::uint32_t c1, std::uint32_t c2, std::uint32_t c3, std::uint32_t key0,
                             std::uint32_t key1, std::uint32_t& w0, std::uint32_t& w1, std::uint32_t& w2,
                             std::uint32_t& w3) {
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t(0xD2511F53u) * c0, b = std::uint64_t(0xCD9E8D57u) * c2;
    const std::uint32_t n0 = std::uint32_t(b >> 32) ^ c1 ^ key0, n2 = std::uint32_t(a >> 32) ^ c3 ^ key1;
    c0 = n0;
    c1 = std::uint32_t(b);
    c2 = n2;
    c3 = std::uint32_t(a);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  w0 = c0;
  w1 = c1;
  w2 = c2;
  w3 = c3;
}

}  // namespace gnn::inline GNN_PRECISION::cpu
