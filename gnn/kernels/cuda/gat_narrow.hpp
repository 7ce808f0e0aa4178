// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/attention.hpp>
#include <gnn/kernels/cuda/project.hpp>

// A layer of GAT whose rows are summed up before they are projected, see autograd/narrow_gat.hpp: attention of `heads` heads over
// one x, S x F, with F up to widest_narrow, that are_narrow_packs() takes.
namespace gnn::inline GNN_PRECISION::cuda {

inline constexpr unsigned narrow_heads = 4;     ///< that a row is read for at once: a slice
inline constexpr unsigned narrow_columns = 4;   ///< of a row that a lane has
inline constexpr unsigned widest_narrow = 128;  ///< columns
constexpr unsigned narrow_slices(std::size_t heads) { return unsigned((heads + narrow_heads - 1) / narrow_heads); }

/// Whether lanes can read the rows of x as they are: whole packs of narrow_columns numbers, which begin where packs do.
bool are_narrow_packs(ConstMat x);

/// vectors[h,f] = scores[f,h], with zeros behind them, and back. scores: F x heads, vectors: heads x D with D >= F.
void turn_scores(Context& ctx, ConstMat scores, Mat vectors);
void turn_vectors(Context& ctx, ConstMat vectors, Mat scores);

/// s[j,h] = <x_j, source_vector[h]> + source_bias[h], and t of the targets alike.
void narrow_scores(Context& ctx, ConstMat x, ProjectedScores scores);

/// sums[i,h,:] = sum_j m_ijh alpha_ijh x_j over the edges j -> i, with alpha the softmax of leaky_relu(s_jh + t_ih) and m dropout's
/// multipliers. sums: R x (heads F). state gets maximum and sum, unless they are empty.
void narrow_rows(Context& ctx, CsrView in, ConstMat s, ConstMat t, ConstMat x, Real slope, Dropout dropout, Mat sums, AttentionState state);

/// Rows of the pieces that the way back writes.
std::size_t num_narrow_pieces(const CsrView& in);
/// The way back to the vectors and biases of the scores, in one pass over the edges into each target. Pieces, to be added up, are as
/// wide as the sums; those of the biases, which are the same for both, have a column a head, and may be empty.
void narrow_rows_backward(Context& ctx, CsrView in, ConstMat s, ConstMat t, ConstMat x, Real slope, Dropout dropout, ConstMat sums,
                          AttentionState state, ConstMat dsums, Mat source_pieces, Mat target_pieces, Mat bias_pieces);

}  // namespace gnn::inline GNN_PRECISION::cuda
