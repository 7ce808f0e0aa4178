// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <gnn/core/philox.hpp>
#include <gnn/kernels/cuda/launch.cuh>

// The draws of core/philox.hpp for device code: same addresses, same words.
namespace gnn::inline GNN_PRECISION::cuda {

/// The four words of one Philox address, see philox(). Products of 64 bits are one instruction each, where their halves apart
/// are two: in a small graph's kernels, where warps wait for themselves, every instruction counts.
__device__ inline uint4 philox_words(uint4 c, std::uint32_t key0, std::uint32_t key1) {
#pragma unroll
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t(c.x) * 0xD2511F53u, b = std::uint64_t(c.z) * 0xCD9E8D57u;
    c = make_uint4(std::uint32_t(b >> 32) ^ c.y ^ key0, std::uint32_t(b), std::uint32_t(a >> 32) ^ c.w ^ key1, std::uint32_t(a));
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return c;
}

/// The step that a draw belongs to.
__device__ inline std::uint32_t step_of(const Dropout& d) { return d.step_at ? *d.step_at : d.step; }

/// The multiplier that word number `which` (0 to 3) of an address stands for.
__device__ inline Real drawn_multiplier(const Dropout& d, uint4 address, unsigned which) {
  const uint4 w = philox_words(address, std::uint32_t(d.seed), std::uint32_t(d.seed >> 32));
  const std::uint32_t word = which == 0 ? w.x : which == 1 ? w.y : which == 2 ? w.z : w.w;
  return word >= d.threshold ? d.scale : Real(0);
}

/// Dropout's multiplier of one feature: see feature_counter() for its element. Frozen ones are left to the caller.
__device__ inline Real feature_multiplier(const Dropout& d, std::uint64_t element) {
  if (d.threshold == 0) return d.scale;
  const std::uint64_t address = element / 4;
  return drawn_multiplier(d, make_uint4(std::uint32_t(address), std::uint32_t(address >> 32), d.stream, step_of(d)),
                          unsigned(element % 4));
}

/// The same for n features side by side, whose words share addresses.
template <unsigned n>
__device__ inline void feature_multipliers(const Dropout& d, std::uint64_t first, Real (&multiplier)[n]) {
  const std::uint32_t step = step_of(d);
#pragma unroll 1
  for (std::uint64_t address = first / 4; address <= (first + n - 1) / 4; ++address) {
    const uint4 words = philox_words(make_uint4(std::uint32_t(address), std::uint32_t(address >> 32), d.stream, step),
                                     std::uint32_t(d.seed), std::uint32_t(d.seed >> 32));
#pragma unroll
    for (unsigned k = 0; k < n; ++k) {
      if ((first + k) / 4 != address) continue;
      const unsigned which = unsigned(first + k) % 4;
      const std::uint32_t word = which == 0 ? words.x : which == 1 ? words.y : which == 2 ? words.z : words.w;
      multiplier[k] = word >= d.threshold ? d.scale : Real(0);
    }
  }
}

/// Where the words of four heads of the edge at place e of `rows` are drawn: see edge_counter().
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
  return drawn_multiplier(d, edge_address(d, rows, e, target, source, std::uint32_t(head / 4)), unsigned(head % 4));
}

}  // namespace gnn::inline GNN_PRECISION::cuda
