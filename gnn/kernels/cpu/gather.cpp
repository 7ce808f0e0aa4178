// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/gather.hpp>

#include <gnn/kernels/cpu/parallel.hpp>

namespace gnn::inline GNN_PRECISION::cpu {

void gather_rows(Context& ctx, const NodeId* index, std::size_t each, ConstMat x, Mat y) {
  parallel_ranges(ctx, y.rows, 64, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      Real* const sum = y.row(i);
      for (std::size_t c = 0; c < y.cols; ++c) sum[c] = 0;
      for (std::size_t k = 0; k < each; ++k) {
        const Real* const from = x.row(std::size_t(index[i * each + k]));
#pragma omp simd
        for (std::size_t c = 0; c < y.cols; ++c) sum[c] += from[c];
      }
    }
  });
}

}  // namespace gnn::inline GNN_PRECISION::cpu
