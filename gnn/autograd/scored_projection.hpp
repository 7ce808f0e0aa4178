// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/tape.hpp>
#include <gnn/core/sparse_matrix.hpp>
#include <gnn/kernels/cuda/project.hpp>

namespace gnn::inline GNN_PRECISION {

/// The first part of an attention layer on a GPU, z = x w with x after dropout, with the scores of z's rows in the same kernel where
/// a warp has a whole row at hand. x is in `sparse`, or else in `dense`.
struct ScoredProjection {
  Tape& tape;
  SparseMatrix sparse;
  Var dense, w;
  Dropout drop;
  std::size_t masks = 1;
  Array<NodeId> ids;
  Tensor masked = {};  // x after dropout, where a product needs it as a matrix

  /// Returns z. Without vectors there are no scores.
  Tensor forward(const ProjectedScores& scores);
  /// Adds to the gradients of w and x.
  void backward(const Tensor& dz) const;

 private:
  bool is_sparse() const { return !dense.defined(); }
  bool is_small() const;
  bool is_tile() const;
};

}  // namespace gnn::inline GNN_PRECISION
