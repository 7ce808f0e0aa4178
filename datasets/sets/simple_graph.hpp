// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <graphs/csr.hpp>
#include <graphs/edge_list.hpp>

namespace gnn::datasets {

struct SimpleGraphOptions {
  bool directed = false;         ///< keep edges as they are, else give them both directions
  bool keep_self_loops = false;  ///< else they are removed
};

/// The graph that the known sets are loaded as: no duplicates and, unless the options say otherwise, no self-loops and
/// both directions of every edge. What was done is counted in `notes`. An edge list with weights gives a graph without.
graphs::Csr simple_graph(graphs::EdgeList edges, std::vector<std::string>& notes, SimpleGraphOptions options = {});

}  // namespace gnn::datasets
