// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/gat_rows.hpp>
#include <gnn/kernels/supergat.hpp>

// SuperGAT's attention with what stands behind it in a layer, and the loss of its edges, which looks at the same products
// <z_i, z_j>: together they gather each row once.
namespace gnn::inline GNN_PRECISION::cuda {

/// Whether a head fits in the registers of a warp: what the functions below need.
bool supergat_rows_fit(std::size_t heads, std::size_t channels);

/// Dropout's multipliers of every edge and head, E x heads, and which edges count in a loss, E x 1: 1 or 0. What is empty is
/// left out.
void draw_edges(Context& ctx, CsrView in, Dropout attention, Dropout coins, Mat multipliers, Mat kept);

/// supergat_attention, and the layer's end, see GatEnd: of_mean puts the mean of the heads in the place of out. products: of
/// edges and heads, g. Empty matrices are left out.
void supergat_rows(Context& ctx, CsrView in, SimilarityScore score, Dropout dropout, Mat out, SoftmaxState state, Mat products,
                   GatEnd end, bool of_mean);

/// sort_pairs of pairs that stand in the rows of both of their ends: pair k joins ends[k] and ends[count + k]. offsets: num_rows + 1,
/// columns: 2 count.
void sort_ends(Context& ctx, const NodeId* ends, std::size_t count, NodeId num_rows, EdgeOffset* offsets, NodeId* columns);

/// The pairs without an edge in a loss over products of whole rows: `ends` has each pair in the rows of both of its nodes.
/// gradient[i,:] = sum over row i's pairs of sigmoid(scale <z_i, z_j>) z_j, loss[i] = sum of log(1 + exp(scale <z_i, z_j>)).
void drawn_pairs(Context& ctx, CsrView ends, ConstMat z, Real scale, Mat gradient, Mat loss);

/// The loss over the edges, whose products are there, and over so many drawn pairs, whose losses stand twice in drawn_loss. Leaves
/// coefficient and result as link_loss() does.
void edge_links(Context& ctx, ConstMat products, ConstMat kept, ConstMat drawn_loss, std::size_t num_drawn, Real scale, Real factor,
                Mat coefficient, Mat result);

/// What the loss of the edges adds on the way back: dloss result[1] (coefficient z of the other end of each edge, both ways, and
/// of_drawn). No dloss: nothing.
struct LinkGradient {
  ConstMat coefficient, of_drawn, result, dloss;
};

/// The way back through a layer, in place of the gradients of an attention alone: dz is written as a whole, with the parts that
/// come through scores; so are the gradients of these, and dout = dy elu'(y), for sums over nodes. Without elu dout is dy, and is
/// not written.
struct SuperGatLayerBack {
  const Real *source_vector = nullptr, *target_vector = nullptr;  ///< heads x channels; null: no scores
  GatEnd end;
  bool of_mean = false;  ///< dy belongs to the mean of the heads
  LinkGradient links;
  Mat dout;
};

/// supergat_attention_backward. layer: see there; null: gradients are added to.
void supergat_rows_backward(Context& ctx, CsrView in, CsrView out_edges, SimilarityScore score, Dropout dropout, ConstMat out,
                            SoftmaxState state, ConstMat dy, const SuperGatLayerBack* layer, Mat dz, Mat dsource_score,
                            Mat dtarget_score);

/// Sums over nodes in one launch: pieces of sum over i of weight[i, k's head] x[i,k], for add_pieces(); an empty weight counts as 1.
/// All have as many nodes, and pieces num_layer_pieces() rows.
struct LayerSums {
  struct Sum {
    ConstMat x, weight;
    Mat pieces;
  } sum[3];
  std::size_t count = 0;
};
std::size_t num_layer_pieces(std::size_t nodes);
void layer_sums(Context& ctx, const LayerSums& sums);

}  // namespace gnn::inline GNN_PRECISION::cuda
