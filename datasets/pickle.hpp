// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Data-only reader of the pickles that the Planetoid files are made of (Python's protocol 2).
///
/// A pickle is a program for a stack machine that may call any function. This reader knows 28 of its opcodes
/// and the 6 names that arrays, sparse matrices and neighbour lists need; it builds plain values of them and
/// calls nothing. Everything else is refused, with the byte at which it stands.
namespace gnn::datasets::pickle {

enum class Name { reconstruct, ndarray, dtype, csr_matrix, defaultdict, list };
enum class Dtype { int32, int64, float32, float64 };

struct None {};
struct UnbuiltArray {};   ///< what _reconstruct(ndarray, (0,), 'b') gives; BUILD makes it an Array
struct UnbuiltMatrix {};  ///< what csr_matrix() gives; BUILD makes it a CsrMatrix

/// Little-endian numbers in C order. `bytes` lies in the file and has as many as the shape asks for.
struct Array {
  Dtype dtype = Dtype::int32;
  int dimensions = 1;  ///< 1 or 2
  std::size_t rows = 0;
  std::size_t columns = 1;
  std::span<const std::byte> bytes;

  std::size_t size() const { return rows * columns; }
};

/// The parts of a scipy csr_matrix as stored: whether they fit together is not known yet.
struct CsrMatrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  Array indptr, indices, data;
};

/// A defaultdict(list) of integers, flat: keys[k] has items[offsets[k]] to items[offsets[k + 1] - 1].
struct Lists {
  std::vector<std::int32_t> keys;
  std::vector<std::size_t> offsets = {0};
  std::vector<std::int32_t> items;
};

struct Value;
using Tuple = std::vector<Value>;  ///< never deeper than a tuple in a tuple
using List = std::vector<std::int32_t>;
struct Dict {
  std::vector<std::string_view> keys;  ///< each once
  std::vector<Value> values;
};

/// One value. Strings and arrays are views into the file, so it must not outlive the bytes it was read from.
struct Value {
  std::variant<None, bool, std::int32_t, std::string_view, Name, Dtype, Tuple, List, Dict, UnbuiltArray,
               Array, UnbuiltMatrix, std::unique_ptr<CsrMatrix>, std::unique_ptr<Lists>>
      data;

  /// The alternative T, or null when the value is something else.
  template <class T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
  template <class T>
  T* as() {
    return std::get_if<T>(&data);
  }
};

/// Reads the one value of a pickle. `file` names it in messages.
/// Throws Error(input) for anything but a complete pickle of the small language. Memory stays within a few
/// times the size of the file, whatever sizes the file claims.
Value read(std::span<const std::byte> bytes, const std::string& file);

}  // namespace gnn::datasets::pickle
