// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/gat_rows.hpp>
#include <gnn/kernels/gatv2_attention.hpp>

namespace gnn::inline GNN_PRECISION::cuda {

/// Whether the functions here take this shape.
bool gatv2_rows_fit(std::size_t heads, std::size_t channels);

/// kernels::gatv2_attention, and the layer's end. Empty matrices of `state`, and an empty out, are left out.
void gatv2_rows_forward(Context& ctx, CsrView in, ConstMat source, ConstMat target, ConstMat value, ConstMat a, Real slope,
                        Dropout dropout, Mat out, PairAttentionState state, GatEnd end);

/// First pass of the way back, node by node: dout = dy elu'(y), correction = <dout, out> for each head, and the bias's pieces, of
/// which there are num_gat_pieces() or none. Without elu, dout is dy and is not written. of_mean: dy belongs to the mean of the
/// heads, and has the columns of one head.
void gatv2_end_backward(Context& ctx, ConstMat a, ConstMat out, ConstMat dy, GatEnd end, bool of_mean, Mat dout, Mat correction,
                        Mat bias_pieces);

/// What it leaves for the others.
struct GatV2Gradient {
  ConstMat dout, correction;
  bool of_mean = false;
};

/// The other passes, over the edges of sources and of targets. fresh: dsource, which is the value's gradient, too, and dtarget are
/// written, not added. Returns pieces of the vectors' gradient, for add_pieces().
Tensor gatv2_rows_backward(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat value, ConstMat a,
                           Real slope, Dropout dropout, PairAttentionState state, GatV2Gradient gradient, Mat dsource, Mat dtarget,
                           Mat dvalue, bool fresh);

}  // namespace gnn::inline GNN_PRECISION::cuda
