// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace gnn::test {

/// The bytes of numbers, little-endian as on every machine that this runs on.
template <class T>
std::string raw(const std::vector<T>& numbers) {
  return std::string(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T));
}

/// An npy file with this dictionary as its header, which may be wrong.
inline std::string npy_file(const std::string& dictionary, const std::string& data, char version = 1) {
  std::string file = "\x93NUMPY";
  file += {version, '\0'};
  file += {char(dictionary.size() & 255), char(dictionary.size() >> 8)};
  if (version > 1) file += {'\0', '\0'};
  return file + dictionary + data;
}

/// A good npy file: shape is "(2, 3)".
inline std::string npy_of(const std::string& descr, const std::string& shape, const std::string& data) {
  return npy_file("{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }", data);
}

inline std::span<const std::byte> npy_bytes(const std::string& file) {
  return std::as_bytes(std::span(file));
}

}  // namespace gnn::test
