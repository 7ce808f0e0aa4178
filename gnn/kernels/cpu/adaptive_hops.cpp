// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/adaptive_hops.hpp>

#include <gnn/kernels/cpu/row_blocks.hpp>
#include <gnn/kernels/cpu/simd.hpp>

// Plan: blocks of rows with about equal numbers of edges, one owner each; rows are targets forward and
// sources backward.
namespace gnn::inline GNN_PRECISION::cpu {
namespace {

Real sigmoid(Real x) {
  return 1 / (1 + std::exp(-x));
}

// y = sum over row i's edges of a x[column].
GNN_SIMD void weighted_row(const CsrView& rows, std::size_t i, const Real* a, ConstMat x, Real* y) {
  for (std::size_t c = 0; c < x.cols; ++c) y[c] = 0;
  for (std::size_t e = std::size_t(rows.offsets[i]); e < std::size_t(rows.offsets[i + 1]); ++e) {
    const Real weight = a[rows.edge ? std::size_t(rows.edge[e]) : e];
    const Real* from = x.row(std::size_t(rows.columns[e]));
    for (std::size_t c = 0; c < x.cols; ++c) y[c] += weight * from[c];
  }
}

}  // namespace

void retain(Context& ctx, ConstMat h, ConstMat w, ConstMat b, Mat score, Mat out) {
  parallel_ranges(ctx, h.rows, rows_per_piece(h.cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const Real s = score.data[i] = sigmoid(dot_product(h.row(i), w.data, h.cols) + b.data[0]);
      for (std::size_t c = 0; c < h.cols; ++c) out.row(i)[c] = s * h.row(i)[c];
    }
  });
}

void adaptive_hop(Context& ctx, CsrView in, ConstMat a, ConstMat h, ConstMat w, ConstMat b, Mat y, Mat score,
                  Mat out) {
  for_rows(ctx, in, [&](std::size_t i) {
    weighted_row(in, i, a.data, h, y.row(i));
    const Real s = score.data[i] = sigmoid(dot_product(y.row(i), w.data, y.cols) + b.data[0]);
    for (std::size_t c = 0; c < y.cols; ++c) out.row(i)[c] += s * y.row(i)[c];
  });
}

void adaptive_hop_backward(Context& ctx, CsrView out_edges, ConstMat a, ConstMat h, ConstMat score,
                           ConstMat w, ConstMat dout, ConstMat dy, Mat q, Mat dh) {
  for_rows(ctx, out_edges, [&](std::size_t i) {
    Real* to = dh.row(i);
    if (dy.data) {
      weighted_row(out_edges, i, a.data, dy, to);
    } else {
      clear_row(dh, i);
    }
    const Real s = score.data[i];
    const Real own = q.data[i] = dot_product(dout.row(i), h.row(i), h.cols) * s * (1 - s);
    for (std::size_t c = 0; c < dh.cols; ++c) to[c] += s * dout.row(i)[c] + own * w.data[c];
  });
}

}  // namespace gnn::inline GNN_PRECISION::cpu
