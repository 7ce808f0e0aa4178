// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gnn::datasets {

/// What is wrong with a text, and where. Caught and turned into Error(input) by the function that knows the
/// file.
struct LineError {
  std::size_t line = 0, column = 0;  ///< both from 1
  std::string message;               ///< "expected X, found 'Y'"
};

/// Walks over the lines of a text and over the fields of a line, which blanks and tabs separate. LF or CRLF.
class LineScanner {
 public:
  explicit LineScanner(std::string_view text, std::size_t first_line = 1)
      : rest_(text), number_(first_line - 1) {}

  bool next_line();  ///< false: there is none
  std::string_view line() const { return line_; }
  std::string_view rest() const { return rest_; }  ///< the text behind the line
  std::size_t number() const { return number_; }   ///< of the line
  bool is_blank() const { return line_.find_first_not_of(" \t") == std::string_view::npos; }

  bool next_field();  ///< false: the line ends
  std::string_view field() const { return field_; }
  std::size_t column() const {
    return column_;
  }  ///< of the field, in bytes from 1; where the line ends without one

  /// The next field as a whole number, digits only. Throws LineError: "expected WANTED, found 'x'".
  std::uint64_t next_integer(const std::string& wanted, std::uint64_t least, std::uint64_t most);
  /// The next field as a number within float32.
  float next_float(const std::string& wanted);
  /// Throws LineError when fields are left: "expected 3 fields, found 'x'".
  void expect_line_end(const std::string& wanted);

  /// Throws LineError at the field: "expected WANTED, found 'FIELD'", or "found the end of the line".
  [[noreturn]] void refuse(const std::string& wanted) const;
  /// The same for a number that is none of those allowed.
  [[noreturn]] void refuse_number(const std::string& wanted, std::uint64_t found) const;
  /// The same for a part of the line, which begins `offset` bytes behind the field's beginning.
  [[noreturn]] void refuse(const std::string& wanted, std::string_view found, std::size_t offset) const;

 private:
  std::string_view rest_, line_, field_;
  std::size_t number_;
  std::size_t at_ = 0, column_ = 1;
};

/// Decimal digits and nothing else as a number; false when it is something else or beyond 64 bits.
bool parse_digits(std::string_view text, std::uint64_t& value);

/// A decimal number, a plus sign allowed; false when it is something else, not finite or beyond float32.
bool parse_float(std::string_view text, float& value);

/// Calls action() and turns a LineError into Error(input): "FILE:LINE:COLUMN: expected X, found 'Y'".
void with_places(const std::string& file, const std::function<void()>& action);

/// Cuts the text into pieces of whole lines, about 4 MiB each, and calls read(piece, scanner) for each in
/// parallel, whose scanner counts lines from `first_line` on for the whole text. The first LineError by place
/// leaves as one that counts from there too. Returns the number of pieces; `prepare` is told it before the
/// first call.
void for_each_piece(std::string_view text, std::size_t first_line,
                    const std::function<void(std::size_t)>& prepare,
                    const std::function<void(std::size_t, LineScanner&)>& read);

}  // namespace gnn::datasets
