// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <datasets/formats/edges.hpp>
#include <datasets/formats/text_fields.hpp>

namespace gnn::datasets {

/// How the lines of a text file of edges are to be understood. Columns count from 0.
struct TextLayout {
  std::string file;
  char delimiter = ',';
  std::size_t width = 0;       ///< fields in every line
  std::size_t first_line = 0;  ///< the line that sets the width: the first that is no comment and not blank
  bool has_header = false;     ///< first_line names the columns
  std::size_t source = 0, target = 1;
  std::optional<std::size_t> weight, type;
  bool names = false;    ///< nodes are told apart by their text: names, or numbers that are to be relabelled
  bool numbers = false;  ///< ids are numbers
  std::int64_t base = 0;
  std::optional<std::int64_t> largest;  ///< the largest node number, counted from 0
  std::string largest_reason;           ///< "100 nodes"
};

/// The first line with data, or a header, and its number; nothing when the text has none. Skips a UTF-8 mark at the
/// beginning; throws Error(input) when the text is UTF-16 or UTF-32.
struct FirstLine {
  std::string_view text;
  std::size_t number = 0;
};
std::optional<FirstLine> find_first_line(std::string_view text, std::size_t number, std::string_view file);

/// How many bytes of mark the text begins with. Throws Error(input) when it is UTF-16 or UTF-32.
std::size_t skip_byte_order_mark(std::string_view text, std::string_view file);

/// Tells the layout from the first line. Throws Error(input) when it does not fit, Error(usage) when a column's number is
/// not one; adds to notes what was assumed.
TextLayout detect_layout(const std::string& file, const FirstLine& first, const EdgeOptions& options,
                         std::vector<std::string>& notes);

}  // namespace gnn::datasets
