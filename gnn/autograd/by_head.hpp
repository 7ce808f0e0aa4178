// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/tape.hpp>
#include <gnn/core/adjacency.hpp>
#include <gnn/core/sparse_matrix.hpp>

/// Attention of a large graph in inference, one head after the other. Heads do not know of each other, so that beside the
/// result, N x (heads C), only one head's projected rows need to exist: 1 + 1/heads arrays of that size instead of two, and for
/// GATv2 1 + 2/heads instead of three. Results are those of all heads at once, to the bit
/// when the channels are a multiple of 8 or x is sparse. Nothing is recorded, so these are no ops.
namespace gnn::inline GNN_PRECISION {

/// Whether that is worth while: in inference on the CPU, from 64 MiB of projected rows on.
bool goes_by_head(const Tape& tape, std::size_t rows, std::size_t heads, std::size_t channels);

/// gat_attention() of z = x w and its head_scores() with a_s, b_s and a_t, b_t, without any dropout. x: S x F, in `sparse` or
/// else in `dense`; w: F x (heads C); a_s, a_t: heads x C; b_s, b_t: 1 x heads or undefined. Returns R x (heads C).
Tensor gat_by_head(const Adjacency& adjacency, const SparseMatrix* sparse, const Var& dense, const Var& w, const Var& a_s,
                   const Var& a_t, const Var& b_s, const Var& b_t, double slope);

/// gatv2_attention() of source = value = x w_s + b_s and target = x w_t + b_t, without any dropout. w_t, b_t: those of the
/// source, when they are shared; b_s, b_t: 1 x (heads C) or undefined; a: heads x C.
Tensor gatv2_by_head(const Adjacency& adjacency, const SparseMatrix* sparse, const Var& dense, const Var& w_s, const Var& b_s,
                     const Var& w_t, const Var& b_t, bool shared, const Var& a, double slope);

}  // namespace gnn::inline GNN_PRECISION
