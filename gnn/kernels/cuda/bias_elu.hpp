// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/kernel.hpp>

// A layer's end in one pass each way.
namespace gnn::inline GNN_PRECISION::cuda {

/// y = elu(x + bias), bias: 1 x columns.
void bias_elu(Context& ctx, ConstMat x, ConstMat bias, Mat y);
/// dx = dy elu'(y), written, not added.
void elu_gradient(Context& ctx, ConstMat y, ConstMat dy, Mat dx);

}  // namespace gnn::inline GNN_PRECISION::cuda
