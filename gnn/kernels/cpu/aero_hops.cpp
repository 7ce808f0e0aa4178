// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/aero_hops.hpp>

#include <vector>

#include <gnn/kernels/cpu/aero_rows.hpp>
#include <gnn/kernels/cpu/row_blocks.hpp>

// Plan: blocks of rows with about equal numbers of edges, one owner each, who also writes the block's piece
// of the gradients that are sums over nodes. Rows are targets, and sources where gradients go back over the
// edges. The loops over edges and channels are in aero_rows.hpp.
namespace gnn::inline GNN_PRECISION::cpu {

void aero_start(Context& ctx, ConstMat h, ConstMat w, ConstMat bias, Mat gamma, Mat z) {
  parallel_ranges(ctx, h.rows, rows_per_piece(h.cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      for (std::size_t k = 0; k < w.rows; ++k) {
        const std::size_t at = k * w.cols;
        const Real g = gamma.row(i)[k] = elu_dot(w.row(k), h.row(i) + at, 1, w.cols) + bias.data[k];
        for (std::size_t c = at; c < at + w.cols; ++c) z.row(i)[c] = g * h.row(i)[c];
      }
    }
  });
}

void aero_hop(Context& ctx, CsrView in, ConstMat at, ConstMat scale, ConstMat previous, Real decay,
              ConstMat w, ConstMat bias, Mat h, Mat gamma, Mat z) {
  for_blocks(ctx, in, [&](std::size_t, std::size_t first, std::size_t last) {
    std::vector<Real> scratch(aero_chunk * at.cols);
    for (std::size_t i = first; i < last; ++i) {
      gather_row(in, i, at, scale, previous, scratch.data(), h.row(i));
      hop_row(h.row(i), decay, w, bias.data, gamma.row(i), z.row(i));
    }
  });
}

void aero_weights(Context& ctx, CsrView in, ConstMat at, ConstMat scale, Mat a) {
  for_rows(ctx, in, [&](std::size_t i) {
    for (std::size_t e = std::size_t(in.offsets[i]); e < std::size_t(in.offsets[i + 1]); ++e) {
      const Real* other = scale.row(std::size_t(in.columns[e]));
      for (std::size_t h = 0; h < at.cols; ++h) a.row(e)[h] = at.row(e)[h] * scale.row(i)[h] * other[h];
    }
  });
}

void aero_start_backward(Context& ctx, CsrView in, ConstMat h, ConstMat gamma, ConstMat w, ConstMat dz,
                         Mat dh, Mat partial, Mat partial_bias) {
  for_blocks(ctx, in, [&](std::size_t b, std::size_t first, std::size_t last) {
    clear_row(partial, b);
    clear_row(partial_bias, b);
    for (std::size_t i = first; i < last; ++i) {
      start_gradient_row(h.row(i), gamma.row(i), w, dz.row(i), dh.row(i), partial.row(b),
                         partial_bias.row(b));
    }
  });
}

void aero_hop_backward(Context& ctx, CsrView in, ConstMat h, ConstMat gamma, Real decay, ConstMat w, Mat z,
                       Mat dz, Mat dh, Mat partial, Mat partial_bias) {
  for_blocks(ctx, in, [&](std::size_t b, std::size_t first, std::size_t last) {
    clear_row(partial, b);
    clear_row(partial_bias, b);
    for (std::size_t i = first; i < last; ++i) {
      hop_gradient_row(h.row(i), gamma.row(i), decay, w, z.row(i), dz.row(i), dh.row(i), partial.row(b),
                       partial_bias.row(b));
    }
  });
}

void aero_propagate_backward(Context& ctx, CsrView out_edges, ConstMat at, ConstMat scale, ConstMat h,
                             ConstMat previous, ConstMat dh, Mat dprevious, Mat ddegree, Mat da) {
  const std::size_t heads = at.cols, channels = h.cols / heads;
  for_blocks(ctx, out_edges, [&](std::size_t, std::size_t first, std::size_t last) {
    std::vector<Real> scratch(2 * aero_chunk * heads);
    for (std::size_t j = first; j < last; ++j) {
      gather_gradient_row(out_edges, j, at, scale, previous.row(j), dh, scratch.data(), dprevious.row(j), da);
      for (std::size_t k = 0; k < heads; ++k) {
        const std::size_t c = k * channels;
        const Real along = dot_product(dh.row(j) + c, h.row(j) + c, channels) +
                           dot_product(previous.row(j) + c, dprevious.row(j) + c, channels);
        ddegree.row(j)[k] = -along * scale.row(j)[k] * scale.row(j)[k] / 2;
      }
    }
  });
}

}  // namespace gnn::inline GNN_PRECISION::cpu
