// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <gnn/core/philox.hpp>

namespace gnn::inline GNN_PRECISION::cpu {

inline constexpr std::size_t draw_lanes = 256;

/// Up to draw_lanes Philox addresses, and after draw() their words: number j of address k is word[j][k].
struct Draws {
  alignas(64) std::uint32_t word[4][draw_lanes];

  void set(std::size_t k, std::uint64_t element, std::uint32_t stream) {
    word[0][k] = std::uint32_t(element);
    word[1][k] = std::uint32_t(element >> 32);
    word[2][k] = stream;
  }
};

/// Draws at the first n addresses, for the step of `dropout`. Lanes after them hold nothing of use.
void draw(const Dropout& dropout, std::size_t n, Draws& draws);

}  // namespace gnn::inline GNN_PRECISION::cpu
