// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/kernel.hpp>

namespace gnn::inline GNN_PRECISION::cuda {

/// Pieces of the sums over i of weight[i, k's head] x[i,k], for add_pieces(); an empty weight counts as 1. weight: N x heads,
/// x: N x (heads C).
Tensor column_sum_pieces(Context& ctx, ConstMat x, ConstMat weight);

}  // namespace gnn::inline GNN_PRECISION::cuda
