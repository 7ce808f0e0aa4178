// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cpu/parallel.hpp>

namespace gnn::inline GNN_PRECISION::cpu {

/// result[0..width) += a sum over rows: work(first, last, sum) adds the rows of one piece to sum, which starts at zero.
/// Pieces depend on the number of rows only and meet in their order, so the sum has the same bits for any number of
/// threads.
template <class Work>
void reduce_rows(Context& ctx, std::size_t rows, std::size_t width, Real* result, const Work& work) {
  const std::size_t piece = std::max<std::size_t>(256, (rows + 63) / 64);
  const std::size_t pieces = (rows + piece - 1) / piece;
  const Tensor partial = ctx.tensor(pieces, width);
  parallel_ranges(ctx, rows, piece, [&](std::size_t first, std::size_t last) {
    Real* sum = partial.mat().row(first / piece);
    std::fill(sum, sum + width, Real(0));
    work(first, last, sum);
  });
  for (std::size_t p = 0; p < pieces; ++p) {
    const Real* sum = partial.mat().row(p);
    for (std::size_t k = 0; k < width; ++k) result[k] += sum[k];
  }
}

}  // namespace gnn::inline GNN_PRECISION::cpu
