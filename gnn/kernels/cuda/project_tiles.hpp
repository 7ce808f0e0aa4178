// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/project.hpp>

// project_dense for more weights than a warp should go through for each of its rows: w of up to 64 x 64 numbers.
namespace gnn::inline GNN_PRECISION::cuda {

/// Whether the functions here take this product, and a small graph waits less for them than for cuBLAS's two or three kernels.
bool is_tile_projection(std::size_t rows, std::size_t in, std::size_t out);

/// y = (mask o x) w, and the scores of its rows; a value of its own is not made here.
void project_tiles(Context& ctx, ConstMat x, ConstMat w, Dropout dropout, const NodeId* ids, Mat y, ProjectedScores scores);

/// Rows of the pieces that project_tiles_backward() writes.
std::size_t num_tile_pieces(std::size_t rows);
/// See project_dense_backward().
void project_tiles_backward(Context& ctx, ConstMat x, ConstMat w, ConstMat dy, Dropout dropout, const NodeId* ids, Mat dx, Mat dw_pieces);

}  // namespace gnn::inline GNN_PRECISION::cuda
