// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <gnn/core/adjacency.hpp>
#include <gnn/kernels/kernel.hpp>

// The hops of AERO-GNN. h: N x (heads C), the features after k hops; z: N x (heads C), their weighted sum so
// far, which both attentions see as ELU(decay z); at: E x heads, the edges' unnormalised weights in the order
// of the rows by target; scale: N x heads, (sum of at over the edges into i)^(-1/2), 0 where there is none;
// the weight of j -> i is at scale_i scale_j.
//
// Gradients of a hop's weights are sums over all nodes. A backward kernel writes them in pieces, one a row of
// `partial`, for add_column_sums() to add up at the end, for all hops at once.
namespace gnn::inline GNN_PRECISION {

/// How many pieces: on the CPU the blocks of rows, on a GPU its blocks of threads. Depends on sizes only.
inline std::size_t aero_pieces(const Context& ctx, const CsrView& in) {
  if (ctx.device().kind == Device::cpu) return in.num_blocks;
  return std::min<std::size_t>(512, (std::size_t(in.num_rows) + 7) / 8);
}

/// Hop 0: gamma = <w, ELU(h)> + bias, z = gamma h. w: heads x C; bias: 1 x heads; gamma: N x heads.
GNN_KERNEL(aero_start, ConstMat h, ConstMat w, ConstMat bias, Mat gamma, Mat z);
/// A further hop: h_i = sum over j -> i of at scale_i scale_j previous_j, gamma = <w, [ELU(h) || ELU(decay
/// z)]> + bias, and, unlike other kernels, z += gamma h. w: heads x 2C.
GNN_KERNEL(aero_hop, CsrView in, ConstMat at, ConstMat scale, ConstMat previous, Real decay, ConstMat w,
           ConstMat bias, Mat h, Mat gamma, Mat z);
/// a[e,h] = at scale_i scale_j.
GNN_KERNEL(aero_weights, CsrView in, ConstMat at, ConstMat scale, Mat a);
/// The gradient of aero_start: dh += gamma dz + dg w ELU'(h) with dg = <dz, h>. partial: pieces x (heads C)
/// for w; partial_bias: pieces x heads.
GNN_KERNEL(aero_start_backward, CsrView in, ConstMat h, ConstMat gamma, ConstMat w, ConstMat dz, Mat dh,
           Mat partial, Mat partial_bias);
/// The part of aero_hop's gradient that stays at its node. Takes z back to what it was before the hop, z -=
/// gamma h, then
///   dg = <dz, h>,  dh += gamma dz + dg w[:C] ELU'(h),  dz += decay dg w[C:] ELU'(decay z).
/// partial: pieces x (heads 2C) for w; partial_bias: pieces x heads.
GNN_KERNEL(aero_hop_backward, CsrView in, ConstMat h, ConstMat gamma, Real decay, ConstMat w, Mat z, Mat dz,
           Mat dh, Mat partial, Mat partial_bias);
/// The part that goes back over the edges out of j, with dh complete:
///   dprevious_j = scale_j sum over j -> i of at scale_i dh_i,   da = <dh_i, previous_j> for each edge.
/// It also gives the gradient for the sum of at that scale is made of, which needs no edge: over the edges
/// into i the sum of at da scales is <dh_i, h_i>, over those out of i it is <previous_i, dprevious_i>, so
/// that
///   ddegree_i = -(<dh_i, h_i> + <previous_i, dprevious_i>) scale_i^2 / 2.
/// Overwrites dprevious, ddegree (N x heads) and da (E x heads), which lies where the edge's at lies. A graph
/// and at that are symmetric may be walked by its rows by target: at is then read in order, and da lies at
/// the place of the edge's reverse.
GNN_KERNEL(aero_propagate_backward, CsrView out_edges, ConstMat at, ConstMat scale, ConstMat h,
           ConstMat previous, ConstMat dh, Mat dprevious, Mat ddegree, Mat da);
}  // namespace gnn::inline GNN_PRECISION
