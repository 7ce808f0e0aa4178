// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/adjacency.hpp>
#include <gnn/kernels/kernel.hpp>

// The hops of DAGNN. h: N x C, the features after some hops; w (1 x C) and b (1 x 1): the projection that
// scores it; a: E x 1, the weights of the edges in the order of the rows by target.
namespace gnn::inline GNN_PRECISION {

/// score[i] = sigmoid(<w, h_i> + b); out_i = score[i] h_i. What hop 0 brings.
GNN_KERNEL(retain, ConstMat h, ConstMat w, ConstMat b, Mat score, Mat out);
/// One hop: y_i = sum over e: j -> i of a[e] h_j; score[i] = sigmoid(<w, y_i> + b); and, unlike other
/// kernels, out_i += score[i] y_i.
GNN_KERNEL(adaptive_hop, CsrView in, ConstMat a, ConstMat h, ConstMat w, ConstMat b, Mat y, Mat score,
           Mat out);
/// The gradient dh of one hop's result h, given dout and the gradient dy of the next hop's (empty: h is the
/// last), which it reaches over the edges out of i:
///   q[i] = <dout_i, h_i> score[i] (1 - score[i]),
///   dh_i = score[i] dout_i + q[i] w + sum over e: i -> t of a[e] dy_t.
/// Overwrites q (N x 1) and dh.
GNN_KERNEL(adaptive_hop_backward, CsrView out_edges, ConstMat a, ConstMat h, ConstMat score, ConstMat w,
           ConstMat dout, ConstMat dy, Mat q, Mat dh);
}  // namespace gnn::inline GNN_PRECISION
