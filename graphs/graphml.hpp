// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <graphs/edge_list.hpp>

namespace gnn::graphs {

/// A graph as a GraphML file has it.
struct GraphmlGraph {
  EdgeList edges;                       ///< every edge once
  std::vector<std::string> node_names;  ///< ids, in the order of the file
  bool directed = true;
};

/// Reads GraphML (graphml.graphdrawing.org) through Boost: one graph of nodes and edges, flat, without
/// hyperedges, ports and document type. Weights are the edge attribute `weight_name`, none when no edge has
/// it. Throws Error(input) naming file, line and column when the text is malformed, an edge names a node that
/// is not there, or only some edges have a weight.
GraphmlGraph read_graphml(std::string_view text, const std::string& file,
                          const std::string& weight_name = "weight");

}  // namespace gnn::graphs
