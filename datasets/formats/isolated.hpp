// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <datasets/formats/edges.hpp>
#include <datasets/formats/tables.hpp>

namespace gnn::datasets {

/// A table that may speak of nodes without edges, and what it is read as.
struct NodeTable {
  std::filesystem::path path;
  TableOptions options;
  bool is_labels = false;
};

/// Adds the nodes that tables by id have and the edges lack, as nodes without edges: names take their place in the sorted
/// order, so that nodes are numbered anew; numbers raise the number of nodes. How many is noted. Tables without ids, or
/// that are not text, are left alone. Throws what read_features throws for text, and Error(input) for more nodes than a
/// table of that size may ask for.
void add_isolated_nodes(RawEdges& raw, const std::vector<NodeTable>& tables);

}  // namespace gnn::datasets
