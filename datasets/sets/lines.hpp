// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gnn::datasets {

/// Walks through the lines of a text and the fields of a line, and says where something is wrong. LF and CRLF end a
/// line; a byte order mark is skipped. Views point into the text.
class Lines {
 public:
  /// `file` is the name for messages.
  Lines(std::string_view text, std::string file);

  /// Part of line `number` alone, as if next() had been called; columns count from where `line` begins.
  Lines(std::string_view part, std::string_view line, std::size_t number, std::string file);

  /// Goes to the next line; false at the end of the text.
  bool next();

  std::string_view line() const { return line_; }
  std::string_view rest() const { return rest_; }  ///< what is left of the line
  std::size_t number() const { return number_; }  ///< from 1
  std::size_t bytes_left() const { return left_.size(); }
  const std::string& file() const { return file_; }

  bool has_field() const { return more_; }
  /// The text up to the next delimiter or the end of the line. Throws Error(input) "expected WHAT" behind the last one.
  std::string_view field(char delimiter, std::string_view what);
  /// Throws unless all fields of the line were taken.
  void expect_end();

  /// A field as an integer from least to most.
  std::int64_t integer(std::string_view field, std::int64_t least, std::int64_t most, std::string_view what) const;
  /// A field as a finite float.
  float real(std::string_view field, std::string_view what) const;

  /// FILE:LINE:COLUMN: expected X, found 'FIELD'. `field` is a part of the line.
  [[noreturn]] void refuse(std::string_view field, const std::string& expected) const;

 private:
  std::string file_;
  std::string_view left_, line_, rest_;
  std::size_t number_ = 0;
  bool more_ = false;
};

}  // namespace gnn::datasets
