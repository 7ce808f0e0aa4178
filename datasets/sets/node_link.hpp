// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <graphs/edge_list.hpp>

namespace gnn::datasets {

/// A graph as networkx writes it (node-link JSON), with the marks that GraphSAGE gives its nodes.
struct NodeLink {
  enum Part : std::uint8_t { train, val, test };

  std::vector<Part> parts;  ///< one a node; train unless the node says "test": true or "val": true
  graphs::EdgeList edges;   ///< as listed
};

/// Reads {"nodes": [{"id": 0, "test": false, "val": false}, ...], "links": [{"source": 0, "target": 372}, ...]}; other
/// members are skipped. Nodes are numbered from 0 in order and stand before the links. Throws Error(input) naming line and
/// column otherwise. The text is walked through once and nothing of it is kept.
NodeLink parse_node_link(std::string_view text, const std::string& file);

/// A row of zeros and ones for some of the nodes, as GraphSAGE writes them: {"0": [1, 0, ...], ...}.
struct ClassMap {
  std::size_t num_classes = 0;
  std::vector<std::uint8_t> targets;  ///< num_nodes x num_classes
  std::vector<std::int32_t> labels;   ///< 0: the node has a row, -1: it has none
};

/// Throws Error(input) naming line and column unless every row has as many numbers as the first, and each node at most one.
ClassMap parse_class_map(std::string_view text, const std::string& file, std::size_t num_nodes);

/// Throws Error(input) naming line and column unless the text maps every node to the row of its own number:
/// {"0": 0, "1": 1, ...}, as that of PPI does.
void check_id_map(std::string_view text, const std::string& file, std::size_t num_nodes);

}  // namespace gnn::datasets
