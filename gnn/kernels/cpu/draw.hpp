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
};

/// philox() of the first n counters in `draws`, in place. Lanes after them hold nothing of use.
void draw(const Dropout& dropout, std::size_t n, Draws& draws);

}  // namespace gnn::inline GNN_PRECISION::cpu
