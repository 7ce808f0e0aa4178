// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gnn::graphs {

/// Text of a stranger made fit for an error message: control characters and bytes that are not UTF-8 become
/// `\xNN`, so that a file cannot drive the user's terminal. The result has at most `limit` bytes; what was cut
/// leaves "..." behind them, and no character is cut in two. Adds no quotation marks.
std::string quote_for_message(std::string_view text, std::size_t limit = 80);

/// The same in apostrophes.
std::string in_quotes(std::string_view text);

}  // namespace gnn::graphs
