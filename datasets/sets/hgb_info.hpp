// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gnn::datasets {

/// What info.dat of a set in HGB form says.
struct HgbInfo {
  struct Link {
    std::size_t start = 0, end = 0;  ///< node types
    std::string meaning;             ///< "author-paper"
  };
  std::vector<std::string> types;                 ///< names, by number
  std::vector<Link> links;                        ///< by number
  std::vector<std::vector<std::string>> classes;  ///< names by number, for each node type; empty where it has none
};

/// Throws Error(input) naming line and column unless the text is JSON that names every type from 0 up.
HgbInfo parse_hgb_info(std::string_view text, const std::string& file);

}  // namespace gnn::datasets
