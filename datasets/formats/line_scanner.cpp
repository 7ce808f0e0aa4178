// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/line_scanner.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/parallel.hpp>

namespace gnn::datasets {

bool parse_digits(std::string_view text, std::uint64_t& value) {
  // from_chars for unsigned numbers takes no sign, so nothing but digits passes.
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool parse_float(std::string_view text, float& value) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return false;
  if (!(std::abs(number) <= double(std::numeric_limits<float>::max()))) return false;
  value = static_cast<float>(number);
  return true;
}

bool LineScanner::next_line() {
  if (rest_.empty()) return false;
  const std::size_t end = std::min(rest_.find('\n'), rest_.size());
  line_ = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  if (line_.ends_with('\r')) line_.remove_suffix(1);
  ++number_;
  at_ = 0;
  column_ = 1;
  field_ = {};
  return true;
}

bool LineScanner::next_field() {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
  const std::size_t begin = at_;
  column_ = begin + 1;
  while (at_ < line_.size() && !is_blank(line_[at_])) ++at_;
  field_ = line_.substr(begin, at_ - begin);
  return !field_.empty();
}

void LineScanner::refuse(const std::string& wanted) const {
  throw LineError{
      number_, column_,
      "expected " + wanted + ", found " + (field_.empty() ? "the end of the line" : in_quotes(field_))};
}

void LineScanner::refuse_number(const std::string& wanted, std::uint64_t found) const {
  throw LineError{number_, column_, "expected " + wanted + ", found " + std::to_string(found)};
}

void LineScanner::refuse(const std::string& wanted, std::string_view found, std::size_t offset) const {
  throw LineError{number_, column_ + offset, "expected " + wanted + ", found " + in_quotes(found)};
}

std::uint64_t LineScanner::next_integer(const std::string& wanted, std::uint64_t least, std::uint64_t most) {
  std::uint64_t value = 0;
  if (!next_field() || !parse_digits(field_, value) || value < least || value > most) refuse(wanted);
  return value;
}

float LineScanner::next_float(const std::string& wanted) {
  float value = 0;
  if (!next_field() || !parse_float(field_, value)) refuse(wanted);
  return value;
}

void LineScanner::expect_line_end(const std::string& wanted) {
  if (next_field()) refuse(wanted);
}

void with_places(const std::string& file, const std::function<void()>& action) {
  try {
    action();
  } catch (const LineError& error) {
    fail(ErrorKind::input, file, ":", error.line, ":", error.column, ": ", error.message);
  }
}

void for_each_piece(std::string_view text, std::size_t first_line,
                    const std::function<void(std::size_t)>& prepare,
                    const std::function<void(std::size_t, LineScanner&)>& read) {
  constexpr std::size_t piece_bytes = std::size_t(1) << 22;
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const std::size_t newline = text.size() > piece_bytes ? text.find('\n', piece_bytes) : text.npos;
    const std::size_t length = newline == text.npos ? text.size() : newline + 1;
    pieces.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  prepare(pieces.size());
  std::vector<std::optional<LineError>> errors(pieces.size());
  graphs::parallel_for(pieces.size(), [&](std::size_t k) {
    LineScanner scanner(pieces[k]);
    try {
      read(k, scanner);
    } catch (const LineError& error) {
      errors[k] = error;
    }
  });
  for (std::size_t k = 0; k < pieces.size(); ++k) {
    if (errors[k]) {
      errors[k]->line += first_line - 1;
      throw *errors[k];
    }
    first_line += std::size_t(std::count(pieces[k].begin(), pieces[k].end(), '\n'));
  }
}

}  // namespace gnn::datasets
