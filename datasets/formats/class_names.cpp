// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/class_names.hpp>

#include <algorithm>
#include <numeric>

#include <datasets/formats/text_numbers.hpp>
#include <datasets/in_quotes.hpp>

namespace gnn::datasets {

std::int32_t ClassNames::number(const TextLines& lines, std::string_view text, std::size_t column) {
  const auto integer = decimal_to_integer(text);
  const bool is_number = looks_like_number(text);
  if (kind_ == Kind::open) {
    kind_ = is_number ? Kind::numbers : Kind::names;
    first_line_ = lines.number();
  }
  const std::string as_before = " as on line " + std::to_string(first_line_);
  if (kind_ == Kind::numbers) {
    if (!is_number)
      lines.refuse(column, "an integer" + as_before + ", the number of a class", in_quotes(text));
    if (!integer || *integer < 0 || *integer >= bound_) {
      lines.refuse(column, "an integer below " + std::to_string(bound_) + ", the number of a class, or -1",
                   in_quotes(text));
    }
    count_ = std::max(count_, static_cast<std::int32_t>(*integer) + 1);
    return static_cast<std::int32_t>(*integer);
  }
  if (is_number || text.empty()) lines.refuse(column, "the name of a class" + as_before, in_quotes(text));
  if (const auto found = numbers_.find(text); found != numbers_.end()) return found->second;
  if (count_ >= bound_) {
    lines.refuse(column, "at most " + std::to_string(bound_) + " classes", "another one, " + in_quotes(text));
  }
  numbers_.emplace(names_.emplace_back(text), count_);
  return count_++;
}

std::vector<std::string> ClassNames::sorted(std::vector<std::int32_t>& number) const {
  std::vector<std::int32_t> order(names_.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(
      order, {}, [&](std::int32_t k) -> const std::string& { return names_[static_cast<std::size_t>(k)]; });
  number.resize(order.size());
  std::vector<std::string> names;
  for (const std::int32_t k : order) {
    number[static_cast<std::size_t>(k)] = static_cast<std::int32_t>(names.size());
    names.push_back(names_[static_cast<std::size_t>(k)]);
  }
  return names;
}

}  // namespace gnn::datasets
