// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/text_numbers.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

namespace gnn::datasets {
namespace {

/// Whether a decimal number that no double can hold is tiny rather than huge: the power of ten of its first
/// digit that is not 0 tells.
bool is_tiny(std::string_view text) {
  const std::size_t e = text.find_first_of("eE");
  const std::string_view digits = text.substr(0, e);
  const std::size_t first = digits.find_first_of("123456789");
  if (first == digits.npos) return true;
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const auto power = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  if (e == text.npos) return power <= 0;
  std::string_view exponent = text.substr(e + 1);
  const bool negative = exponent.starts_with('-');
  if (negative || exponent.starts_with('+')) exponent.remove_prefix(1);
  // An exponent of more than 64 bits outweighs any number of digits in a line.
  const auto shift = decimal_to_integer(exponent);
  return shift ? power + (negative ? -*shift : *shift) <= 0 : negative;
}

}  // namespace

NumberKind decimal_to_float(std::string_view text, float& value) {
  // A plus sign is no part of the numbers that from_chars knows.
  if (text.size() > 1 && text[0] == '+' && (text[1] == '.' || (text[1] >= '0' && text[1] <= '9'))) {
    text.remove_prefix(1);
  }
  const char* const end = text.data() + text.size();
  auto result = std::from_chars(text.data(), end, value);
  if (result.ptr != end) return NumberKind::no_number;
  if (result.ec == std::errc()) return std::isfinite(value) ? NumberKind::finite : NumberKind::not_finite;
  if (result.ec != std::errc::result_out_of_range) return NumberKind::no_number;
  double wide = 0;
  result = std::from_chars(text.data(), end, wide);
  if (result.ec == std::errc()) {
    if (std::abs(wide) >= 1) return NumberKind::too_large;
    value = static_cast<float>(wide);
    return NumberKind::finite;
  }
  if (!is_tiny(text)) return NumberKind::too_large;
  value = 0;
  return NumberKind::finite;
}

std::optional<std::int64_t> decimal_to_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (text.empty() || result.ptr != end || result.ec != std::errc()) return std::nullopt;
  return value;
}

}  // namespace gnn::datasets
