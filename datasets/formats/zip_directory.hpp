// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gnn::datasets {

/// One file in a zip archive.
struct ZipEntry {
  std::string name;  ///< a key; never a path
  bool deflated = false;
  std::uint32_t crc = 0;
  std::size_t size = 0;             ///< unpacked, as the archive says
  std::span<const std::byte> data;  ///< packed
};

/// The entries of a zip archive, from its central directory. Throws Error(input) when the bytes are no zip
/// archive, when directory, local headers and end record disagree, when entries overlap, are encrypted or
/// split over disks, have one name twice, a name that is absolute or leads outside, or another method than
/// stored and deflated.
std::vector<ZipEntry> read_zip_directory(std::span<const std::byte> bytes, const std::string& file);

/// The content of an entry. Throws Error(input) when it is damaged or has another size or check sum than the
/// archive says. `check_start`, when given, is called once with the first bytes (64 KiB + 12 or all), before
/// the rest is unpacked.
std::vector<std::byte> unpack(const ZipEntry& entry, const std::string& where,
                              void (*check_start)(std::span<const std::byte> start, std::size_t size,
                                                  const std::string& where));

}  // namespace gnn::datasets
