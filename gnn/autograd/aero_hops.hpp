// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/tape.hpp>
#include <gnn/core/adjacency.hpp>

namespace gnn::inline GNN_PRECISION {

/// What AERO-GNN's hops 0 to K are trained with, for `heads` heads of C channels.
struct AeroWeights {
  Var edge;  ///< K x (heads C); in the paper's form K x (heads 2C), each head's targets before its sources
  Var hop_first;  ///< heads x C
  Var hop;        ///< K x (heads 2C), in each head h_k before the sum
  Var bias;       ///< (K + 1) x heads
};

/// The propagation of AERO-GNN (Lee et al. 2023, arXiv:2306.02376), fused. Per head, with lambda_k =
/// log(decay / (k + 1) + 1 + 1e-6) and s_k = ELU(lambda_k z_k):
///
///   h_0 = h,  z_0 = (<hop_first, ELU(h_0)> + bias_0) h_0
///   v_ij = <edge_k, ELU(lambda_{k-1} (z_{k-1,i} + z_{k-1,j}))>,  or concat: <edge_k, [s_{k-1,i} ||
///   s_{k-1,j}]> a~_ij = softplus(v_ij) + 1e-6,  d_i = sum over j -> i of a~_ij,  a_ij = a~_ij / sqrt(d_i
///   d_j) h_k,i = sum over j -> i of a_ij h_{k-1,j},  z_k = z_{k-1} + (<hop_k, [ELU(h_k) || s_{k-1}]> +
///   bias_k) h_k
///
/// for every edge j -> i and k = 1 to K. h: N x (heads C); returns z_K, of the same shape. A node without
/// edges into it sends nothing. Training keeps (K + 1) N heads (C + 2) + K E heads numbers; no array of size
/// edges x channels exists. On a symmetric graph the authors' form is differentiated in one walk over the
/// edges less.
Var aero_hops(const Adjacency& adjacency, const Var& h, const AeroWeights& weights, double decay,
              bool concat);

/// lambda_k.
double aero_decay(double decay, std::size_t k);

/// What its hops came through, for people to read; one entry a hop. The attention is E x heads, edges in the
/// order of adjacency.in().
struct AeroHop {
  Tensor h, gamma;   ///< N x (heads C), N x heads; hop 0 has only these
  Tensor scale;      ///< N x heads: d^(-1/2)
  Tensor attention;  ///< a
};
std::vector<AeroHop> aero_inside(const Adjacency& adjacency, const Var& h, const AeroWeights& weights,
                                 double decay, bool concat);

}  // namespace gnn::inline GNN_PRECISION
