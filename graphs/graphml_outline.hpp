// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <graphs/types.hpp>

namespace gnn::graphs {

/// A part of a GraphML file: whole node and edge elements that stand behind one another.
struct GraphmlSlice {
  std::string_view text;
  std::vector<NodeId> nodes;  ///< of node elements, then those that only edges mention, in the order of the file
  std::vector<std::size_t> edges;      ///< where each edge begins in the file
  std::vector<NodeId> source, target;  ///< of each edge
};

/// What a GraphML file is made of, found before Boost sees it. Every element is checked, and everything that
/// Boost does not check: ids that are missing, double or unknown, structure, depth, size.
struct GraphmlOutline {
  bool directed = true;
  std::string keys;                     ///< the text of the key elements
  std::vector<std::string> node_names;  ///< in the order of the file
  std::vector<GraphmlSlice> slices;     ///< of about 1 MiB
};

/// Throws Error(input) naming file, line and column.
GraphmlOutline outline_graphml(std::string_view text, const std::string& file);

/// "FILE:LINE:COLUMN" of a byte of the text.
std::string graphml_place(std::string_view text, const std::string& file, std::size_t at);

}  // namespace gnn::graphs
