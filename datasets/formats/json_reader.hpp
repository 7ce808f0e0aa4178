// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gnn::datasets {

/// Reads JSON (RFC 8259) value after value, without a tree: the caller says what has to come next. Keys may
/// not repeat, nesting ends at 64, integers are exact to 64 bits. All members throw Error(input):
/// "FILE:LINE:COLUMN: expected X, found 'Y'".
///
///   json.enter_object();
///   for (std::string key; json.next_key(key);) ...;  // one value each time
///   json.finish();
class JsonReader {
 public:
  /// Python writes NaN, which JSON does not have: values that are skipped may be one in its dialect.
  enum class Dialect { standard, python };

  /// The views must outlive the object. The text has to be UTF-8; a byte order mark is refused.
  JsonReader(std::string_view text, std::string file, Dialect dialect = Dialect::standard);

  enum class Kind { object, array, string, number, boolean, null };
  Kind peek();  ///< of the value that comes next

  void enter_object();
  bool next_key(std::string& key);  ///< false: the object ends, and has been left
  void enter_array();
  bool next_element();  ///< false: the array ends, and has been left

  std::string string();
  bool boolean();
  void null();
  std::uint64_t whole(const std::string& wanted, std::uint64_t most);  ///< an integer from 0
  float number(const std::string& wanted);                             ///< finite in float32
  void skip();                                                         ///< any value, checked all the same

  void finish();  ///< nothing but blanks may follow

  /// "FILE:LINE:COLUMN" of the value read last, or of the one that comes next.
  std::string place() const { return place_of(start_); }
  [[noreturn]] void refuse(const std::string& wanted);             ///< at the value that comes next
  [[noreturn]] void refuse_last(const std::string& wanted) const;  ///< at the value or key read last
  std::size_t position();                                          ///< where the next value begins, for refuse_at
  [[noreturn]] void refuse_at(std::size_t position, const std::string& wanted) const { fail_at(position, wanted); }

 private:
  struct Level {
    bool is_object;
    bool first = true;
    std::set<std::string> keys;
  };

  std::string place_of(std::size_t at) const;
  [[noreturn]] void fail_at(std::size_t at, const std::string& wanted) const;
  std::string_view token_at(std::size_t at) const;
  void skip_blanks();
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  bool at_end() const { return at_ == text_.size(); }
  char here() const { return at_end() ? '\0' : text_[at_]; }
  bool begin_next(char end);
  void enter(char bracket, const std::string& wanted);
  std::string_view number_token(const std::string& wanted);
  std::uint32_t hex4(std::size_t from);
  void take_word(std::string_view word);

  std::string_view text_;
  std::string file_;
  Dialect dialect_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  std::vector<Level> levels_;
};

}  // namespace gnn::datasets
