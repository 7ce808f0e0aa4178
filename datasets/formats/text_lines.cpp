// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/text_lines.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

using namespace std::string_view_literals;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::size_t skip_blanks(std::string_view line, std::size_t at) {
  while (at < line.size() && is_blank(line[at])) ++at;
  return at;
}

/// Throws when the text is marked as something other than UTF-8; returns it without the mark of UTF-8.
std::string_view without_mark(std::string_view text, const std::string& file) {
  constexpr std::pair<std::string_view, const char*> marks[] = {{"\xFF\xFE\0\0"sv, "UTF-32"},
                                                                {"\0\0\xFE\xFF"sv, "UTF-32"},
                                                                {"\xFF\xFE"sv, "UTF-16"},
                                                                {"\xFE\xFF"sv, "UTF-16"}};
  for (const auto& [mark, name] : marks) {
    if (text.starts_with(mark)) fail(ErrorKind::input, file, ":1:1: expected UTF-8 text, found ", name);
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

}  // namespace

TextLines::TextLines(std::string_view text, std::string file) : file_(std::move(file)) {
  rest_ = without_mark(text, file_);
}

bool TextLines::next() {
  while (!rest_.empty()) {
    const auto* const end = static_cast<const char*>(std::memchr(rest_.data(), '\n', rest_.size()));
    const std::size_t length = end ? static_cast<std::size_t>(end - rest_.data()) : rest_.size();
    line_ = rest_.substr(0, length);
    rest_.remove_prefix(length + (end ? 1 : 0));
    ++number_;
    if (line_.ends_with('\r')) line_.remove_suffix(1);
    check_line();
    const std::size_t first = skip_blanks(line_, 0);
    if (first == line_.size()) continue;
    if (line_[first] == '#' || line_[first] == '%') {
      ++comments_;
      continue;
    }
    unquoted_.clear();
    return true;
  }
  line_ = {};
  return false;
}

void TextLines::check_line() const {
  if (line_.size() > longest_line) {
    refuse(longest_line + 1, "a line of at most " + std::to_string(longest_line) + " bytes",
           std::to_string(line_.size()) + " bytes");
  }
  if (line_.empty()) return;
  if (const void* nul = std::memchr(line_.data(), '\0', line_.size())) {
    refuse(static_cast<std::size_t>(static_cast<const char*>(nul) - line_.data()) + 1, "text",
           "a NUL byte (\\x00)");
  }
  if (const std::size_t at = line_.find('\r'); at != line_.npos) {
    refuse(at + 1, "lines that end with LF or CRLF", "a lone carriage return (\\x0d)");
  }
}

void TextLines::refuse(std::size_t column, const std::string& expected, const std::string& found,
                       const std::string& hint) const {
  std::string where = file_;
  if (number_ > 0) where += ":" + std::to_string(number_);
  if (column > 0) where += ":" + std::to_string(column);
  throw Error(ErrorKind::input, where + ": expected " + expected + ", found " + found, hint);
}

/// `at` is behind the opening quotation mark; it is moved behind the closing one.
Field TextLines::quoted_field(std::size_t& at) {
  Field field{{}, at, true};  // the mark itself stands at at - 1, counted from 0
  const std::size_t begin = at;
  bool doubled = false;
  for (;;) {
    at = line_.find('"', at);
    if (at == line_.npos) refuse(begin, "a closing quotation mark", "the end of the line");
    if (at + 1 >= line_.size() || line_[at + 1] != '"') break;
    doubled = true;
    at += 2;
  }
  field.text = line_.substr(begin, at - begin);
  ++at;
  if (doubled) {
    std::string& text = unquoted_.emplace_back();
    for (std::size_t i = 0; i < field.text.size(); ++i) {
      text += field.text[i];
      if (field.text[i] == '"') ++i;
    }
    field.text = text;
  }
  return field;
}

void TextLines::split(char delimiter, std::vector<Field>& fields) {
  fields.clear();
  const bool runs = delimiter == ' ';
  const auto skip = [&](std::size_t at) {
    while (at < line_.size() && is_blank(line_[at]) && line_[at] != delimiter) ++at;
    return runs ? skip_blanks(line_, at) : at;
  };
  std::size_t at = skip(0);
  if (runs && at == line_.size()) return;
  for (;;) {
    if (at < line_.size() && line_[at] == '"') {
      ++at;
      fields.push_back(quoted_field(at));
      const std::size_t behind = at;
      at = skip(at);
      const bool ends = at == line_.size() || (runs ? at > behind : line_[at] == delimiter);
      if (!ends)
        refuse(at + 1, "a delimiter after the closing quotation mark", in_quotes(line_.substr(at, 16)));
    } else {
      const std::size_t begin = at;
      if (runs) {
        while (at < line_.size() && !is_blank(line_[at])) ++at;
      } else {
        const auto* const end =
            at < line_.size() ? std::memchr(line_.data() + at, delimiter, line_.size() - at) : nullptr;
        at = end ? static_cast<std::size_t>(static_cast<const char*>(end) - line_.data()) : line_.size();
      }
      std::size_t stop = at;
      while (stop > begin && is_blank(line_[stop - 1])) --stop;
      fields.push_back({line_.substr(begin, stop - begin), begin + 1, false});
      if (runs) at = skip_blanks(line_, at);
    }
    if (at == line_.size()) return;
    if (!runs) at = skip(at + 1);  // a delimiter at the end of the line opens an empty field
  }
}

char detect_delimiter(std::string_view line, bool allow_semicolon) {
  bool quoted = false, comma = false, semicolon = false, text = false, gap = false, blank = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (!quoted && c == '\t') return '\t';
    comma = comma || (!quoted && c == ',');
    semicolon = semicolon || (!quoted && c == ';');
    // Blanks before the first field or behind the last one delimit nothing.
    if (c == ' ' && !quoted) {
      gap = text;
    } else {
      text = true;
      blank = blank || gap;
    }
  }
  if (comma) return ',';
  if (semicolon && allow_semicolon) return ';';
  return blank ? ' ' : ',';
}

}  // namespace gnn::datasets
