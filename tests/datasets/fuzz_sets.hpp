// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gnn::test {

/// The bytes of a fuzz input as several files, which a byte of 0 separates; missing ones are empty.
inline std::vector<std::string_view> cut(const std::uint8_t* data, std::size_t size, std::size_t count) {
  std::string_view left(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> files;
  while (files.size() + 1 < count) {
    const std::size_t end = left.find('\0');
    files.push_back(left.substr(0, end));
    left.remove_prefix(end == std::string_view::npos ? left.size() : end + 1);
  }
  files.push_back(left);
  return files;
}

}  // namespace gnn::test
