// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/philox.hpp>
#include <gnn/core/sparse_matrix.hpp>
#include <gnn/kernels/kernel.hpp>

// Products with a narrow matrix: a warp owns a row of the result. The scores of attention, which look at whole rows, come
// with them.
namespace gnn::inline GNN_PRECISION {

/// source_score[i,h] = <y[i,h,:], source_vector[h,:]> + source_bias[h], and the same for targets, which are the first rows;
/// and value = y through a dropout of its own. What is empty is left out.
struct ProjectedScores {
  ConstMat source_vector, target_vector;  ///< heads x channels
  ConstMat source_bias, target_bias;      ///< 1 x heads
  Mat source_score, target_score;
  Dropout dropout;
  Mat value;
};

namespace cuda {

/// How many masks a product here takes.
inline constexpr std::size_t most_masks = 32;
/// Whether rows of a sparse product get their scores along with them: a warp has all of such a row.
bool scores_fit(std::size_t width, std::size_t masks);

/// kernels::sparse_matmul, or with `transposed`, given the transpose of x, its weight gradient, which is added.
void project_sparse(Context& ctx, SparseView x, ConstMat w, Dropout dropout, std::size_t masks, const NodeId* ids, bool transposed,
                    Mat y, ProjectedScores scores);

/// y = (mask o x) w for dense x, with one mask; scores as above. Here and on the way back w has no gaps between its rows.
void project_dense(Context& ctx, ConstMat x, ConstMat w, Dropout dropout, const NodeId* ids, Mat y, ProjectedScores scores);

/// Whether project_dense and its way back are worth it: few numbers in w, not too many rows.
bool is_small_projection(std::size_t rows, std::size_t in, std::size_t out);
/// Rows of the pieces that project_dense_backward() writes.
std::size_t num_projection_pieces(std::size_t rows);
/// dx = mask o (dy w^T), unless dx is empty, and pieces of dw = (mask o x)^T dy, each F x M numbers.
void project_dense_backward(Context& ctx, ConstMat x, ConstMat w, ConstMat dy, Dropout dropout, const NodeId* ids, Mat dx,
                            Mat dw_pieces);

}  // namespace cuda
}  // namespace gnn::inline GNN_PRECISION
