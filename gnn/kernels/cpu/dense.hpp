// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/context.hpp>

namespace gnn::inline GNN_PRECISION::cpu {

/// A factor of a product: element (i, k) lies at data[i row_step + k column_step]. A transposed factor is the same
/// matrix with its steps exchanged.
struct DenseFactor {
  const Real* data;
  std::size_t rows, cols, row_step, column_step;
};
inline DenseFactor as_it_is(ConstMat x) { return {x.data, x.rows, x.cols, x.stride, 1}; }
inline DenseFactor transposed(ConstMat x) { return {x.data, x.cols, x.rows, 1, x.stride}; }

/// c = a b, or c += a b with `add`. Each number of c is summed in the same order for any number of threads.
/// Returns false, with nothing done, when the factors are too small to be worth packing or the processor is an old one:
/// then Eigen, which is compiled for the oldest, does as well.
bool large_product(Context& ctx, const DenseFactor& a, const DenseFactor& b, bool add, Mat c);

}  // namespace gnn::inline GNN_PRECISION::cpu
