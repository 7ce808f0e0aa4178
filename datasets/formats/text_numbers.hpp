// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gnn::datasets {

/// What a text that should be a number is.
enum class NumberKind { finite, not_finite, too_large, no_number };

/// A decimal number as a float: digits with at most one point, an exponent, a sign. What is too small for a
/// float becomes 0 or the nearest subnormal number. `value` is set when the result is `finite`.
NumberKind decimal_to_float(std::string_view text, float& value);

/// Decimal digits with a minus sign or without; nothing when the text is something else or needs more than 64
/// bits.
std::optional<std::int64_t> decimal_to_integer(std::string_view text);

/// Whether the text is meant as a number, be it too large, infinite or not a number ("nan").
inline bool looks_like_number(std::string_view text) {
  float ignored;
  return decimal_to_float(text, ignored) != NumberKind::no_number;
}

}  // namespace gnn::datasets
