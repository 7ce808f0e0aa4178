// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/gnn_layout.hpp>

#include <zlib.h>

#include <algorithm>
#include <vector>

#include <graphs/parallel.hpp>

namespace gnn::datasets::layout {

std::uint32_t crc32_of(std::span<const std::byte> bytes) {
  constexpr std::size_t piece = std::size_t(1) << 22;
  const std::size_t count = (bytes.size() + piece - 1) / piece;
  std::vector<uLong> checksums(count);
  graphs::parallel_for(count, [&](std::size_t k) {
    const auto part = bytes.subspan(k * piece, std::min(piece, bytes.size() - k * piece));
    checksums[k] = crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(part.data()), part.size());
  });
  uLong checksum = crc32_z(0, nullptr, 0);
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t size = std::min(piece, bytes.size() - k * piece);
    checksum = crc32_combine(checksum, checksums[k], static_cast<z_off_t>(size));
  }
  return static_cast<std::uint32_t>(checksum);
}

}  // namespace gnn::datasets::layout
