// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <gnn/autograd/tape.hpp>
#include <gnn/core/adjacency.hpp>
#include <gnn/kernels/links.hpp>

namespace gnn::inline GNN_PRECISION {

/// Ordered pairs of nodes, rows by target and by source as in Adjacency. Copies share the arrays.
struct Pairs {
  CsrView in, out;
  std::shared_ptr<const void> owner;  ///< of what the views show
};

/// Pairs of nodes that one step compares: edges, and pairs without an edge.
struct Links {
  Pairs positive;
  Tensor kept;  ///< one number for each positive, 1 or 0: whether it counts; undefined: all do
  Pairs negative;
  bool beside = false;  ///< drawn on the context's branch, which link_loss() waits for
};

/// How many pairs without an edge a step draws: floor(ratio E_g) of each graph g of the adjacency. Throws as draw_links() does.
std::size_t num_drawn_pairs(const Adjacency& adjacency, double ratio);
/// Draws them, of each graph different nodes that no edge joins in either direction: pair k goes from source[k] to target[k].
void draw_pairs(Tape& tape, const Adjacency& adjacency, double ratio, std::uint32_t stream, NodeId* target, NodeId* source);

/// Draws the pairs of one step. Positives: each edge counts with probability edge_ratio. Negatives: for each
/// graph g of the adjacency floor(negative_ratio edge_ratio E_g) pairs of different nodes of it that no edge
/// joins in either direction.
///
/// The authors' program takes exactly floor(edge_ratio E) positives without replacement; here each edge
/// tosses a coin of its own, drawn by its ends, because arrays then have the same shape in every step and the
/// choice does not depend on the order of edges. The loss divides by the number of those that count.
///
/// Positives draw from `stream`, negatives from stream + 1. What a tape has frozen there, a row (source,
/// target) for each pair, stands in for the draw. Throws Error(usage) unless 0 < edge_ratio <= 1 and 0 <=
/// negative_ratio, and when negatives are to be drawn in a graph where every pair of nodes has an edge.
Links draw_links(Tape& tape, const Adjacency& adjacency, double edge_ratio, double negative_ratio,
                 std::uint32_t stream);

/// The same for link_loss() alone to read. On a GPU the pairs are drawn beside what comes next, for none of that depends on them.
Links draw_links_beside(Tape& tape, const Adjacency& adjacency, double edge_ratio, double negative_ratio, std::uint32_t stream);

/// factor times the mean over all pairs that count of -log sigmoid(logit) for positives and -log
/// sigmoid(-logit) for negatives, with logit[j -> i] = scale * sum over columns of source[j,:] target[i,:]
/// (LinkLogit::product) or of source[j,:] + target[i,:] (LinkLogit::sum). source and target: N x columns, and
/// may be the same. Returns 1 x 1; 0 without pairs.
Var link_loss(const Links& links, const Var& source, const Var& target, LinkLogit logit, double scale,
              double factor);

}  // namespace gnn::inline GNN_PRECISION
