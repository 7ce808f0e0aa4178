// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gnn::datasets::layout {

static_assert(std::endian::native == std::endian::little, "a .gnn file is little-endian and mapped as it is");

// As in PNG: a byte that no text has, and line ends that a transfer as text would change.
inline constexpr std::string_view magic = "\x89GNN\r\n\x1a\n";
inline constexpr std::uint32_t version = 1;
inline constexpr std::size_t alignment = 64;

struct Header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t sections;
  std::uint64_t file_bytes;
  std::uint32_t table_checksum;   // of the table of sections
  std::uint32_t header_checksum;  // of the 28 bytes before
  std::uint8_t zero[32];
};
static_assert(sizeof(Header) == 64);

struct Entry {
  char name[24];  // filled up with zeros
  std::uint32_t index;
  std::uint32_t type;
  std::uint64_t offset;  // from the start of the file, a multiple of 64
  std::uint64_t bytes;
  std::uint32_t checksum;
  std::uint8_t zero[12];
};
static_assert(sizeof(Entry) == 64);

constexpr std::size_t aligned(std::size_t size) {
  return (size + alignment - 1) / alignment * alignment;
}

/// CRC-32 as zlib and PNG have it; large ones are computed in parallel.
std::uint32_t crc32_of(std::span<const std::byte> bytes);

}  // namespace gnn::datasets::layout
