// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/kernel.hpp>

namespace gnn::inline GNN_PRECISION::cuda {

/// c (+)= a b, as blas_product() in fp32, by tensor cores: a number is the sum of two that TF32 holds, and a product that of
/// three. False, and nothing done, for what is too small to fill the GPU or whose rows are not aligned, and in the double build.
bool split_product(Context& ctx, ConstMat a, bool a_transposed, ConstMat b, bool b_transposed, bool add, Mat c);

/// c (+)= a b with either factor transposed, in the context's precision: by split_product() where that can be, else by cuBLAS.
void dense_product(Context& ctx, ConstMat a, bool a_transposed, ConstMat b, bool b_transposed, bool add, Mat c);

}  // namespace gnn::inline GNN_PRECISION::cuda
