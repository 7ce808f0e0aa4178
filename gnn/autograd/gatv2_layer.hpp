// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include <gnn/autograd/tape.hpp>
#include <gnn/core/adjacency.hpp>

namespace gnn::inline GNN_PRECISION {

/// What stands behind gatv2_attention in a layer, see GatLayerWeights; the bias may be undefined.
struct GatV2End {
  Var bias;
  std::function<Var(std::size_t columns)> residual = {};
  Var residual_bias = {};
  bool mean = false;  ///< of the heads, in place of heads side by side
  bool elu = false;
};

/// gatv2_attention with source as its value, or the mean of its heads, + residual + bias, then ELU:
///
///   y = elu(gatv2_attention(adjacency, source, target, source, a, ...) + residual + bias)
///
/// target has a row for each target at least; others are left out. On a GPU the end costs no pass of its own on the way there and
/// one on the way back. There the bias may be narrower than the mean, whose last columns are left out then, see padded_channels().
Var gatv2_layer(const Adjacency& adjacency, Var source, Var target, const Var& a, double slope, double p, std::uint32_t stream,
                const GatV2End& end);

}  // namespace gnn::inline GNN_PRECISION
