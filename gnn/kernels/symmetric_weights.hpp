// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/adjacency.hpp>
#include <gnn/kernels/kernel.hpp>

namespace gnn::inline GNN_PRECISION {

/// weight[e] = a_e / sqrt(d_i d_j) for edge e: j -> i, with a_e the edge's own weight (1 without) and d_i the sum of those into
/// i. 0 where a sum is not above 0. weight: E x 1, edges in the order of the rows; the graph has as many sources as targets.
GNN_KERNEL(symmetric_weights, CsrView in, Mat weight);
}  // namespace gnn::inline GNN_PRECISION
