// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <datasets/formats/text_lines.hpp>

namespace gnn::datasets {

/// Turns what a table calls classes into numbers. The first one decides whether the table has class numbers
/// or names; names are numbered in the order of their appearance, until order() sorts them.
class ClassNames {
 public:
  /// Numbers must lie below `bound`, and there may be at most so many names: no count is believed without
  /// limit.
  explicit ClassNames(std::int64_t bound) : bound_(bound) {}

  /// Throws Error(input) when the text is neither, or not what the first one was.
  std::int32_t number(const TextLines& lines, std::string_view text, std::size_t column);

  bool has_names() const { return kind_ == Kind::names; }
  std::int32_t count() const { return count_; }  ///< largest number + 1, or how many names

  /// The names in ascending order; number[k] becomes the place of the name that number() called k.
  std::vector<std::string> sorted(std::vector<std::int32_t>& number) const;

 private:
  enum class Kind { open, numbers, names };

  std::int64_t bound_;
  Kind kind_ = Kind::open;
  std::size_t first_line_ = 0;
  std::int32_t count_ = 0;
  std::unordered_map<std::string_view, std::int32_t> numbers_;
  std::deque<std::string> names_;  // what the keys point to
};

}  // namespace gnn::datasets
