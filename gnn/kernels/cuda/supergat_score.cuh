// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/row_softmax.cuh>
#include <gnn/kernels/supergat.hpp>

namespace gnn::inline GNN_PRECISION::cuda {

/// Whose the short rows are: a block of a small graph has as many as warps, see num_row_blocks(), and none to hand out.
template <unsigned edges>
inline constexpr ShortRows short_rows_of = edges == few_edges ? ShortRows::dealt : ShortRows::handed_out;

/// Blocks that a multiprocessor should have room for: of a small graph, where a warp has fewer edges at once, three. Then all blocks
/// of Cora run together, and not a third of them after the others.
template <unsigned edges>
inline constexpr unsigned blocks_at_once = edges == few_edges ? 3 : 2;

/// The numbers of one edge j -> i and head.
struct EdgeScore {
  Real gate;        ///< sigmoid(g) with scores, g without
  Real sum;         ///< w, with scores
  Real logit;       ///< leaky_relu(u)
  Real derivative;  ///< of leaky_relu: 1 or slope
};

/// What an edge's dot product becomes; sum: of the scores of both ends, where there are such.
__device__ inline EdgeScore edge_score(const SimilarityScore& s, Real g, Real sum) {
  EdgeScore e = {g, 0, s.scale * g, 1};
  if (s.source_score.data) {
    e.gate = 1 / (1 + exp(-g));
    e.sum = sum;
    e.logit = e.sum * e.gate;
  }
  e.derivative = e.logit > 0 ? Real(1) : s.slope;
  e.logit *= e.derivative;
  return e;
}
__device__ inline EdgeScore edge_score(const SimilarityScore& s, Real g, std::size_t j, std::size_t i, std::size_t h) {
  return edge_score(s, g, s.source_score.data ? row(s.source_score, j)[h] + row(s.target_score, i)[h] : Real(0));
}

}  // namespace gnn::inline GNN_PRECISION::cuda
