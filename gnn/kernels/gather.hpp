// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <graphs/types.hpp>

#include <gnn/kernels/kernel.hpp>

namespace gnn::inline GNN_PRECISION {

/// y[i,:] = the sum of x[index[each i + k],:] over k < each: what gathering over edges would be with nothing else to do. x: N x F,
/// without gaps between rows of a whole number of 16 bytes; index: R each numbers below N; y: R x F.
GNN_KERNEL(gather_rows, const NodeId* index, std::size_t each, ConstMat x, Mat y);

}  // namespace gnn::inline GNN_PRECISION
