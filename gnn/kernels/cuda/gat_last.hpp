// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <gnn/kernels/attention.hpp>
#include <gnn/kernels/training.hpp>

// The last layer of a GAT on a small graph, with its loss, there and back in one kernel.
namespace gnn::inline GNN_PRECISION::cuda {

/// A layer of one head, whose C columns are the logits of its R targets, and the mean cross entropy of these, all of which have a
/// label. With x after dropout (S x F), z = x w, its value z after a dropout of its own:
///
///   s = <z, a_s> + b_s,  t = <z, a_t> + b_t,  y = gat_attention(s, t, value) + bias,  loss = mean cross entropy(y)
///
/// Rows have no gaps. Pieces have num_last_pieces() rows.
///
/// Plain pointers and no views: a kernel waits some 150 cycles for each 64 bytes of its parameters, and this one for little else.
struct GatLast {
  const EdgeOffset *in_offsets = nullptr, *out_offsets = nullptr, *out_edge = nullptr;  ///< of CsrViews, as the next
  const NodeId *in_columns = nullptr, *out_columns = nullptr, *ids = nullptr;
  const std::uint32_t* rank = nullptr;
  const Real *x = nullptr, *w = nullptr, *source_vector = nullptr, *target_vector = nullptr, *bias = nullptr;
  const Real *source_bias = nullptr, *target_bias = nullptr;  ///< null: none
  const std::int32_t* labels = nullptr;
  unsigned sources = 0, targets = 0, width = 0, classes = 0;  ///< S, R, F, C

  struct Drop {
    std::uint32_t stream = 0, threshold = 0;
    Real scale = 1;
  };
  Drop x_drop, value_drop, attention_drop;
  std::uint64_t seed = 0;
  std::uint32_t step = 0;
  Real slope = 0;
  const std::uint32_t* step_at = nullptr;  ///< see Dropout

  std::byte* memory = nullptr;              ///< bytes_of_last()
  Real *y = nullptr, *dy = nullptr;         ///< R x C
  Real* dx = nullptr;                       ///< S x F
  Real *w_pieces = nullptr, *vector_pieces = nullptr;  ///< see PieceSum: of w; of a_s, a_t and the bias, one behind the other
  Real* bias_pieces = nullptr;              ///< of b_s, and of b_t behind it
  double* result = nullptr;  ///< the loss, and how many guesses are right, see kernels::cross_entropy
  Real* loss = nullptr;
};

/// Bytes that a layer of so many sources, targets, edges and classes leaves between its phases.
std::size_t bytes_of_last(std::size_t sources, std::size_t targets, std::size_t edges, std::size_t classes);

/// Whether gat_last() takes such a layer: a GPU that has clusters of blocks, a graph that one of them is enough for, few columns.
bool gat_last_fits(Context& ctx, const CsrView& in, std::size_t width, std::size_t classes);

/// How many rows the pieces have.
std::size_t num_last_pieces(Context& ctx);

/// Runs it with so many pieces.
void gat_last(Context& ctx, const GatLast& layer, std::size_t pieces);

}  // namespace gnn::inline GNN_PRECISION::cuda
