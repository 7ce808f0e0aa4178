// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include <gnn/kernels/kernel.hpp>

namespace gnn::inline GNN_PRECISION {

/// A sum over nodes that was written in pieces: result[k] += the sum over rows p of pieces[p,k], in their order. result: as
/// many numbers as a piece has, in any shape.
struct PieceSum {
  ConstMat pieces;
  Mat result;
};

/// All of these sums, which do not depend on each other, at once.
GNN_KERNEL(add_pieces, std::span<const PieceSum> sums);

}  // namespace gnn::inline GNN_PRECISION
