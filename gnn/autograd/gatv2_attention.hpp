// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/tape.hpp>
#include <gnn/core/adjacency.hpp>

namespace gnn::inline GNN_PRECISION {

/// The attention of GATv2, fused (see kernels/gatv2_attention.hpp for formula and gradients):
///   logit[e,h] = <a[h,:], leaky_relu(source[j,h,:] + target[i,h,:])>        for every edge e: j -> i
///   out[i,h,:] = sum over the edges into i of dropout(softmax(logit))[e,h] value[j,h,:]
/// source, value: S x (heads C), and may be one; target: R x (heads C); a: heads x C; returns R x (heads C). A target
/// without edges gets zeros. Dropout p acts after the softmax, drawn per edge and head.
Var gatv2_attention(const Adjacency& adjacency, const Var& source, const Var& target, const Var& value, const Var& a, double slope,
                    double p, std::uint32_t stream);

/// The softmax weights alone, without dropout: E x heads, edges in the order of adjacency.in().
Tensor gatv2_attention_weights(const Adjacency& adjacency, const Var& source, const Var& target, const Var& a, double slope);

}  // namespace gnn::inline GNN_PRECISION
