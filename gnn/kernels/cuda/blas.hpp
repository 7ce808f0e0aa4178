// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/kernel.hpp>

namespace gnn::inline GNN_PRECISION::cuda {

/// c (+)= a b with either factor transposed, by cuBLAS in the context's precision.
void blas_product(Context& ctx, ConstMat a, bool a_transposed, ConstMat b, bool b_transposed, bool add, Mat c);

}  // namespace gnn::inline GNN_PRECISION::cuda
