// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/tape.hpp>

namespace gnn::inline GNN_PRECISION {

/// factor x. factor: 1 x 1.
Var multiply(const Var& x, const Var& factor);

/// y[i] = the largest of x[i,:]; its gradient goes to the first of equal ones. Returns N x 1.
Var row_maximum(const Var& x);

/// -factor sum over e of weight[e] log sigmoid(sign score[e]): a loss for pairs that are edges (sign 1) or are none
/// (sign -1). score: E x 1; weight: E x 1, or undefined for ones. Returns 1 x 1.
Var log_sigmoid_loss(const Var& score, const Tensor& weight, double sign, double factor);

}  // namespace gnn::inline GNN_PRECISION
