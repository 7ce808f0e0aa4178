// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/tape.hpp>
#include <gnn/core/adjacency.hpp>

namespace gnn::inline GNN_PRECISION {

/// The adaptive sum over hops of DAGNN, fused:
///   h_0 = z,  h_k = A h_{k-1},  out_i = sum_{k=0..hops} sigmoid(<w, h_k,i> + b) h_k,i
/// with A = D^(-1/2) W D^(-1/2), where W holds the edges' weights (all one when the graph has none) and D its
/// sums over the edges into each node. Self-loops are the graph's own. A node without edges into it keeps h_0
/// alone. z: N x C; w: 1 x C; b: 1 x 1; returns N x C. Training keeps the (hops + 1) N C numbers of all hops.
Var adaptive_hops(const Adjacency& adjacency, const Var& z, const Var& w, const Var& b, std::size_t hops);

}  // namespace gnn::inline GNN_PRECISION
