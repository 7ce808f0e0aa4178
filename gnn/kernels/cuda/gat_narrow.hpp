// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/kernel.hpp>

// What a layer of GAT needs whose rows are summed up before they are projected, see autograd/narrow_gat.hpp.
namespace gnn::inline GNN_PRECISION::cuda {

/// y = x once for each of `heads`, with zeros behind each. x: N x F, y: N x (heads D) with D >= F.
void repeat_for_heads(Context& ctx, ConstMat x, std::size_t heads, Mat y);

/// vectors[h,f] = scores[f,h], with zeros behind them, and back. scores: F x heads, vectors: heads x D.
void turn_scores(Context& ctx, ConstMat scores, Mat vectors);
void turn_vectors(Context& ctx, ConstMat vectors, Mat scores);

}  // namespace gnn::inline GNN_PRECISION::cuda
