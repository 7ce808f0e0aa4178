// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <graphs/csr.hpp>
#include <graphs/edge_list.hpp>

namespace gnn::datasets {

/// The graph that the known sets are loaded as: no duplicates, no self-loops, and both directions of every edge unless
/// `directed`. What was done is counted in `notes`. An edge list with weights gives a graph without.
graphs::Csr simple_graph(graphs::EdgeList edges, std::vector<std::string>& notes, bool directed = false);

}  // namespace gnn::datasets
