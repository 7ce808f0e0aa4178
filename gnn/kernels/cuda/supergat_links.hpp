// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/links.hpp>
#include <gnn/kernels/supergat.hpp>

// SuperGAT's attention and the loss of its edges look at the same products <z_i, z_j>: together they gather each row once.
namespace gnn::inline GNN_PRECISION::cuda {

/// Whether a head fits in the registers of a warp: what the functions below need.
bool supergat_rows_fit(std::size_t heads, std::size_t channels);

/// supergat_attention that leaves g of every edge and head, E x heads.
void supergat_rows(Context& ctx, CsrView in, SimilarityScore score, Dropout dropout, Mat out, SoftmaxState state, Mat products);

/// link_loss with LinkLogit::product over the columns of z, with the products of the positive pairs at hand.
void link_loss_of_products(Context& ctx, LinkSet positive, ConstMat products, LinkSet negative, ConstMat z, Real scale, Real factor,
                           Mat result);

/// What link_loss leaves for the way back of its positive pairs, which are all edges; empty: nothing.
struct LinkGradient {
  ConstMat coefficient, result, dloss;
};

/// supergat_attention_backward, and link_loss_backward over the edges: the sum of both.
void supergat_rows_backward(Context& ctx, CsrView in, CsrView out_edges, SimilarityScore score, Dropout dropout, ConstMat out,
                            SoftmaxState state, ConstMat dout, LinkGradient links, Mat dz, Mat dsource_score, Mat dtarget_score);

}  // namespace gnn::inline GNN_PRECISION::cuda
