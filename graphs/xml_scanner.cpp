// SPDX-License-Identifier: Apache-2.0
#include <graphs/xml_scanner.hpp>

#include <algorithm>
#include <charconv>

#include <graphs/error.hpp>
#include <graphs/quote.hpp>
#include <graphs/utf8.hpp>

namespace gnn::graphs {
namespace {

constexpr std::size_t most_depth = 64;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

XmlScanner::XmlScanner(std::string_view text, const std::string& file) : text_(text), file_(file) {
  const std::size_t bad = first_not_utf8(text_);
  if (bad != text_.size()) refuse(bad, "UTF-8");
  const auto control = std::find_if(text_.begin(), text_.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
  if (control != text_.end()) refuse(std::size_t(control - text_.begin()), "no control bytes");
  if (starts("\xef\xbb\xbf")) at_ = 3;
}

std::string XmlScanner::place(std::size_t at) const {
  const std::string_view before = text_.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
  return file_ + ":" + std::to_string(line) + ":" + std::to_string(column);
}

void XmlScanner::refuse(std::size_t at, const std::string& wanted) const {
  std::string found = text_.empty() ? "an empty file" : "the end of the file";
  if (at < text_.size()) {
    found = "'";
    found += quote_for_message(text_.substr(at, 24)) + "'";
  }
  refuse(at, wanted, found);
}

void XmlScanner::refuse(std::size_t at, const std::string& wanted, const std::string& found) const {
  fail(ErrorKind::input, place(at), ": expected ", wanted, ", found ", found);
}

/// Goes behind the next `end`.
void XmlScanner::pass(std::string_view end, const std::string& what) {
  const std::size_t found = text_.find(end, at_);
  if (found == text_.npos) refuse(begin_, "the end of " + what + ", '" + std::string(end) + "', in the file");
  at_ = found + end.size();
}

/// Goes over text up to the next '<' or the end.
void XmlScanner::read_text() {
  const std::size_t from = at_;
  at_ = std::min(text_.find('<', at_), text_.size());
  const auto part = text_.substr(from, at_ - from);
  const auto first = std::find_if_not(part.begin(), part.end(), is_blank);
  if (first != part.end() && open_.empty()) refuse(from + std::size_t(first - part.begin()), "an element");
  resolved(from, at_);
}

bool XmlScanner::next() {
  if (pop_) {
    open_.pop_back();
    pop_ = false;
  }
  for (;;) {
    read_text();
    begin_ = at_;
    if (at_ == text_.size()) {
      if (!open_.empty()) refuse(at_, "'</" + quote_for_message(open_.back()) + ">'");
      if (!has_root_) refuse(at_, "an element");
      return false;
    }
    if (starts("<?")) {
      pass("?>", "an instruction");
      std::string lower(text_.substr(begin_, at_ - begin_));
      std::transform(lower.begin(), lower.end(), lower.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
      const bool names_one = lower.starts_with("<?xml") && lower.find("encoding") != lower.npos;
      if (names_one && lower.find("utf-8") == lower.npos && lower.find("ascii") == lower.npos) {
        refuse(begin_, "the encoding UTF-8");
      }
    } else if (starts("<!--")) {
      at_ += 4;
      pass("-->", "a comment");
    } else if (starts("<![CDATA[") && !open_.empty()) {
      pass("]]>", "a CDATA section");
    } else if (starts("<!")) {
      refuse(begin_, "XML without a document type");
    } else {
      read_tag();
      return true;
    }
  }
}

void XmlScanner::read_tag() {
  attributes_.clear();
  ++at_;
  if (at_ < text_.size() && text_[at_] == '/') {
    ++at_;
    name_ = read_name("the name of an element");
    skip_blanks();
    if (!starts(">")) refuse(at_, "'>'");
    ++at_;
    if (open_.empty() || open_.back() != name_) {
      refuse(begin_,
             open_.empty() ? "an element that is open" : "'</" + quote_for_message(open_.back()) + ">'");
    }
    opens_ = false;
    closes_ = pop_ = true;
    return;
  }
  if (open_.empty() && has_root_) refuse(begin_, "the end of the file after its element");
  name_ = read_name("the name of an element");
  read_attributes();
  opens_ = has_root_ = true;
  closes_ = pop_ = starts("/>");
  if (!closes_ && !starts(">")) refuse(at_, "an attribute, '>' or '/>'");
  at_ += closes_ ? 2 : 1;
  if (open_.size() == most_depth) refuse(begin_, "at most 64 elements inside one another");
  open_.push_back(name_);
}

std::size_t XmlScanner::skip_blanks() {
  const std::size_t from = at_;
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  return at_ - from;
}

std::string XmlScanner::read_name(const std::string& what) {
  const std::size_t from = at_;
  while (at_ < text_.size() && in_name(text_[at_])) ++at_;
  const char first = at_ > from ? text_[from] : '0';
  if ((first >= '0' && first <= '9') || first == '-' || first == '.') refuse(from, what);
  return std::string(text_.substr(from, at_ - from));
}

void XmlScanner::read_attributes() {
  while (skip_blanks() > 0 && at_ < text_.size() && text_[at_] != '/' && text_[at_] != '>') {
    const std::size_t from = at_;
    std::string name = read_name("the name of an attribute");
    if (attribute(name)) refuse(from, "every attribute once");
    if (attributes_.size() == 64) refuse(from, "at most 64 attributes");
    skip_blanks();
    if (!starts("=")) refuse(at_, "'='");
    ++at_;
    skip_blanks();
    const char mark = at_ < text_.size() ? text_[at_] : '\0';
    if (mark != '"' && mark != '\'') refuse(at_, "a value in quotes");
    const std::size_t begin = at_ + 1, end = text_.find(mark, begin);
    if (end == text_.npos) refuse(at_, "a value in quotes that end");
    const std::size_t bracket = text_.substr(begin, end - begin).find('<');
    if (bracket != text_.npos) refuse(begin + bracket, "no '<' in a value");
    attributes_.emplace_back(std::move(name), resolved(begin, end));
    at_ = end + 1;
  }
}

/// The text with references such as &amp; and &#65; replaced.
std::string XmlScanner::resolved(std::size_t from, std::size_t to) const {
  const std::string_view text = text_.substr(from, to - from);
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = std::min(text.find('&', at), text.size());
    result += text.substr(at, next - at);
    if (next == text.size()) break;
    const std::size_t end = text.substr(next, 12).find(';');
    const std::string_view name = end == text.npos ? std::string_view() : text.substr(next + 1, end - 1);
    constexpr std::pair<std::string_view, char> known[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    const auto entry =
        std::find_if(std::begin(known), std::end(known), [&](const auto& one) { return one.first == name; });
    if (entry != std::end(known)) {
      result += entry->second;
    } else {
      const bool hex = name.starts_with("#x");
      const std::string_view digits = name.substr(std::min<std::size_t>(name.size(), hex ? 2 : 1));
      std::uint32_t code = 0;
      const auto [stop, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
      const bool good = name.starts_with('#') && error == std::errc() &&
                        stop == digits.data() + digits.size() && code >= 0x20 && code <= 0x10ffff &&
                        !(code >= 0xd800 && code <= 0xdfff);
      if (!good) refuse(from + next, "a reference such as '&amp;' or '&#65;'");
      append_utf8(result, code);
    }
    at = next + end + 1;
  }
  return result;
}

const std::string* XmlScanner::attribute(std::string_view name) const {
  for (const auto& [key, value] : attributes_) {
    if (key == name) return &value;
  }
  return nullptr;
}

const std::string& XmlScanner::needed_attribute(std::string_view name) const {
  const std::string* value = attribute(name);
  if (!value) {
    refuse(begin_, "the attribute '" + std::string(name) + "' of '" + quote_for_message(name_) + "'", "none");
  }
  return *value;
}

}  // namespace gnn::graphs
