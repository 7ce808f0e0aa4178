// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/text_fields.hpp>

#include <charconv>
#include <cmath>
#include <limits>

#include <datasets/formats/text_source.hpp>
#include <datasets/in_quotes.hpp>

namespace gnn::datasets {
namespace {

TextPlace at_column(TextPlace place, std::size_t column) {
  place.column = column;
  return place;
}

}  // namespace

void fail_at(const TextPlace& place, const std::string& expected, const std::string& found, const std::string& hint) {
  std::string text(place.file);
  text += ":" + std::to_string(place.line);
  if (place.column > 0) text += ":" + std::to_string(place.column);
  throw Error(ErrorKind::input, text + ": expected " + expected + ", found " + found, hint);
}

std::string unquoted(const TextField& field) {
  std::string result;
  for (std::size_t i = 0; i < field.text.size(); ++i) {
    result += field.text[i];
    if (field.has_quotes && field.text[i] == '"') ++i;
  }
  return result;
}

std::string delimiter_name(char delimiter) {
  if (delimiter == ' ') return "blanks";
  if (delimiter == '\t') return "a tab";
  return in_quotes({&delimiter, 1});
}

std::string_view checked_line(std::string_view line, const TextPlace& place) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > longest_line) {
    fail_at(place, "a line of at most " + std::to_string(longest_line) + " bytes", "a longer one");
  }
  if (const auto nul = line.find('\0'); nul != line.npos) {
    fail_at(at_column(place, nul + 1), "text", "a NUL byte, '\\x00'");
  }
  if (const auto cr = line.find('\r'); cr != line.npos) {
    fail_at(at_column(place, cr + 1), "lines that end in LF or CRLF", "a CR alone");
  }
  return line;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t") == line.npos; }

bool is_comment(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  return first != line.npos && (line[first] == '#' || line[first] == '%');
}

void split_fields(std::string_view line, char delimiter, const TextPlace& place, std::vector<TextField>& fields) {
  fields.clear();
  const bool runs = delimiter == ' ';
  const auto is_space = [&](char c) { return c == ' ' || (c == '\t' && delimiter != '\t'); };
  std::size_t at = 0;
  const auto skip_spaces = [&] {
    while (at < line.size() && is_space(line[at])) ++at;
  };
  for (skip_spaces(); !runs || at < line.size(); skip_spaces()) {
    TextField field;
    field.column = at + 1;
    if (at < line.size() && line[at] == '"') {
      const std::size_t quote = at++;
      for (;; ++at) {
        if (at == line.size()) fail_at(at_column(place, quote + 1), "a closing quote", "the end of the line");
        if (line[at] != '"') continue;
        if (at + 1 == line.size() || line[at + 1] != '"') break;
        field.has_quotes = true;
        ++at;
      }
      field.text = line.substr(quote + 1, at - quote - 1);
      const std::size_t after = ++at;
      skip_spaces();
      const bool ends = at == line.size() || line[at] == delimiter || (runs && at > after);
      if (!ends) {
        fail_at(at_column(place, at + 1), delimiter_name(delimiter) + " or the end of the line after the closing quote",
                in_quotes(line.substr(at)));
      }
    } else {
      std::size_t end = at;
      while (end < line.size() && line[end] != delimiter && !(runs && line[end] == '\t')) ++end;
      std::size_t last = end;
      while (last > at && is_space(line[last - 1])) --last;
      field.text = line.substr(at, last - at);
      at = end;
    }
    fields.push_back(field);
    if (runs) continue;
    if (at == line.size()) break;
    ++at;  // the delimiter; a field follows, be it empty
  }
}

float parse_weight(const TextField& field, const TextPlace& place) {
  const char* const end = field.text.data() + field.text.size();
  float value = 0;
  auto [stop, error] = std::from_chars(field.text.data(), end, value);
  if (error == std::errc::result_out_of_range) {
    // Numbers too small for float are rounded, numbers too large are refused: double tells which.
    double wide = std::numeric_limits<double>::infinity();
    const auto [wide_stop, wide_error] = std::from_chars(field.text.data(), end, wide);
    if (wide_error == std::errc() && std::abs(wide) < 1) error = std::errc();
    value = float(wide);
    stop = wide_stop;
  }
  const TextPlace here = at_column(place, field.column);
  if (error == std::errc::invalid_argument || stop != end) {
    fail_at(here, "a number as weight", in_quotes(field.text));
  }
  if (error != std::errc() || !std::isfinite(value)) {
    fail_at(here, "a finite number that float can hold as weight", in_quotes(field.text));
  }
  return value;
}

}  // namespace gnn::datasets
