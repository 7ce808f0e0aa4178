// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gnn::datasets {

/// Walks through JSON (RFC 8259) without keeping it: whoever calls says what is expected next. For files of many million
/// values, where a tree would need a multiple of the file. Values nest at most 64 deep.
class JsonScanner {
 public:
  /// `file` is the name for messages. Both arguments must outlive the object.
  JsonScanner(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  /// Calls member(key) for each member of an object; member takes the value. The key is valid until the next string is
  /// read.
  template <class Member>
  void object(Member member) {
    expect('{', "an object");
    if (take('}')) return;
    do {
      const std::string_view key = string("a key");
      expect(':', "':'");
      member(key);
    } while (take(','));
    expect('}', "',' or '}'");
  }

  /// Calls item() for each item of an array; item takes the value.
  template <class Item>
  void array(Item item) {
    expect('[', "an array");
    if (take(']')) return;
    do {
      item();
    } while (take(','));
    expect(']', "',' or ']'");
  }

  /// A string without its quotes, valid until the next one is read.
  std::string_view string(std::string_view what);
  std::int64_t integer(std::int64_t least, std::int64_t most, std::string_view what);
  bool boolean(std::string_view what);
  void skip() { skip(0); }     ///< any value, and NaN, which Python writes though JSON has no such thing
  char peek();                 ///< the first byte of the next value, 0 at the end of the file
  void expect_end();

  std::size_t at() const { return at_; }      ///< behind what was taken; after peek() where the next value begins
  std::size_t last() const { return last_; }  ///< where the last value or key began
  /// FILE:LINE:COLUMN: expected X, found 'what stands there'. `at` is a byte of the text.
  [[noreturn]] void refuse(std::size_t at, const std::string& expected) const;

 private:
  void skip_blanks();
  bool take(char byte);
  void expect(char byte, const char* what);
  void skip(int depth);
  void skip_number();
  void skip_word(std::string_view word);
  std::string_view unescape(std::size_t begin);
  std::uint32_t hex_digits(std::size_t begin);

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0, last_ = 0;
  std::string unescaped_;
};

}  // namespace gnn::datasets
