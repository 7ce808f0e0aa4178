// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <datasets/formats/edges.hpp>

namespace gnn::datasets {

/// The largest number of nodes that `entries` numbers in a file may claim: more would make a small file ask
/// for much memory.
std::uint64_t most_nodes(std::uint64_t entries);

/// Throws Error(input) when a file claims more nodes than most_nodes(entries) or than NodeId can number:
/// "FILE: expected at most 1048576 nodes in a file of 2 edges, found 99999999999".
void check_node_count(std::uint64_t nodes, std::uint64_t entries, const std::string& where);

/// Edges between numbered nodes, with options.index_base (0 when open), num_nodes and relabel obeyed.
/// `declared` is the number of nodes that the file itself tells, 0 when it tells none. place(k, is_target) is
/// where the number of edge k stands, for messages: "x.npy: row 1, column 7". Weights are empty or one an
/// edge.
RawEdges number_edges(const std::vector<std::int64_t>& source, const std::vector<std::int64_t>& target,
                      std::vector<float> weights, std::uint64_t declared, const EdgeOptions& options,
                      const std::string& where, const std::function<std::string(std::size_t, bool)>& place);

}  // namespace gnn::datasets
