// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <datasets/formats/name_table.hpp>
#include <datasets/formats/text_layout.hpp>
#include <graphs/types.hpp>

namespace gnn::datasets {

/// Where the edges of a block go. There is room for one edge a line.
struct EdgeArrays {
  NodeId* source = nullptr;
  NodeId* target = nullptr;
  float* weight = nullptr;       ///< null unless the layout has weights
  std::int32_t* type = nullptr;  ///< null unless the layout has types
};

/// What was found in a block.
struct BlockCounts {
  std::size_t lines = 0, edges = 0, comments = 0, blanks = 0;
  std::int64_t largest = -1;  ///< the largest node number, from 0; may be more than NodeId holds

  void add(const BlockCounts& other);
};

/// Tables of names that all blocks share.
struct EdgeNames {
  NameTable nodes, types;
  bool stable = false;  ///< the text outlives the tables
};

/// Reads whole lines, of which the first has this number. Plain lines (digits or plain names, one delimiter, no quotes)
/// take a short way, all others a careful one; which way is taken has no influence on the result. Ids that are numbers
/// must be looked at by the caller: `largest` may be out of bounds. Names and types become numbers of the tables, which
/// must have room for two names and one type a line. Throws Error(input) for the first malformed line.
BlockCounts parse_block(std::string_view text, std::size_t first_line, const TextLayout& layout, EdgeNames& names,
                        const EdgeArrays& to);

}  // namespace gnn::datasets
