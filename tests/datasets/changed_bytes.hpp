// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace gnn::test {

/// The bytes with up to four random changes: a byte replaced, some removed, some repeated elsewhere, a bit flipped. Where
/// `telling` holds bytes that mean something to the reader, a changed byte becomes one of them half of the time.
inline std::string changed(std::string bytes, std::mt19937& random, std::string_view telling = {}) {
  const auto below = [&](std::size_t bound) { return random() % bound; };
  for (std::size_t changes = 1 + below(4); changes > 0 && !bytes.empty(); --changes) {
    const std::size_t at = below(bytes.size());
    const bool tells = !telling.empty() && below(2) == 0;
    switch (below(4)) {
      case 0:
        bytes[at] = tells ? telling[below(telling.size())] : static_cast<char>(below(256));
        break;
      case 1:
        bytes.erase(at, 1 + below(8));
        break;
      case 2:
        bytes.insert(at, bytes.substr(below(bytes.size()), below(64)));
        break;
      default:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
    }
  }
  return bytes;
}

using FuzzTarget = int(const std::uint8_t* data, std::size_t size);

/// Calls a fuzz target with a copy that ends where the bytes end: a std::string has a byte of 0 behind them, which would
/// hide from the sanitizers that a reader goes one too far.
inline void run_target(FuzzTarget* target, std::string_view bytes) {
  const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
  target(exact.data(), exact.size());
}

}  // namespace gnn::test
