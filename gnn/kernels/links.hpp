// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/adjacency.hpp>
#include <gnn/core/philox.hpp>
#include <gnn/kernels/kernel.hpp>

// The loss that asks of two nodes' features whether an edge joins them: pairs drawn without an edge, and the
// loss over edges and such pairs.
namespace gnn::inline GNN_PRECISION {

/// A graph in which pairs are drawn, see GraphPart.
struct PairSpace {
  NodeId first_node = 0, num_nodes = 0, first_id = 0;
  const NodeId* non_edges = nullptr;  ///< target, source, target, ...; null: the graph is not dense
  std::size_t num_non_edges = 0;
};

/// Draws `count` ordered pairs of different nodes that no edge joins in either direction, each of them
/// uniformly and whatever the others are: pair k goes from source[k] to target[k]. A dense graph's are drawn
/// from their list. Else pairs of nodes are drawn until one has no edge, which takes two draws or fewer on
/// average: try t of pair k is two words, 2 (t % 2) and the next, at the address (k, first_id, stream + (t /
/// 2) * 2^12, step). On a CPU the edges of a row are looked through one by one: a row is drawn as often as
/// any other, so that this costs no more than the mean degree.
GNN_KERNEL(draw_non_edges, CsrView in, CsrView out, PairSpace space, Dropout draw, std::size_t count,
           NodeId* target, NodeId* source);
/// Sorts pairs (row[k], column[k]) by row, those of a row by their number k. offsets: num_rows + 1; rows,
/// columns and number have `count` entries: the pair at place p is (rows[p], columns[p]) and has number[p].
GNN_KERNEL(sort_pairs, const NodeId* row, const NodeId* column, std::size_t count, NodeId num_rows,
           EdgeOffset* offsets, NodeId* rows, NodeId* columns, EdgeOffset* number);

/// How two rows of features become a logit.
enum class LinkLogit {
  product,  ///< scale * sum over columns of source_j * target_i
  sum,      ///< scale * sum over columns of source_j + target_i
};

/// Pairs that count in a loss.
struct LinkSet {
  CsrView in;
  ConstMat kept;    ///< one number a pair, 0 or 1: whether it counts; empty: all do
  Real label = 0;   ///< 1 for edges
  Mat coefficient;  ///< one number a pair: kept (sigmoid(logit) - label), for the backward pass
};

/// result[0] = factor times the mean over all pairs kept of
///
///   max(x, 0) + log(1 + exp(-|x|)),  x = -logit for an edge, logit for a pair without one,
///
/// summed in double, and result[1] = factor scale / (number of pairs kept). Without pairs both are 0. result:
/// 1 x 2.
GNN_KERNEL(link_loss, LinkSet positive, LinkSet negative, ConstMat source, ConstMat target, LinkLogit logit,
           Real scale, Real factor, Mat result);
/// With k = dloss result[1] coefficient of a pair j -> i, for LinkLogit::product
///   dtarget_i += sum_j k source_j,  dsource_j += sum_i k target_i,
/// and for LinkLogit::sum the same with 1 for the features. A row has one owner in each of the two passes. An
/// empty gradient is left out.
GNN_KERNEL(link_loss_backward, CsrView in, CsrView out, ConstMat coefficient, ConstMat result, ConstMat dloss,
           ConstMat source, ConstMat target, LinkLogit logit, Mat dsource, Mat dtarget);
}  // namespace gnn::inline GNN_PRECISION
