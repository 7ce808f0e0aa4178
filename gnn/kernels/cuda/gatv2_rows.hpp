// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/gatv2_attention.hpp>

namespace gnn::inline GNN_PRECISION::cuda {

/// Whether gatv2_gradients() takes this shape.
bool gatv2_rows_fit(std::size_t heads, std::size_t channels);

/// kernels::gatv2_attention_backward where value is source: dsource, the sum of both gradients, and dtarget are written, not
/// added; da is added.
void gatv2_gradients(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat a, Real slope,
                     Dropout dropout, ConstMat out, PairAttentionState state, ConstMat dout, Mat dsource, Mat dtarget, Mat da);

}  // namespace gnn::inline GNN_PRECISION::cuda
