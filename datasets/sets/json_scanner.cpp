// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/json_scanner.hpp>

#include <algorithm>
#include <charconv>

#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

constexpr int most_depth = 64;

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/// Appends a code point as UTF-8.
void append_utf8(std::uint32_t code, std::string& text) {
  const auto byte = [&](std::uint32_t value) { text.push_back(static_cast<char>(value)); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
  }
  byte(0x80 | (code & 0x3f));
}

}  // namespace

void JsonScanner::skip_blanks() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
    ++at_;
  }
}

char JsonScanner::peek() {
  skip_blanks();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool JsonScanner::take(char byte) {
  if (peek() != byte || at_ == text_.size()) return false;
  ++at_;
  return true;
}

void JsonScanner::expect(char byte, const char* what) {
  if (!take(byte)) refuse(at_, what);
}

void JsonScanner::expect_end() {
  skip_blanks();
  if (at_ < text_.size()) refuse(at_, "the end of the file");
}

std::string_view JsonScanner::string(std::string_view what) {
  if (peek() != '"') refuse(at_, std::string(what) + " in quotation marks");
  last_ = at_++;
  for (std::size_t i = at_; i < text_.size(); ++i) {
    const char byte = text_[i];
    if (byte == '"') {
      const std::string_view result = text_.substr(at_, i - at_);
      at_ = i + 1;
      return result;
    }
    if (byte == '\\') return unescape(i);
    if (static_cast<unsigned char>(byte) < 0x20) refuse(i, "no control character inside a string");
  }
  refuse(text_.size(), "the end of a string");
}

/// The rest of a string whose first escape stands at `i`.
std::string_view JsonScanner::unescape(std::size_t i) {
  constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
  unescaped_.assign(text_.substr(at_, i - at_));
  while (i < text_.size() && text_[i] != '"') {
    if (static_cast<unsigned char>(text_[i]) < 0x20) refuse(i, "no control character inside a string");
    if (text_[i] != '\\') {
      unescaped_.push_back(text_[i++]);
      continue;
    }
    const char letter = i + 1 < text_.size() ? text_[i + 1] : '\0';
    if (letter == 'u') {
      std::uint32_t code = hex_digits(i + 2);
      i += 6;
      if (code >= 0xd800 && code < 0xdc00 && text_.substr(i, 2) == "\\u") {
        const std::uint32_t low = hex_digits(i + 2);
        if (low < 0xdc00 || low > 0xdfff) refuse(i, "the second half of a pair of surrogates");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i += 6;
      } else if (code >= 0xd800 && code < 0xe000) {
        refuse(i - 6, "a pair of surrogates");
      }
      append_utf8(code, unescaped_);
      continue;
    }
    const std::size_t place = letters.find(letter);
    if (letter == '\0' || place == std::string_view::npos) refuse(i, "an escape sequence");
    unescaped_.push_back(meant[place]);
    i += 2;
  }
  if (i >= text_.size()) refuse(text_.size(), "the end of a string");
  at_ = i + 1;
  return unescaped_;
}

std::uint32_t JsonScanner::hex_digits(std::size_t begin) {
  std::uint32_t code = 0;
  const char* first = text_.data() + std::min(begin, text_.size());
  const char* last = text_.data() + std::min(begin + 4, text_.size());
  const auto [end, error] = std::from_chars(first, last, code, 16);
  if (error != std::errc() || end != first + 4) refuse(std::min(begin, text_.size()), "four hexadecimal digits");
  return code;
}

std::int64_t JsonScanner::integer(std::int64_t least, std::int64_t most, std::string_view what) {
  skip_blanks();
  last_ = at_;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
  const std::size_t after = static_cast<std::size_t>(end - text_.data());
  const bool longer = after < text_.size() && (text_[after] == '.' || text_[after] == 'e' || text_[after] == 'E');
  const std::size_t first_digit = at_ + (peek() == '-');
  const bool padded = after > first_digit + 1 && text_[first_digit] == '0';  // without digits `after` comes first
  if (error != std::errc() || longer || padded || value < least || value > most) {
    refuse(at_, std::string(what) + " from " + std::to_string(least) + " to " + std::to_string(most));
  }
  at_ = after;
  return value;
}

bool JsonScanner::boolean(std::string_view what) {
  const char first = peek();
  last_ = at_;
  if (first != 't' && first != 'f') refuse(at_, std::string(what) + " (true or false)");
  skip_word(first == 't' ? "true" : "false");
  return first == 't';
}

void JsonScanner::skip_word(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) refuse(at_, "a value");
  at_ += word.size();
}

void JsonScanner::skip_number() {
  const auto digits = [&] {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    if (at_ == begin) refuse(at_, "a digit");
  };
  const auto is_next = [&](std::string_view bytes) {
    return at_ < text_.size() && bytes.find(text_[at_]) != std::string_view::npos;
  };
  if (is_next("-")) ++at_;
  if (is_next("0")) {
    ++at_;
  } else {
    digits();
  }
  if (is_next(".")) {
    ++at_;
    digits();
  }
  if (is_next("eE")) {
    ++at_;
    if (is_next("+-")) ++at_;
    digits();
  }
}

void JsonScanner::skip(int depth) {
  const char first = peek();
  if (depth == most_depth) refuse(at_, "values at most 64 deep");
  switch (first) {
    case '{':
      return object([&](std::string_view) { skip(depth + 1); });
    case '[':
      return array([&] { skip(depth + 1); });
    case '"':
      string("a string");
      return;
    case 't':
      return skip_word("true");
    case 'f':
      return skip_word("false");
    case 'n':
      return skip_word("null");
    case 'N':
      return skip_word("NaN");
    default:
      if (first != '-' && !is_digit(first)) refuse(at_, "a value");
      skip_number();
  }
}

void JsonScanner::refuse(std::size_t at, const std::string& expected) const {
  const std::string_view before = text_.substr(0, at);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  std::string_view found = text_.substr(at, 80);
  found = found.substr(0, found.find_first_of(",:]} \n\r\t", 1));
  fail(ErrorKind::input, file_, ":", line, ":", at - line_start + 1, ": expected ", expected, ", found ",
       at < text_.size() ? in_quotes(found) : std::string("the end of the file"));
}

}  // namespace gnn::datasets
