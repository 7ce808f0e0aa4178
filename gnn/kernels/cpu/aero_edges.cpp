// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/aero_edges.hpp>

#include <vector>

#include <gnn/kernels/cpu/aero_rows.hpp>
#include <gnn/kernels/cpu/row_blocks.hpp>

// Plan: blocks of rows with about equal numbers of edges, one owner each, who also writes the block's piece
// of the gradients that are sums over nodes. Rows are targets, and sources where gradients go back over the
// edges. The loops over edges and channels are in aero_rows.hpp.
namespace gnn::inline GNN_PRECISION::cpu {

void aero_edges(Context& ctx, CsrView in, ConstMat z, Real decay, ConstMat w, Mat at, Mat scale) {
  for_rows(ctx, in, [&](std::size_t i) {
    score_edges(in, i, z, decay, w, at);
    weigh_edges(in, i, at, scale.row(i));
  });
}

void aero_edges_by_scores(Context& ctx, CsrView in, ConstMat target_score, ConstMat source_score, Mat at,
                          Mat scale) {
  for_rows(ctx, in, [&](std::size_t i) {
    for (std::size_t e = std::size_t(in.offsets[i]); e < std::size_t(in.offsets[i + 1]); ++e) {
      const Real* from = source_score.row(std::size_t(in.columns[e]));
      for (std::size_t h = 0; h < at.cols; ++h) at.row(e)[h] = target_score.row(i)[h] + from[h];
    }
    weigh_edges(in, i, at, scale.row(i));
  });
}

void aero_scores(Context& ctx, ConstMat z, Real decay, ConstMat w, Mat target_score, Mat source_score) {
  const std::size_t channels = w.cols / 2;
  parallel_ranges(ctx, z.rows, rows_per_piece(z.cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      for (std::size_t h = 0; h < w.rows; ++h) {
        const Real* own = z.row(i) + h * channels;
        target_score.row(i)[h] = elu_dot(w.row(h), own, decay, channels);
        source_score.row(i)[h] = elu_dot(w.row(h) + channels, own, decay, channels);
      }
    }
  });
}

void aero_score_gradients(Context& ctx, CsrView in, ConstMat at, ConstMat scale, ConstMat ddegree, Mat da) {
  for_rows(ctx, in, [&](std::size_t i) { score_gradient_row(in, i, at, scale, ddegree.row(i), da); });
}

void aero_edges_backward(Context& ctx, CsrView edges, ConstMat z, Real decay, ConstMat w, ConstMat dv, Mat dz,
                         Mat partial) {
  for_blocks(ctx, edges, [&](std::size_t b, std::size_t first, std::size_t last) {
    std::vector<Real> scratch(aero_chunk * dv.cols), slopes(z.cols), values(z.cols);
    for (std::size_t i = first; i < last; ++i) {
      const auto read = [&](std::size_t begin, std::size_t count, Real* to) {
        copy_edge_values(edges, begin, count, dv, to);
      };
      edge_gradient_row(edges, i, z, decay, w, read, scratch.data(), slopes.data(), values.data(), dz.row(i));
    }
    if (partial.data) std::copy(values.begin(), values.end(), partial.row(b));
  });
}

void aero_symmetric_backward(Context& ctx, CsrView in, const EdgeOffset* reverse, ConstMat z, Real decay,
                             ConstMat w, ConstMat at, ConstMat scale, ConstMat ddegree, ConstMat da, Mat dz,
                             Mat partial) {
  for_blocks(ctx, in, [&](std::size_t b, std::size_t first, std::size_t last) {
    std::vector<Real> scratch(aero_chunk * at.cols), slopes(z.cols), values(z.cols);
    for (std::size_t i = first; i < last; ++i) {
      const auto read = [&](std::size_t begin, std::size_t count, Real* to) {
        both_score_gradients(in, reverse, i, begin, count, at, scale, ddegree, da, to);
      };
      edge_gradient_row(in, i, z, decay, w, read, scratch.data(), slopes.data(), values.data(), dz.row(i));
    }
    // Every edge was met from both its ends, each time with the gradients of both directions.
    for (std::size_t c = 0; c < z.cols; ++c) partial.row(b)[c] = values[c] / 2;
  });
}

void aero_scores_backward(Context& ctx, CsrView in, ConstMat z, Real decay, ConstMat w,
                          ConstMat dtarget_score, ConstMat dsource_score, Mat dz, Mat partial) {
  for_blocks(ctx, in, [&](std::size_t b, std::size_t first, std::size_t last) {
    clear_row(partial, b);
    for (std::size_t i = first; i < last; ++i) {
      scores_gradient_row(z.row(i), decay, w, dtarget_score.row(i), dsource_score.row(i), dz.row(i),
                          partial.row(b));
    }
  });
}

}  // namespace gnn::inline GNN_PRECISION::cpu
