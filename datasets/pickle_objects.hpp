// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <datasets/pickle.hpp>

/// What the opcodes REDUCE, NEWOBJ and BUILD make of the six names: for the pickle reader only.
namespace gnn::datasets::pickle {

/// A byte of a file, for messages.
struct Place {
  const std::string& file;
  std::size_t byte = 0;

  /// Throws Error(input): "FILE: byte BYTE: expected ..., found ...".
  [[noreturn]] void refuse(std::string_view expected, std::string_view found) const;
};

/// A few words for messages: "a tuple", "the integer 7", "'abc'".
std::string describe(const Value& value);

/// The name behind "MODULE ATTRIBUTE" of the opcode GLOBAL.
Name find_name(std::string_view module, std::string_view attribute, const Place& place);

/// callable(*arguments) for the three calls that are data: _reconstruct(ndarray, (0,), 'b'), dtype(CODE, 0,
/// 1) and defaultdict(list).
Value reduce(const Value& callable, const Value& arguments, const Place& place);

/// csr_matrix.__new__(csr_matrix), the only object that is made this way.
Value make_object(const Value& type, const Value& arguments, const Place& place);

/// Gives an array, a dtype or a matrix its state.
Value build(const Value& object, const Value& state, const Place& place);

}  // namespace gnn::datasets::pickle
