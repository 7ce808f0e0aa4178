// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/gatv2_attention.hpp>

namespace gnn::inline GNN_PRECISION::cuda {

/// Whether the functions here take this shape.
bool gatv2_rows_fit(std::size_t heads, std::size_t channels);

/// kernels::gatv2_attention_backward. fresh: dsource, which is the value's gradient, too, and dtarget are written, not added.
/// Returns pieces of the vectors' gradient, for add_pieces().
Tensor gatv2_rows_backward(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat value, ConstMat a,
                           Real slope, Dropout dropout, ConstMat out, PairAttentionState state, ConstMat dout, Mat dsource, Mat dtarget,
                           Mat dvalue, bool fresh);

/// kernels::gatv2_attention_backward where value is source: dsource, the sum of both gradients, and dtarget are written, not
/// added. Returns the pieces, too.
Tensor gatv2_gradients(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat a, Real slope,
                       Dropout dropout, ConstMat out, PairAttentionState state, ConstMat dout, Mat dsource, Mat dtarget);

}  // namespace gnn::inline GNN_PRECISION::cuda
