// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <gnn/core/philox.hpp>
#include <gnn/kernels/cuda/launch.cuh>

// The draws of core/philox.hpp for device code: same addresses, same words.
namespace gnn::inline GNN_PRECISION::cuda {

/// A product of 64 bits in one instruction, which the compiler mostly makes two of when it sees what the factors come from.
__device__ inline std::uint64_t wide_product(std::uint32_t x, std::uint32_t y) {
#ifdef __CUDA_ARCH__
  std::uint64_t product;
  asm("mul.wide.u32 %0, %1, %2;" : "=l"(product) : "r"(x), "r"(y));
  return product;
#else
  return std::uint64_t(x) * y;
#endif
}

/// The four words of one Philox address, see philox(). In a small graph's kernels, where warps wait for themselves, every
/// instruction counts.
__device__ inline uint4 philox_words(uint4 c, std::uint32_t key0, std::uint32_t key1) {
#pragma unroll
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = wide_product(c.x, 0xD2511F53u), b = wide_product(c.z, 0xCD9E8D57u);
    c = make_uint4(std::uint32_t(b >> 32) ^ c.y ^ key0, std::uint32_t(b), std::uint32_t(a >> 32) ^ c.w ^ key1, std::uint32_t(a));
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return c;
}

/// The step that a draw belongs to.
__device__ inline std::uint32_t step_of(const Dropout& d) { return d.step_at ? *d.step_at : d.step; }

/// The words of an address of d's draws, and the address of four features, from 4 * four on; the step in it is step_of(d).
__device__ inline uint4 words_at(const Dropout& d, uint4 address) {
  return philox_words(address, std::uint32_t(d.seed), std::uint32_t(d.seed >> 32));
}
__device__ inline uint4 feature_address(const Dropout& d, std::uint64_t four, std::uint32_t step) {
  return make_uint4(std::uint32_t(four), std::uint32_t(four >> 32), d.stream, step);
}

/// Word number `which` (0 to 3), and the multiplier that it stands for.
__device__ inline std::uint32_t word_of(uint4 w, unsigned which) { return which == 0 ? w.x : which == 1 ? w.y : which == 2 ? w.z : w.w; }
__device__ inline Real multiplier_of(const Dropout& d, uint4 w, unsigned which) { return word_of(w, which) >= d.threshold ? d.scale : Real(0); }
/// Bit k: whether word k keeps its number.
__device__ inline std::uint32_t kept_words(std::uint32_t threshold, uint4 w) {
  return unsigned(w.x >= threshold) | unsigned(w.y >= threshold) << 1 | unsigned(w.z >= threshold) << 2 | unsigned(w.w >= threshold) << 3;
}
__device__ inline std::uint32_t kept_words(const Dropout& d, uint4 w) { return kept_words(d.threshold, w); }

/// Dropout's multiplier of one feature: see feature_counter() for its element. Frozen ones are left to the caller.
__device__ inline Real feature_multiplier(const Dropout& d, std::uint64_t element) {
  if (d.threshold == 0) return d.scale;
  return multiplier_of(d, words_at(d, feature_address(d, element / 4, step_of(d))), unsigned(element % 4));
}

/// The same for n features side by side, whose words share addresses. whole: `first` is a multiple of n.
template <unsigned n, bool whole = false>
__device__ inline void feature_multipliers(const Dropout& d, std::uint64_t first, Real (&multiplier)[n]) {
  const std::uint32_t step = step_of(d);
  if (n == 4 && (whole || first % 4 == 0)) {
    const uint4 words = words_at(d, feature_address(d, first / 4, step));
#pragma unroll
    for (unsigned k = 0; k < n; ++k) multiplier[k] = multiplier_of(d, words, k);
    return;
  }
  if constexpr (n != 4 || !whole) {
#pragma unroll 1
    for (std::uint64_t four = first / 4; four <= (first + n - 1) / 4; ++four) {
      const uint4 words = words_at(d, feature_address(d, four, step));
#pragma unroll
      for (unsigned k = 0; k < n; ++k) {
        if ((first + k) / 4 == four) multiplier[k] = multiplier_of(d, words, unsigned(first + k) % 4);
      }
    }
  }
}

/// Where the words of four heads, from 4 * four on, of the edge at place e of `rows` are drawn: see edge_counter().
__device__ inline uint4 edge_address(const Dropout& d, const CsrView& rows, std::size_t e, std::size_t target, std::size_t source,
                                     std::uint32_t four) {
  const std::uint32_t rank = rows.rank ? rows.rank[e] : 0;
  const std::uint32_t to = std::uint32_t(rows.ids ? std::size_t(rows.ids[target]) : target);
  const std::uint32_t from = std::uint32_t(rows.ids ? std::size_t(rows.ids[source]) : source);
  return make_uint4(to, from, d.stream + (four << 12) + (rank << 22), step_of(d));
}

/// Dropout's multiplier of one head of the edge at place e of `rows`.
__device__ inline Real edge_multiplier(const Dropout& d, const CsrView& rows, std::size_t e, std::size_t target,
                                       std::size_t source, std::size_t head, std::size_t heads) {
  if (d.frozen) return d.frozen[edge_at(rows, e) * heads + head];
  if (d.threshold == 0) return 1;
  return multiplier_of(d, words_at(d, edge_address(d, rows, e, target, source, std::uint32_t(head / 4))), unsigned(head % 4));
}

}  // namespace gnn::inline GNN_PRECISION::cuda
