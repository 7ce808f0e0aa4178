// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gnn::datasets {

enum class NumberType {
  boolean,
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  float32,
  float64,
  text  ///< '<U' or '|S'
};

/// An array as it lies in an npy file. A view: the bytes belong to whoever holds the file.
struct NpyArray {
  std::string name;   ///< for messages: "x.npy", or "x.npz: entry adj_data"
  std::string descr;  ///< as written: "<f4"
  NumberType type = NumberType::boolean;
  std::size_t item_bytes = 1;
  std::vector<std::size_t> shape;  ///< at most 8; none: a single number
  bool fortran_order = false;
  std::span<const std::byte> bytes;  ///< size() * item_bytes

  std::size_t size() const { return bytes.size() / item_bytes; }
};

/// The array in an npy file of version 1 to 3 with little-endian numbers or text. Throws Error(input) naming
/// `name` and the byte when the header is not as NumPy writes it (64 KiB at most, the keys descr,
/// fortran_order and shape, at most 8 dimensions) or the data has another size than it says. Python objects
/// are always refused.
NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& name);

/// What the header alone says, when only the beginning of the file is at hand: `bytes` is empty.
struct NpyHeader {
  NpyArray array;
  std::size_t header_bytes = 0;  ///< where the data begins
  std::size_t data_bytes = 0;
};

/// As parse_npy, for the first bytes of a file of `file_bytes` bytes; 64 KiB + 12 bytes are always enough.
NpyHeader parse_npy_header(std::span<const std::byte> start, std::size_t file_bytes, const std::string& name);

/// All numbers of an integer or boolean array in C order. Throws Error(input) on other types, and on what
/// int64 cannot hold.
std::vector<std::int64_t> to_integers(const NpyArray& array);

/// All numbers in C order. Throws Error(input) on text, and naming row and column on NaN, infinity and
/// numbers beyond float32.
std::vector<float> to_floats(const NpyArray& array);

/// All texts in C order, as UTF-8, without the zeros that fill them up. Throws Error(input) on other types
/// and on what is not Unicode.
std::vector<std::string> to_texts(const NpyArray& array);

/// "6 x 4", for messages; "a single number" without dimensions.
std::string shape_text(const NpyArray& array);

/// Bytes of an npy file of version 1 in C order. `descr` is "<f4", "<i8", ...; data is as long as descr and
/// shape say.
std::vector<std::byte> make_npy(const std::string& descr, std::span<const std::size_t> shape,
                                std::span<const std::byte> data);

/// The same of texts in UTF-8, as '<U' of the longest one; what is no UTF-8 becomes U+FFFD.
std::vector<std::byte> make_text_npy(std::span<const std::string> texts);

}  // namespace gnn::datasets
