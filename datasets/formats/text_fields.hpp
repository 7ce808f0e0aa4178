// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <graphs/error.hpp>

namespace gnn::datasets {

/// A place in a text file, for messages.
struct TextPlace {
  std::string_view file;
  std::size_t line = 0;
  std::size_t column = 0;  ///< of bytes, from 1; 0: the whole line
};

/// Throws Error(input) "FILE:LINE:COLUMN: expected EXPECTED, found FOUND".
[[noreturn]] void fail_at(const TextPlace& place, const std::string& expected, const std::string& found,
                          const std::string& hint = {});

/// One field of a line: without its quotes and without blanks around it.
struct TextField {
  std::string_view text;
  std::size_t column = 0;     ///< of bytes, from 1
  bool has_quotes = false;    ///< the text holds doubled quotes
};

/// The text with doubled quotes made single.
std::string unquoted(const TextField& field);

/// "','", "a tab", "blanks"
std::string delimiter_name(char delimiter);

/// The line without its CR. Throws Error(input) when it is longer than longest_line or holds a NUL byte or a CR.
std::string_view checked_line(std::string_view line, const TextPlace& place);

/// True when nothing but blanks is in the line.
bool is_blank(std::string_view line);

/// True when the first character that is no blank is # or %.
bool is_comment(std::string_view line);

/// Cuts a line into fields. ' ' as delimiter stands for runs of spaces and tabs. A field that begins with a double quote
/// ends with one, and holds quotes doubled. Throws Error(input) when such a field does not end, or something follows it.
void split_fields(std::string_view line, char delimiter, const TextPlace& place, std::vector<TextField>& fields);

/// A finite number that float can hold. Throws Error(input).
float parse_weight(const TextField& field, const TextPlace& place);

}  // namespace gnn::datasets
