// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/attention.hpp>
#include <gnn/kernels/cuda/project.hpp>

// GAT's attention with what stands before and behind it in a layer, for heads of up to 256 channels.
namespace gnn::inline GNN_PRECISION {

/// The end of a layer: y = out + through + bias + second bias, and ELU of that. What is empty is left out; empty y: none.
struct GatEnd {
  const Real *bias = nullptr, *second_bias = nullptr;
  bool elu = false;
  ConstMat through;
  Mat y;
};

namespace cuda {

/// Whether the functions here take this shape.
bool gat_rows_fit(std::size_t heads, std::size_t channels);

/// kernels::gat_attention, and the layer's end. Empty matrices of `state`, and an empty out, are left out.
void gat_rows(Context& ctx, CsrView in, ConstMat source_score, ConstMat target_score, ConstMat value, Real slope, Dropout dropout,
              Mat out, AttentionState state, GatEnd end);

/// The end of a layer behind the mean of its heads: the same with the mean of out's heads in the place of out. Heads may have
/// more channels than y columns, see padded_channels().
void gat_mean_end(Context& ctx, ConstMat out, std::size_t heads, GatEnd end);
/// Back through the end of such a layer: dmean = dy elu'(y), with zeros where heads have more channels, and the biases' pieces, as
/// many rows as there are pieces. Empty dmean: it is dy.
void gat_mean_end_backward(Context& ctx, ConstMat dy, GatEnd end, Mat dmean, Mat bias_pieces);

/// The same of a layer whose heads lie side by side.
void gat_end_backward(Context& ctx, std::size_t heads, ConstMat dy, GatEnd end, Mat dout, Mat bias_pieces);

/// Both scores of rows of z, see ProjectedScores, and its value.
void gat_scores(Context& ctx, ConstMat z, const NodeId* ids, ProjectedScores scores);

/// How many rows pieces have for sums over so many nodes, and for sums over the sources of edges.
std::size_t num_gat_pieces(std::size_t nodes);
std::size_t num_gat_pieces(const CsrView& out_edges);

/// What an edge needs of its target on the way back: 4 numbers a target and head.
inline constexpr std::size_t gat_edge_numbers = 4;

/// First pass of the way back, over targets: dout = dy elu'(y), the edges' numbers, dtarget_score (+)= its gradient, and
/// the bias's pieces. Without elu, dout is dy and is not written. of_mean: dy belongs to the mean of the heads; then it has
/// the columns of one head.
void gat_backward_targets(Context& ctx, Real slope, ConstMat target_score, ConstMat out, AttentionState state, ConstMat dy,
                          GatEnd end, bool of_mean, Mat dout, Mat edge_numbers, bool add, Mat dtarget_score, Mat bias_pieces);

/// What the second pass gives: the gradients of score and value, added; or, with the vectors a_s and a_t of the scores, that
/// of z as a whole, written, from which value came by a dropout, and pieces of those of vectors and of the scores' biases,
/// which are sums over nodes for add_pieces(): num_gat_pieces(out_edges) rows.
struct GatSources {
  Mat dsource_score, dvalue;
  const Real *source_vector = nullptr, *target_vector = nullptr;
  ConstMat dtarget_score, z;
  Dropout dropout;
  const NodeId* ids = nullptr;
  Mat dz, source_pieces, target_pieces, source_bias_pieces, target_bias_pieces;
};

/// Second pass, over sources: one gather of dout over the edges out of each.
void gat_backward_sources(Context& ctx, CsrView out_edges, Real slope, Dropout dropout, ConstMat source_score, ConstMat value,
                          ConstMat edge_numbers, ConstMat dout, bool of_mean, GatSources to);

/// Both passes at once, where that is worth it: in a small graph of one of few_edges.cuh's shapes, without a residual; else
/// false, and nothing is done. to.dtarget_score is not read; bias_pieces has as many rows as to.source_pieces. launched:
/// CudaState::launched when the layer's forward pass was.
bool gat_few_backward(Context& ctx, CsrView out_edges, Real slope, Dropout dropout, ConstMat source_score, ConstMat target_score,
                      ConstMat value, ConstMat out, AttentionState state, ConstMat dy, GatEnd end, GatSources to, Mat bias_pieces,
                      std::size_t launched);

/// kernels::gat_attention_backward in one pass, under the same conditions; else false, and nothing is done.
bool gat_few_gradients(Context& ctx, CsrView out_edges, Real slope, Dropout dropout, ConstMat source_score, ConstMat target_score,
                       ConstMat value, ConstMat out, AttentionState state, ConstMat dout, Mat dsource_score, Mat dtarget_score, Mat dvalue);

}  // namespace cuda
}  // namespace gnn::inline GNN_PRECISION
