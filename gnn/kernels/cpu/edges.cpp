// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/edges.hpp>

#include <cmath>

#include <gnn/kernels/cpu/edge_chunks.hpp>
#include <gnn/kernels/cpu/row_blocks.hpp>

// Plan of every kernel here: blocks of rows, one owner each; what is summed per source walks the rows by source, whose
// `edge` array says where an edge's numbers lie.
namespace gnn::inline GNN_PRECISION::cpu {
namespace {

// Calls work(row, first edge, last edge) for every row.
template <class Work>
void for_edge_rows(Context& ctx, const CsrView& rows, const Work& work) {
  for_rows(ctx, rows, [&](std::size_t i) { work(i, std::size_t(rows.offsets[i]), std::size_t(rows.offsets[i + 1])); });
}

// y[h,:] += weight[h] x[h,:].
GNN_SIMD void add_weighted(const Real* weight, std::size_t heads, std::size_t channels, const Real* x, Real* y) {
  for (std::size_t h = 0; h < heads; ++h) {
    for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) y[c] += weight[h] * x[c];
  }
}

GNN_SIMD void add_dots(const Real* x, const Real* y, std::size_t heads, std::size_t channels, Real* sum) {
  for (std::size_t h = 0; h < heads; ++h) sum[h] += dot_product(x + h * channels, y + h * channels, channels);
}

// Calls work(edge, multipliers of its heads) for every edge.
template <class Work>
void for_dropped_edges(Context& ctx, const CsrView& in, const Dropout& dropout, std::size_t heads, const Work& work) {
  for_edge_chunks(
      ctx, in, true, [&](std::size_t, std::size_t) { return std::vector<Real>(edge_chunk * heads, Real(1)); },
      [&](const EdgeChunk& chunk, std::vector<Real>& multiplier) {
        if (dropout.active()) draw_edges(dropout, in, chunk, heads, multiplier.data());
        for (std::size_t k = 0; k < chunk.count; ++k) work(chunk.first + k, multiplier.data() + k * heads);
      },
      [](std::size_t, std::size_t) {});
}

}  // namespace

void edge_scores(Context& ctx, CsrView in, ConstMat source_score, ConstMat target_score, Mat score) {
  for_edge_rows(ctx, in, [&](std::size_t i, std::size_t first, std::size_t last) {
    for (std::size_t e = first; e < last; ++e) {
      const Real* from = source_score.row(std::size_t(in.columns[e]));
      for (std::size_t h = 0; h < score.cols; ++h) score.row(e)[h] = from[h] + target_score.row(i)[h];
    }
  });
}

void edge_scores_backward(Context& ctx, CsrView in, CsrView out, ConstMat dscore, Mat dsource_score, Mat dtarget_score) {
  for_edge_rows(ctx, in, [&](std::size_t i, std::size_t first, std::size_t last) {
    for (std::size_t e = first; e < last; ++e) {
      for (std::size_t h = 0; h < dscore.cols; ++h) dtarget_score.row(i)[h] += dscore.row(e)[h];
    }
  });
  for_edge_rows(ctx, out, [&](std::size_t j, std::size_t first, std::size_t last) {
    for (std::size_t e = first; e < last; ++e) {
      const Real* from = dscore.row(std::size_t(out.edge[e]));
      for (std::size_t h = 0; h < dscore.cols; ++h) dsource_score.row(j)[h] += from[h];
    }
  });
}

void edge_softmax(Context& ctx, CsrView in, ConstMat score, Mat alpha) {
  for_edge_rows(ctx, in, [&](std::size_t, std::size_t first, std::size_t last) {
    for (std::size_t h = 0; h < score.cols; ++h) {
      // Pass 1: row maximum, so that exp cannot overflow.
      Real most = first == last ? 0 : score.row(first)[h];
      for (std::size_t e = first; e < last; ++e) most = std::max(most, score.row(e)[h]);
      Real sum = 0;
      for (std::size_t e = first; e < last; ++e) sum += alpha.row(e)[h] = std::exp(score.row(e)[h] - most);
      for (std::size_t e = first; e < last; ++e) alpha.row(e)[h] /= sum;
    }
  });
}

void edge_softmax_backward(Context& ctx, CsrView in, ConstMat alpha, ConstMat dalpha, Mat dscore) {
  for_edge_rows(ctx, in, [&](std::size_t, std::size_t first, std::size_t last) {
    for (std::size_t h = 0; h < alpha.cols; ++h) {
      Real along = 0;
      for (std::size_t e = first; e < last; ++e) along += alpha.row(e)[h] * dalpha.row(e)[h];
      for (std::size_t e = first; e < last; ++e) dscore.row(e)[h] += alpha.row(e)[h] * (dalpha.row(e)[h] - along);
    }
  });
}

void edge_dropout_forward(Context& ctx, CsrView in, ConstMat x, Dropout dropout, Mat y) {
  for_dropped_edges(ctx, in, dropout, x.cols, [&](std::size_t e, const Real* m) {
    for (std::size_t h = 0; h < x.cols; ++h) y.row(e)[h] = m[h] * x.row(e)[h];
  });
}

void edge_dropout_backward(Context& ctx, CsrView in, ConstMat dy, Dropout dropout, Mat dx) {
  for_dropped_edges(ctx, in, dropout, dy.cols, [&](std::size_t e, const Real* m) {
    for (std::size_t h = 0; h < dy.cols; ++h) dx.row(e)[h] += m[h] * dy.row(e)[h];
  });
}

void propagate(Context& ctx, CsrView in, ConstMat weight, ConstMat x, Mat y) {
  const std::size_t channels = x.cols / weight.cols;
  for_edge_rows(ctx, in, [&](std::size_t i, std::size_t first, std::size_t last) {
    std::fill(y.row(i), y.row(i) + y.cols, Real(0));
    for (std::size_t e = first; e < last; ++e) {
      add_weighted(weight.row(e), weight.cols, channels, x.row(std::size_t(in.columns[e])), y.row(i));
    }
  });
}

void propagate_input_gradient(Context& ctx, CsrView out, ConstMat weight, ConstMat dy, Mat dx) {
  const std::size_t channels = dy.cols / weight.cols;
  for_edge_rows(ctx, out, [&](std::size_t j, std::size_t first, std::size_t last) {
    for (std::size_t e = first; e < last; ++e) {
      const Real* w = weight.row(std::size_t(out.edge[e]));
      add_weighted(w, weight.cols, channels, dy.row(std::size_t(out.columns[e])), dx.row(j));
    }
  });
}

void propagate_weight_gradient(Context& ctx, CsrView in, ConstMat x, ConstMat dy, Mat dweight) {
  const std::size_t channels = x.cols / dweight.cols;
  for_edge_rows(ctx, in, [&](std::size_t i, std::size_t first, std::size_t last) {
    for (std::size_t e = first; e < last; ++e) {
      add_dots(dy.row(i), x.row(std::size_t(in.columns[e])), dweight.cols, channels, dweight.row(e));
    }
  });
}

}  // namespace gnn::inline GNN_PRECISION::cpu
