// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/edges.hpp>

#include <cmath>

#include <gnn/kernels/cpu/edge_chunks.hpp>

// Plan of every kernel here: blocks of rows, one owner each; what is summed per source walks the rows by source, whose
// `edge` array says where an edge's numbers lie.
namespace gnn::inline GNN_PRECISION::cpu {
namespace {

// Calls work(row, first edge, last edge) for every row.
template <class Work>
void for_rows(Context& ctx, const CsrView& rows, const Work& work) {
  parallel_blocks(ctx, rows.num_blocks, [&](std::size_t b) {
    for (std::size_t i = std::size_t(rows.blocks[b]); i < std::size_t(rows.blocks[b + 1]); ++i) {
      work(i, std::size_t(rows.offsets[i]), std::size_t(rows.offsets[i + 1]));
    }
  });
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
  for_rows(ctx, in, [&](std::size_t i, std::size_t first, std::size_t last) {
    for (std::size_t e = first; e < last; ++e) {
      const Real* from = source_score.row(std::size_t(in.columns[e]));
      for (std::size_t h = 0; h < score.cols; ++h) score.row(e)[h] = from[h] + target_score.row(i)[h];
    }
  });
}

void edge_scores_backward(Context& ctx, CsrView in, CsrView out, ConstMat dscore, Mat dsource_score, Mat dtarget_score) {
  for_rows(ctx, in, [&](std::size_t i, std::size_t first, std::size_t last) {
    for (std::size_t e = first; e < last; ++e) {
      for (std::size_t h = 0; h < dscore.cols; ++h) dtarget_score.row(i)[h] += dscore.row(e)[h];
    }
  });
  for_rows(ctx, out, [&](std::size_t j, std::size_t first, std::size_t last) {
    for (std::size_t e = first; e < last; ++e) {
      const Real* from = dscore.row(std::size_t(out.edge[e]));
      for (std::size_t h = 0; h < dscore.cols; ++h) dsource_score.row(j)[h] += from[h];
    }
  });
}

void edge_softmax(Context& ctx, CsrView in, ConstMat score, Mat alpha) {
  for_rows(ctx, in, [&](std::size_t, std::size_t first, std::size_t last) {
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
  for_rows(ctx, in, [&](std::size_t, std::size_t first, std::size_t last) {
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
  for_rows(ctx, in, [&](std::size_t i, std::size_t first, std::size_t last) {
    std::fill(y.row(i), y.row(i) + y.cols, Real(0));
    for (std::size_t e = first; e < last; ++e) {
      const Real* from = x.row(std::size_t(in.columns[e]));
      for (std::size_t c = 0; c < x.cols; ++c) y.row(i)[c] += weight.row(e)[c / channels] * from[c];
    }
  });
}

void propagate_input_gradient(Context& ctx, CsrView out, ConstMat weight, ConstMat dy, Mat dx) {
  const std::size_t channels = dy.cols / weight.cols;
  for_rows(ctx, out, [&](std::size_t j, std::size_t first, std::size_t last) {
    for (std::size_t e = first; e < last; ++e) {
      const Real* w = weight.row(std::size_t(out.edge[e]));
      const Real* from = dy.row(std::size_t(out.columns[e]));
      for (std::size_t c = 0; c < dy.cols; ++c) dx.row(j)[c] += w[c / channels] * from[c];
    }
  });
}

void propagate_weight_gradient(Context& ctx, CsrView in, ConstMat x, ConstMat dy, Mat dweight) {
  const std::size_t channels = x.cols / dweight.cols;
  for_rows(ctx, in, [&](std::size_t i, std::size_t first, std::size_t last) {
    for (std::size_t e = first; e < last; ++e) {
      const Real* from = x.row(std::size_t(in.columns[e]));
      for (std::size_t c = 0; c < x.cols; ++c) dweight.row(e)[c / channels] += dy.row(i)[c] * from[c];
    }
  });
}

}  // namespace gnn::inline GNN_PRECISION::cpu
