// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/tape.hpp>
#include <gnn/core/adjacency.hpp>

// Edge arrays have one row per edge, in the order of adjacency.in().
namespace gnn::inline GNN_PRECISION {

/// score[e,h] = source_score[j,h] + target_score[i,h] for e: j -> i. Returns E x heads.
Var edge_scores(const Adjacency& adjacency, const Var& source_score, const Var& target_score);

/// Softmax over the edges into each target, per head: weights into a node sum to one. score: E x heads.
Var edge_softmax(const Adjacency& adjacency, const Var& score);

/// Dropout drawn per edge and head, by the edge's ends and not by its place. x: E x heads.
Var edge_dropout(const Adjacency& adjacency, const Var& x, double p, std::uint32_t stream);

/// y[i,h,:] = sum over edges e: j -> i of weight[e,h] x[j,h,:]. weight: E x heads; x: S x (heads C); returns R x (heads C).
Var propagate(const Adjacency& adjacency, const Var& weight, const Var& x);

/// The weights of a graph convolution: a_e / sqrt(d_i d_j) for e: j -> i, with the edge's weight a_e and the sum d_i of those
/// into i. Returns E x 1. The graph has as many sources as targets.
Tensor symmetric_weights(Context& ctx, const Adjacency& adjacency);

}  // namespace gnn::inline GNN_PRECISION
