// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include <graphs/types.hpp>

namespace gnn::graphs {

/// Throws Error(input) unless these arrays form a CSR matrix: offsets start at 0, never fall and end at the
/// number of edges; columns lie in [0, num_columns); weights are empty or one finite number an edge. One
/// pass, in parallel; the message names the first fault.
void check_csr(NodeId num_columns, std::span<const EdgeOffset> offsets, std::span<const NodeId> columns,
               std::span<const float> weights);

}  // namespace gnn::graphs
