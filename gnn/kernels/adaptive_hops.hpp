// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/adjacency.hpp>
#include <gnn/kernels/kernel.hpp>

// The hops of DAGNN. h_k is the N x C matrix after k hops, w (1 x C) and b (1 x 1) the projection that scores it.
namespace gnn::inline GNN_PRECISION {

/// scale[i] = (sum of the weights of the edges into i)^(-1/2); 0 where the sum is not above 0. scale: N x 1.
GNN_KERNEL(degree_scale, CsrView in, Mat scale);
/// a[e] = scale[i] weight[e] scale[j] for e: j -> i: the symmetric normalisation. a: E x 1.
GNN_KERNEL(normalised_weights, CsrView in, ConstMat scale, Mat a);
/// score[i] = sigmoid(<w, h_i> + b); out_i = score[i] h_i. What hop 0 brings.
GNN_KERNEL(retain, ConstMat h, ConstMat w, ConstMat b, Mat score, Mat out);
/// One hop: y_i = scale[i] sum over j -> i of weight[e] scale[j] h_j; score[i] = sigmoid(<w, y_i> + b); and, unlike other
/// kernels, out_i += score[i] y_i.
GNN_KERNEL(adaptive_hop, CsrView in, ConstMat scale, ConstMat h, ConstMat w, ConstMat b, Mat y, Mat score, Mat out);
/// The gradient dh of one hop's result h, given dout and the gradient dy of the next hop's (empty: h is the last), which it
/// reaches over the edges out of i:
///   q[i] = <dout_i, h_i> score[i] (1 - score[i]),
///   dh_i = score[i] dout_i + q[i] w + scale[i] sum over i -> t of weight[e] scale[t] dy_t.
/// Overwrites q (N x 1) and dh.
GNN_KERNEL(adaptive_hop_backward, CsrView out_edges, ConstMat scale, ConstMat h, ConstMat score, ConstMat w, ConstMat dout,
           ConstMat dy, Mat q, Mat dh);
}  // namespace gnn::inline GNN_PRECISION
