// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/head_scores.hpp>

#include <vector>

#include <gnn/kernels/cpu/reduce.hpp>
#include <gnn/kernels/cpu/simd.hpp>

// Plan: ranges of rows; the gradient of `a` sums over all of them, as reduce_rows does.
namespace gnn::inline GNN_PRECISION::cpu {
namespace {

GNN_SIMD void head_scores_range(ConstMat z, ConstMat a, ConstMat bias, std::size_t first, std::size_t last, Mat score) {
  for (std::size_t i = first; i < last; ++i) {
    if (a.rows == 8 && a.cols == 8) {
      const Vec8 none = {};
      *vec8(score.row(i)) = dots8(z.row(i), a.data) + (bias.data ? *vec8(bias.data) : none);
      continue;
    }
    for (std::size_t h = 0; h < a.rows; ++h) {
      score.row(i)[h] = dot_product(z.row(i) + h * a.cols, a.row(h), a.cols) + (bias.data ? bias.data[h] : 0);
    }
  }
}

GNN_SIMD void head_scores_backward_range(ConstMat z, ConstMat a, ConstMat dscore, std::size_t first, std::size_t last, Mat dz,
                                         Real* da) {
  const std::size_t channels = a.cols;
  for (std::size_t i = first; i < last; ++i) {
    for (std::size_t h = 0; h < a.rows; ++h) {
      const Real d = dscore.row(i)[h];
      const Real* from = z.row(i) + h * channels;
      Real* to = dz.data ? dz.row(i) + h * channels : nullptr;
      if (channels == 8) {
        *vec8(da + 8 * h) += d * *vec8(from);
        if (to) *vec8(to) += d * *vec8(a.row(h));
      } else {
        for (std::size_t c = 0; c < channels; ++c) da[h * channels + c] += d * from[c];
        for (std::size_t c = 0; to && c < channels; ++c) to[c] += d * a.row(h)[c];
      }
    }
  }
}

}  // namespace

void head_scores(Context& ctx, ConstMat z, ConstMat a, ConstMat bias, Mat score) {
  parallel_ranges(ctx, z.rows, rows_per_piece(z.cols),
                  [&](std::size_t first, std::size_t last) { head_scores_range(z, a, bias, first, last, score); });
}

void head_scores_backward(Context& ctx, ConstMat z, ConstMat a, ConstMat dscore, Mat dz, Mat da) {
  std::vector<Real> unused(da.data ? 0 : a.size());
  reduce_rows(ctx, z.rows, a.size(), da.data ? da.data : unused.data(), [&](std::size_t first, std::size_t last, Real* sum) {
    head_scores_backward_range(z, a, dscore, first, last, dz, sum);
  });
}

}  // namespace gnn::inline GNN_PRECISION::cpu
