// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Writes the pickles that Planetoid files are made of, opcode by opcode as Python 2 does.
namespace gnn::test::pickle {

using namespace std::string_literals;

inline std::string little_endian(std::uint32_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

/// A whole file around one value.
inline std::string file(const std::string& value) {
  return "\x80\x02" + value + ".";
}

inline std::string integer(std::int32_t value) {
  if (value >= 0 && value < 256) return 'K' + little_endian(static_cast<std::uint32_t>(value), 1);
  if (value >= 0 && value < 65536) return 'M' + little_endian(static_cast<std::uint32_t>(value), 2);
  return 'J' + little_endian(static_cast<std::uint32_t>(value), 4);
}

inline std::string text(std::string_view value) {
  const auto size = static_cast<std::uint32_t>(value.size());
  return (size < 256 ? 'U' + little_endian(size, 1) : 'T' + little_endian(size, 4)) + std::string(value);
}

inline std::string global(std::string_view module, std::string_view name) {
  return 'c' + std::string(module) + "\n" + std::string(name) + "\n";
}

inline std::string dtype(std::string_view code, std::string_view order = "<") {
  return global("numpy", "dtype") + text(code) + integer(0) + integer(1) + "\x87R(" + integer(3) +
         text(order) + "NNN" + integer(-1) + integer(-1) + integer(0) + "tb";
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// An array of the given raw bytes. shape has 1 to 3 sizes; order is NEWFALSE for C order.
inline std::string raw_array(std::string_view code, const std::vector<std::int32_t>& shape,
                             const std::string& bytes, const std::string& order = "\x89") {
  std::string sizes;
  for (const std::int32_t size : shape) sizes += integer(size);
  sizes += static_cast<char>(0x84 + shape.size());
  return global("numpy.core.multiarray", "_reconstruct") + global("numpy", "ndarray") + integer(0) + "\x85" +
         text("b") + "\x87R(" + integer(1) + sizes + dtype(code) + order + text(bytes) + "tb";
}

inline std::string array(const std::vector<std::int32_t>& values) {
  return raw_array("i4", {static_cast<std::int32_t>(values.size())}, bytes_of(values));
}

inline std::string array(const std::vector<float>& values) {
  return raw_array("f4", {static_cast<std::int32_t>(values.size())}, bytes_of(values));
}

/// A matrix of 0/1 with one row a class number; -1 gives a row of zeros.
inline std::string one_hot(const std::vector<std::int32_t>& classes, std::int32_t num_classes) {
  std::vector<std::int32_t> values;
  for (const std::int32_t c : classes) {
    for (std::int32_t k = 0; k < num_classes; ++k) values.push_back(k == c);
  }
  return raw_array("i4", {static_cast<std::int32_t>(classes.size()), num_classes}, bytes_of(values));
}

/// A csr_matrix whose state has the given arrays, already written.
inline std::string raw_matrix(std::int32_t rows, std::int32_t columns, const std::string& indptr,
                              const std::string& indices, const std::string& data) {
  return global("scipy.sparse.csr", "csr_matrix") + ")\x81}(" + text("format") + text("csr") +
         text("_shape") + integer(rows) + integer(columns) + "\x86" + text("indptr") + indptr +
         text("_cs_matrix__has_sorted_indices") + "\x88" + text("indices") + indices + text("maxprint") +
         integer(50) + text("data") + data + "ub";
}

/// A csr_matrix of ones from the columns of each row.
inline std::string matrix(const std::vector<std::vector<std::int32_t>>& rows, std::int32_t columns) {
  std::vector<std::int32_t> indptr = {0}, indices;
  for (const auto& row : rows) {
    indices.insert(indices.end(), row.begin(), row.end());
    indptr.push_back(static_cast<std::int32_t>(indices.size()));
  }
  return raw_matrix(static_cast<std::int32_t>(rows.size()), columns, array(indptr), array(indices),
                    array(std::vector<float>(indices.size(), 1.0f)));
}

/// A defaultdict(list) from pairs of node and neighbours.
inline std::string lists(const std::vector<std::pair<std::int32_t, std::vector<std::int32_t>>>& entries) {
  std::string value = global("collections", "defaultdict") + global("__builtin__", "list") + "\x85R(";
  for (const auto& [node, neighbours] : entries) {
    value += integer(node) + "](";
    for (const std::int32_t neighbour : neighbours) value += integer(neighbour);
    value += "e";
  }
  return value + "u";
}

}  // namespace gnn::test::pickle
