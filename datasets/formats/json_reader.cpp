// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/json_reader.hpp>

#include <algorithm>

#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/utf8.hpp>

namespace gnn::datasets {
namespace {

constexpr std::size_t most_depth = 64;

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
