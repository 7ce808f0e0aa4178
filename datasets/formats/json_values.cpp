// SPDX-License-Identifier: Apache-2.0
// The values of a JsonReader: texts, words and numbers.
#include <datasets/formats/json_reader.hpp>

#include <datasets/formats/line_scanner.hpp>

#include <graphs/utf8.hpp>

namespace gnn::datasets {

std::uint32_t JsonReader::hex4(std::size_t from) {
  std::uint32_t value = 0;
  for (std::size_t i = from; i < from + 4; ++i) {
    const char c = i < text_.size() ? text_[i] : '\0';
    const int digit = is_digit(c)            ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) fail_at(i, "four hexadecimal digits");
    value = 16 * value + std::uint32_t(digit);
  }
  return value;
}

std::string JsonReader::string() {
  skip_blanks();
  if (here() != '"') fail_at(at_, "text in double quotes");
  std::string result;
  for (++at_;;) {
    if (at_end()) fail_at(at_, "the end of the text that begins at byte " + std::to_string(start_));
    const char c = here();
    if (c == '"') break;
    if (static_cast<unsigned char>(c) < 0x20) fail_at(at_, "no control byte in a text");
    ++at_;
    if (c != '\\') {
      result += c;
      continue;
    }
    constexpr std::string_view escapes = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    const std::size_t escape = at_end() ? escapes.npos : escapes.find(here());
    if (escape != escapes.npos) {
      result += meanings[escape];
      ++at_;
      continue;
    }
    if (here() != 'u') fail_at(at_ - 1, "an escape that JSON knows");
    std::uint32_t code = hex4(at_ + 1);
    const bool high = code >= 0xd800 && code < 0xdc00;
    const std::size_t begin = at_ - 1;
    at_ += 5;
    if (high && text_.substr(at_, 2) == "\\u") {
      const std::uint32_t low = hex4(at_ + 2);
      if (low < 0xdc00 || low > 0xdfff) fail_at(begin, "a pair of surrogates");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      at_ += 6;
    } else if (code >= 0xd800 && code <= 0xdfff) {
      fail_at(begin, "a pair of surrogates");
    }
    graphs::append_utf8(result, code);
  }
  ++at_;
  return result;
}

void JsonReader::take_word(std::string_view word) {
  if (text_.substr(at_, word.size()) != word || token_at(at_).size() != word.size())
    fail_at(at_, "a JSON value");
  at_ += word.size();
}

bool JsonReader::boolean() {
  if (peek() != Kind::boolean) fail_at(at_, "true or false");
  const bool value = here() == 't';
  take_word(value ? "true" : "false");
  return value;
}

void JsonReader::null() {
  if (peek() != Kind::null) fail_at(at_, "null");
  take_word("null");
}

/// A number by the grammar: -? (0 | digits without a leading 0) fraction? exponent?
std::string_view JsonReader::number_token(const std::string& wanted) {
  skip_blanks();
  const std::size_t begin = at_;
  std::size_t at = at_;
  const auto is = [&](char c) { return at < text_.size() && text_[at] == c; };
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text_.size() && is_digit(text_[at])) ++at;
    return at - from;
  };
  if (is('-')) ++at;
  const bool leading_zero = is('0');
  const std::size_t whole = digits();
  bool good = whole > 0 && !(leading_zero && whole > 1);
  if (good && is('.')) {
    ++at;
    good = digits() > 0;
  }
  if (good && (is('e') || is('E'))) {
    ++at;
    if (is('+') || is('-')) ++at;
    good = digits() > 0;
  }
  // "1x" and "01" are words, not a number with something behind it.
  if (!good || (at < text_.size() && token_at(begin).size() != at - begin && at - begin < 200))
    fail_at(begin, wanted);
  at_ = at;
  return text_.substr(begin, at - begin);
}

std::uint64_t JsonReader::whole(const std::string& wanted, std::uint64_t most) {
  skip_blanks();
  const std::size_t begin = at_;
  std::uint64_t value = 0;
  if (!parse_digits(number_token(wanted), value) || value > most) fail_at(begin, wanted);
  return value;
}

float JsonReader::number(const std::string& wanted) {
  skip_blanks();
  const std::size_t begin = at_;
  float value = 0;
  if (!parse_float(number_token(wanted), value)) fail_at(begin, wanted + " that is finite in float32");
  return value;
}

}  // namespace gnn::datasets
