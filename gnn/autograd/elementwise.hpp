// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/tape.hpp>

namespace gnn::inline GNN_PRECISION {

/// a + b, of the same shape.
Var add(const Var& a, const Var& b);

/// x + bias for every row. bias: 1 x cols.
Var add_bias(const Var& x, const Var& bias);

/// x > 0 ? x : exp(x) - 1.
Var elu(const Var& x);

/// x > 0 ? x : slope x.
Var leaky_relu(const Var& x, double slope);

/// Zeroes numbers with probability p and divides the others by 1 - p, in training only. A use in a model has its own
/// stream. Of several masks over one matrix (`masks` of them, one a head) this draws number `mask`.
Var dropout(const Var& x, double p, std::uint32_t stream, std::size_t mask = 0, std::size_t masks = 1);

/// Mean over heads. x: N x (heads C); returns N x C.
Var mean_heads(const Var& x, std::size_t heads);

}  // namespace gnn::inline GNN_PRECISION
