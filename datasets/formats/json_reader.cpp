// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/json_reader.hpp>

#include <algorithm>

#include <datasets/formats/line_scanner.hpp>

#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/utf8.hpp>

namespace gnn::datasets {
namespace {

constexpr std::size_t most_depth = 64;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::string file, Dialect dialect)
    : text_(text), file_(std::move(file)), dialect_(dialect) {
  const std::size_t bad = graphs::first_not_utf8(text_);
  if (bad != text_.size()) fail_at(bad, "UTF-8");
  if (text_.starts_with("\xef\xbb\xbf")) fail_at(0, "JSON without a byte order mark");
}

std::string JsonReader::place_of(std::size_t at) const {
  const std::string_view before = text_.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
  return file_ + ":" + std::to_string(line) + ":" + std::to_string(column);
}

/// What a message shows as found: a word or number as a whole, else one character.
std::string_view JsonReader::token_at(std::size_t at) const {
  const auto in_word = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '+' ||
           c == '-' || c == '.';
  };
  std::size_t end = at;
  if (text_[at] == '"') {
    end = std::min(text_.find_first_of("\"\n", at + 1), text_.size() - 1) + 1;
  } else {
    while (end < text_.size() && end - at < 200 && in_word(text_[end])) ++end;
    if (end == at) {
      ++end;
      while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xc0) == 0x80) ++end;
    }
  }
  return text_.substr(at, end - at);
}

void JsonReader::fail_at(std::size_t at, const std::string& wanted) const {
  fail(ErrorKind::input, place_of(at), ": expected ", wanted, ", found ",
       text_.empty()       ? "an empty file"
       : at < text_.size() ? in_quotes(token_at(at))
                           : "the end of the file");
}

void JsonReader::refuse(const std::string& wanted) {
  skip_blanks();
  fail_at(at_, wanted);
}

void JsonReader::refuse_last(const std::string& wanted) const {
  fail_at(start_, wanted);
}

std::size_t JsonReader::position() {
  skip_blanks();
  return at_;
}

void JsonReader::skip_blanks() {
  while (!at_end() && (here() == ' ' || here() == '\n' || here() == '\r' || here() == '\t')) ++at_;
  start_ = at_;
}

JsonReader::Kind JsonReader::peek() {
  skip_blanks();
  switch (here()) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    default:
      if (is_digit(here()) || here() == '-') return Kind::number;
      fail_at(at_, "a JSON value");
  }
}

void JsonReader::enter(char bracket, const std::string& wanted) {
  skip_blanks();
  if (here() != bracket) fail_at(at_, wanted);
  if (levels_.size() == most_depth) fail_at(at_, "at most 64 brackets inside one another");
  ++at_;
  levels_.push_back({bracket == '{', true, {}});
}

void JsonReader::enter_object() {
  enter('{', "an object");
}
void JsonReader::enter_array() {
  enter('[', "a list");
}

/// Steps over the comma, or out of the bracket. True: something has to follow.
bool JsonReader::begin_next(char end) {
  skip_blanks();
  Level& level = levels_.back();
  if (here() == end) {
    ++at_;
    levels_.pop_back();
    return false;
  }
  if (level.first) {
    level.first = false;
    return true;
  }
  if (here() != ',') fail_at(at_, std::string("',' or '") + end + "'");
  ++at_;
  skip_blanks();
  if (here() == end) fail_at(at_, end == '}' ? "a key after ','" : "a value after ','");
  return true;
}

bool JsonReader::next_key(std::string& key) {
  if (!begin_next('}')) return false;
  skip_blanks();
  if (here() != '"') fail_at(at_, "a key in double quotes");
  const std::size_t begin = at_;
  key = string();
  if (!levels_.back().keys.insert(key).second) {
    fail(ErrorKind::input, place_of(begin), ": expected each key once, found ", in_quotes(key), " twice");
  }
  skip_blanks();
  if (here() != ':') fail_at(at_, "':'");
  ++at_;
  start_ = begin;
  return true;
}

bool JsonReader::next_element() {
  return begin_next(']');
}

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

void JsonReader::skip() {
  const std::size_t depth = levels_.size();
  do {
    if (levels_.size() > depth) {
      std::string key;
      if (!(levels_.back().is_object ? next_key(key) : next_element())) continue;
    }
    if (dialect_ == Dialect::python && text_.substr(position(), 3) == "NaN") {
      take_word("NaN");
      continue;
    }
    switch (peek()) {
      case Kind::object:
        enter_object();
        break;
      case Kind::array:
        enter_array();
        break;
      case Kind::string:
        string();
        break;
      case Kind::number:
        number_token("a JSON number");
        break;
      case Kind::boolean:
        boolean();
        break;
      case Kind::null:
        null();
        break;
    }
  } while (levels_.size() > depth);
}

void JsonReader::finish() {
  skip_blanks();
  if (!at_end()) fail_at(at_, "the end of the file");
}

}  // namespace gnn::datasets
