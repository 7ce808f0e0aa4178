// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace gnn::datasets {

/// SplitMix64 (Steele et al. 2014). The distributions of `<random>` differ between standard libraries, this
/// does not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  /// A number from 0 to bound - 1, all equally likely.
  std::uint64_t below(std::uint64_t bound) {
    // 2^64 mod bound values at the bottom would make small remainders more likely.
    const std::uint64_t biased = (0 - bound) % bound;
    std::uint64_t draw = next();
    while (draw < biased) draw = next();
    return draw % bound;
  }

 private:
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

}  // namespace gnn::datasets
