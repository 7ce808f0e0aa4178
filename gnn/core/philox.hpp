// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include <gnn/core/real.hpp>

/// Random numbers without state: Philox4x32-10 of Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
///
/// philox(counter, key) is a function of 128 + 64 bits with 128 bits of result, four words w[0] to w[3]. Each number
/// that training draws has an address, so both devices and any number of threads draw the same, in any order, and
/// dropout is drawn again in the backward pass and never stored. The packing of an address:
///
///   key      seed, low word; seed, high word
///   feature  c0, c1 = element / 4, low and high; c2 = stream; c3 = step; word element % 4
///            element = (row * width + column) * masks + mask, where masks is 1, or the heads that each have their own
///   edge     c0 = target; c1 = source; c2 = stream + (head / 4) * 2^12 + (rank % 2^10) * 2^22; c3 = step; word head % 4
///            rank counts the edges with the same two ends; so the place of an edge in an array has no influence
///
/// A stream is the number of one use in a model, below 2^12; steps are counted from 1, step 0 draws initial weights.
namespace gnn::inline GNN_PRECISION {

using PhiloxWords = std::array<std::uint32_t, 4>;

inline constexpr std::uint32_t max_streams = 1u << 12;
inline constexpr std::uint32_t max_mask_heads = 4u << 10;

constexpr PhiloxWords philox(PhiloxWords counter, std::uint32_t key0, std::uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t(0xD2511F53u) * counter[0];
    const std::uint64_t b = std::uint64_t(0xCD9E8D57u) * counter[2];
    counter = {std::uint32_t(b >> 32) ^ counter[1] ^ key0, std::uint32_t(b), std::uint32_t(a >> 32) ^ counter[3] ^ key1,
               std::uint32_t(a)};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

/// What one use of dropout needs to draw its mask: keep a number when its word is at least `threshold`.
struct Dropout {
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;
  std::uint32_t step = 0;
  std::uint32_t threshold = 0;  ///< 0: nothing is dropped
  Real scale = 1;               ///< what is kept is multiplied with this
  /// Multipliers that take the place of the draw, one a number in the order of the array (edges: num_edges x heads in
  /// the order of the rows by target). For worked examples.
  const Real* frozen = nullptr;
  /// Where a step that is captured as a CUDA graph finds its number each time that it runs; null: it is `step`.
  const std::uint32_t* step_at = nullptr;

  bool active() const { return threshold != 0 || frozen != nullptr; }
  std::uint32_t key0() const { return std::uint32_t(seed); }
  std::uint32_t key1() const { return std::uint32_t(seed >> 32); }
};

/// Dropout that zeroes a share p of the numbers, 0 <= p < 1, and divides the others by 1 - p.
inline Dropout make_dropout(std::uint64_t seed, std::uint32_t stream, std::uint32_t step, double p) {
  Dropout dropout{seed, stream, step, std::uint32_t(p * 4294967296.0), 1, nullptr, nullptr};
  if (dropout.threshold) dropout.scale = Real(1 / (1 - p));
  return dropout;
}

constexpr PhiloxWords feature_counter(std::uint64_t element, std::uint32_t stream, std::uint32_t step) {
  return {std::uint32_t(element / 4), std::uint32_t((element / 4) >> 32), stream, step};
}

constexpr PhiloxWords edge_counter(std::uint32_t target, std::uint32_t source, std::uint32_t rank, std::uint32_t head,
                                   std::uint32_t stream, std::uint32_t step) {
  return {target, source, stream + ((head / 4) << 12) + (rank << 22), step};
}

/// A word as a number in (0, 1): 24 bits, so that float and double agree.
constexpr double uniform(std::uint32_t word) { return (double(word >> 8) + 0.5) / 16777216.0; }

}  // namespace gnn::inline GNN_PRECISION
