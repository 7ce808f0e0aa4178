// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/tape.hpp>
#include <gnn/core/adjacency.hpp>

namespace gnn::inline GNN_PRECISION {

/// score[i,h] = <z[i,h,:], a[h,:]> + bias[h]. z: N x (heads C); a: heads x C; bias: 1 x heads, or undefined for none.
Var head_scores(const Var& z, const Var& a, const Var& bias = {});

/// The attention of GAT, fused (see kernels/attention.hpp for formula and gradients):
///   out[i,h,:] = sum over edges j -> i of dropout(softmax(leaky_relu(source_score[j,h] + target_score[i,h]))) value[j,h,:]
/// source_score: S x heads, target_score: R x heads, value: S x (heads C); returns R x (heads C). A target without
/// edges gets zeros. Dropout p acts after the softmax, drawn per edge and head.
Var gat_attention(const Adjacency& adjacency, const Var& source_score, const Var& target_score, const Var& value, double slope,
                  double p, std::uint32_t stream);

/// The softmax weights alone, without dropout: E x heads, edges in the order of adjacency.in().
Tensor gat_attention_weights(const Adjacency& adjacency, const Var& source_score, const Var& target_score, double slope);

}  // namespace gnn::inline GNN_PRECISION
