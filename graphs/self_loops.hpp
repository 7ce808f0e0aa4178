// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <graphs/build_csr.hpp>

namespace gnn::graphs {

/// The graph with its self-loops as asked for. Equals build_csr() of the graph's edges with that wish; a square matrix
/// whose rows are sorted, as every one that was built is, needs one pass and no sorting.
Csr with_self_loops(const Csr& graph, SelfLoops wish);

}  // namespace gnn::graphs
