// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/lines.hpp>

#include <charconv>
#include <cmath>
#include <utility>

#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {

Lines::Lines(std::string_view text, std::string file) : file_(std::move(file)), left_(text) {
  if (left_.starts_with("\xef\xbb\xbf")) left_.remove_prefix(3);
}

Lines::Lines(std::string_view part, std::string_view line, std::size_t number, std::string file)
    : file_(std::move(file)), line_(line), rest_(part), number_(number), more_(true) {}

bool Lines::next() {
  if (left_.empty()) return false;
  const std::size_t end = left_.find('\n');
  line_ = left_.substr(0, end);
  left_.remove_prefix(end == std::string_view::npos ? left_.size() : end + 1);
  if (line_.ends_with('\r')) line_.remove_suffix(1);
  rest_ = line_;
  more_ = true;
  ++number_;
  return true;
}

std::string_view Lines::field(char delimiter, std::string_view what) {
  if (!more_) {
    fail(ErrorKind::input, file_, ":", number_, ":", line_.size() + 1, ": expected ", what,
         ", found the end of the line");
  }
  const std::size_t end = rest_.find(delimiter);
  const std::string_view result = rest_.substr(0, end);
  more_ = end != std::string_view::npos;
  // An empty rest still points into the line, so that messages can name its column.
  rest_ = more_ ? rest_.substr(end + 1) : rest_.substr(rest_.size());
  return result;
}

void Lines::expect_end() {
  if (more_) refuse(rest_, "the end of the line");
}

std::int64_t Lines::integer(std::string_view field, std::int64_t least, std::int64_t most,
                            std::string_view what) const {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size() || value < least || value > most) {
    refuse(field, std::string(what) + " from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

float Lines::real(std::string_view field, std::string_view what) const {
  // Nearly all features of these files are 0, 1, 0.0 or 1.0.
  const bool is_digit = field.size() == 1 || (field.size() == 3 && field[1] == '.' && field[2] == '0');
  if (is_digit && field[0] >= '0' && field[0] <= '9') return static_cast<float>(field[0] - '0');
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(static_cast<float>(value))) {
    refuse(field, std::string(what));
  }
  return static_cast<float>(value);
}

void Lines::refuse(std::string_view field, const std::string& expected) const {
  fail(ErrorKind::input, file_, ":", number_, ":", field.data() - line_.data() + 1, ": expected ", expected,
       ", found ", in_quotes(field));
}

}  // namespace gnn::datasets
