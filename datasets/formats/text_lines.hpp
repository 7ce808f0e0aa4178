// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace gnn::datasets {

/// One value of a line of text. The text lives as long as the line is the current one.
struct Field {
  std::string_view text;   ///< without blanks around it and without quotes
  std::size_t column = 1;  ///< where it begins: a byte of the line, from 1
  bool quoted = false;
};

/// The lines of a text file, one after the other; blank lines and lines that begin with '#' or '%' are left
/// out. Lines end with LF or CRLF, a mark of UTF-8 at the start is skipped. next() throws Error(input) for
/// what is no such text: UTF-16, a line longer than 64 KiB, a NUL byte, a lone carriage return.
class TextLines {
 public:
  static constexpr std::size_t longest_line = std::size_t(64) << 10;

  /// `file` names the text in messages. Throws Error(input) for UTF-16 and UTF-32, by their marks.
  TextLines(std::string_view text, std::string file);

  bool next();  ///< goes to the next line; false at the end

  std::string_view line() const { return line_; }
  std::size_t number() const { return number_; }  ///< of the current line, from 1; the last one at the end
  std::size_t comments() const { return comments_; }  ///< comment lines so far
  const std::string& file() const { return file_; }

  /// The fields of the current line. A field may stand in quotation marks, a doubled one inside them counts
  /// as one. The delimiter ' ' stands for runs of blanks. Throws Error(input) when a quotation is not closed,
  /// or followed by text.
  void split(char delimiter, std::vector<Field>& fields);

  /// Throws Error(input): "FILE:LINE:COLUMN: expected EXPECTED, found FOUND"; column 0 is left out, and
  /// so is the line of a text without lines.
  [[noreturn]] void refuse(std::size_t column, const std::string& expected, const std::string& found,
                           const std::string& hint = {}) const;

 private:
  void check_line() const;
  Field quoted_field(std::size_t& at);

  std::string_view rest_, line_;
  std::string file_;
  std::size_t number_ = 0, comments_ = 0;
  std::deque<std::string> unquoted_;  // fields that had doubled quotation marks
};

/// The delimiter of a table, told from one of its lines: a tab, else a comma, else a semicolon if one is
/// allowed, else ' ' when blanks stand inside the line, else ',' (one column). Text in quotation marks does
/// not count.
char detect_delimiter(std::string_view line, bool allow_semicolon);

}  // namespace gnn::datasets
