// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include <graphs/csr.hpp>

namespace gnn::graphs {

/// One hop of a receptive field: the edges into some nodes, numbered anew. Targets are the nodes 0 to R-1; sources are
/// the targets and, behind them, all other nodes with an edge into a target.
struct Hop {
  Csr edges;                ///< R x S; the edges of a row stand in the order that they have in the graph
  std::vector<NodeId> ids;  ///< S: which node of the graph each source is; the targets in the order given, then the others, ascending
};

/// What `hops` layers of message passing need to give results for `targets` alone: the last element holds the edges
/// into the targets, the one before it the edges into all of its sources, and so on. The sources of an element are the
/// targets of the one before it, in the same order. graph must be square.
/// Throws Error(input) when targets do not ascend or are no nodes of the graph.
std::vector<Hop> receptive_field(const Csr& graph, std::span<const NodeId> targets, std::size_t hops);

/// How many edges that receptive field has in all of its hops together; it is not built.
std::int64_t count_receptive_edges(const Csr& graph, std::span<const NodeId> targets, std::size_t hops);

}  // namespace gnn::graphs
