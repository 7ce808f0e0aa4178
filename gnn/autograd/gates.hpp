// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include <gnn/autograd/tape.hpp>

namespace gnn::inline GNN_PRECISION {

/// y[i,:] = softmax of x[i,:]: the columns of a row share one unit of weight.
Var row_softmax(const Var& x);

/// y[i,:] = sum over k of gates[i,k] terms[k][i,:]. gates: N x K; K terms of N x F.
Var gated_sum(const Var& gates, std::span<const Var> terms);

/// Matrices of N rows side by side.
Var concat_columns(std::span<const Var> parts);

}  // namespace gnn::inline GNN_PRECISION
