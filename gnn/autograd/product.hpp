// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/tape.hpp>
#include <gnn/core/sparse_matrix.hpp>

namespace gnn::inline GNN_PRECISION {

/// x w. x: N x F, w: F x M.
Var matmul(const Var& x, const Var& w);

/// Dropout and projection in one op, for when each head sees the input through a mask of its own:
///   y[:, group g] = (mask_g o x) w[:, group g],
/// where the columns of w and y fall into `masks` equal groups. masks = 1 is dropout followed by matmul. ids as in dropout.
Var dropout_matmul(const Var& x, const Var& w, double p, std::uint32_t stream, std::size_t masks,
                   const Array<NodeId>& ids = {});

/// The same for sparse x, which has no gradient. A mask is drawn per non-zero; x is never made dense.
Var dropout_matmul(const SparseMatrix& x, const Var& w, double p, std::uint32_t stream, std::size_t masks,
                   const Array<NodeId>& ids = {});

/// For ops' backward closures: adds dy w^T to the gradient of x.
void add_input_gradient(const Tensor& dy, const Var& w, const Var& x);

}  // namespace gnn::inline GNN_PRECISION
