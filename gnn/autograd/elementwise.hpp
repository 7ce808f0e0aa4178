// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/tape.hpp>
#include <gnn/core/array.hpp>
#include <graphs/types.hpp>

namespace gnn::inline GNN_PRECISION {

/// a + b, of the same shape.
Var add(const Var& a, const Var& b);

// The ops that take x by value write over it in inference when it was moved there and nobody else holds it.

/// x + bias for every row. bias: 1 x cols.
Var add_bias(Var x, const Var& bias);

/// x > 0 ? x : exp(x) - 1.
Var elu(Var x);
/// elu(add_bias(x, bias)), on a GPU in one pass.
Var bias_elu(Var x, const Var& bias);

/// x > 0 ? x : slope x.
Var leaky_relu(Var x, double slope);

/// Zeroes numbers with probability p and divides the others by 1 - p, in training only. A use in a model has its own
/// stream. ids says which node of the whole graph each row is (empty: its own number), so that a part of a graph draws
/// what the whole would.
Var dropout(const Var& x, double p, std::uint32_t stream, const Array<NodeId>& ids = {});

/// The first `count` rows of x.
Var top_rows(const Var& x, std::size_t count);

/// Zeros behind each head's columns, so that it has `channels`. x: N x (heads C); returns N x (heads channels).
Var pad_heads(const Var& x, std::size_t heads, std::size_t channels);

/// How many channels a head of C should have: on a GPU, where a layer is large, as many that 32 bytes hold them, since rows that
/// begin in the midst of these are read number by number, and cuBLAS has slower kernels for them; else C.
std::size_t padded_channels(const Tape& tape, std::size_t rows, std::size_t channels);

/// Mean over heads. x: N x (heads C); returns N x C.
Var mean_heads(const Var& x, std::size_t heads);

}  // namespace gnn::inline GNN_PRECISION
