// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <graphs/quote.hpp>

namespace gnn::datasets {

/// Text of a stranger for an error message: made printable, cut at 80 bytes, in quotation marks.
inline std::string in_quotes(std::string_view text) {
  std::string result = "'";
  result += graphs::quote_for_message(text);
  result += "'";
  return result;
}

}  // namespace gnn::datasets
