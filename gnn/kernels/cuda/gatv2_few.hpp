// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/gat_rows.hpp>

// GATv2's attention with its layer's end in a small graph, whose edges read rows again in place of signs and attention: that is less
// to wait for than another pass. The way there returns false, and does nothing, where gatv2_rows.hpp's functions are to be used: shapes
// are those of few_edges.cuh; a layer has no residual and no mean of its heads, and dropout is drawn.
namespace gnn::inline GNN_PRECISION::cuda {

/// What the way back needs: logits of the edges, and of each target's head the largest one and the sum of exp(logit - largest).
struct FewState {
  Mat logits, maximum, sum;
};

/// out and state may be empty: without a way back.
bool gatv2_few_forward(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat a, Real slope, Dropout dropout, Mat out,
                       FewState state, GatEnd end);

/// dsource and dtarget are written; where target is source, dsource gets both. Pieces: num_gat_pieces(in) rows each, for add_pieces();
/// dout: room for dy elu'(y) with an ELU.
void gatv2_few_backward(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat a, Real slope,
                        Dropout dropout, ConstMat out, FewState state, ConstMat dy, GatEnd end, Mat dout, Mat dsource, Mat dtarget,
                        bool same, Mat a_pieces, Mat bias_pieces);

}  // namespace gnn::inline GNN_PRECISION::cuda
