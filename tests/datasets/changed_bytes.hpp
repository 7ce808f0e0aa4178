// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>
#include <string>
#include <string_view>

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

}  // namespace gnn::test
