// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <gnn/core/philox.hpp>
#include <graphs/join.hpp>

// Edges that a step of training draws, on the host. Every draw has an address (see core/philox.hpp), so the order of edges
// and the number of threads have no influence.
namespace gnn::inline GNN_PRECISION {

/// `count` of the edges, drawn without replacement with chances proportional to their values: those with the largest
/// log(u_e) / value_e, for u_e drawn at the edge's address (Efraimidis and Spirakis 2006). All of them, when there are no more.
graphs::NumberedEdges draw_edges(const graphs::NumberedEdges& all, std::size_t count, const Dropout& address);

/// Pairs of a row and a column that are no edge, drawn alike and without replacement: `count` of them, or as many as there
/// are.
graphs::Csr draw_missing_edges(const graphs::Csr& edges, std::size_t count, const Dropout& address);

}  // namespace gnn::inline GNN_PRECISION
