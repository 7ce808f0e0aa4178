// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/tape.hpp>
#include <gnn/core/adjacency.hpp>

namespace gnn::inline GNN_PRECISION {

/// The attention of SuperGAT that looks at dot products g = <z_j, z_i> of a head's channels, fused (see
/// kernels/supergat.hpp for formula and gradients):
///
///   u_ij = (source_score_j + target_score_i) sigmoid(g)  with scores: MX
///   u_ij = scale g                                       without (both undefined): DP with scale 1, SD with
///   1 / sqrt(C) out_i = sum over edges j -> i of dropout(softmax(leaky_relu(u_ij, slope))) z_j
///
/// z: S x (heads C), its first R rows are the targets; source_score: S x heads, target_score: R x heads;
/// scale counts only without scores. Returns R x (heads C). A target without edges gets zeros.
Var supergat_attention(const Adjacency& adjacency, const Var& z, std::size_t heads, const Var& source_score,
                       const Var& target_score, double scale, double slope, double p, std::uint32_t stream);

/// The softmax weights alone, without dropout: E x heads, edges in the order of adjacency.in().
Tensor supergat_attention_weights(const Adjacency& adjacency, const Var& z, std::size_t heads,
                                  const Var& source_score, const Var& target_score, double scale,
                                  double slope);

}  // namespace gnn::inline GNN_PRECISION
