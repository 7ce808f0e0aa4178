// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cpu/edge_chunks.hpp>

/// The arithmetic of gatv2_attention for edges that share a row, on one thread. Matrices have heads of whole vectors of 8
/// channels (padded.hpp), one behind the other.
namespace gnn::inline GNN_PRECISION::cpu::gatv2 {

struct Shape {
  std::size_t heads, vectors;  ///< vectors of one head
  std::size_t width() const { return 8 * heads * vectors; }
  bool is_8x8() const { return heads == 8 && vectors == 1; }
};

/// The edges [first, last) of a chunk, which share a row.
struct EdgeRun {
  const EdgeChunk& chunk;
  std::size_t first, last;
};

/// What edges are scored with.
struct Scores {
  ConstMat source, target;
  const Real* a;
  Real slope;
};

/// The row of a target while its edges are added: sums are relative to exp(maximum).
struct TargetRow {
  Real *out, *sum, *maximum;
};

/// logit[k, h] of a chunk's edges, and their signs, sign_bytes() for each, unless `signs` is null.
void score_chunk(const Shape& shape, const Scores& scores, const EdgeChunk& chunk, Real* logit, std::uint8_t* signs);

/// Raises a row's maximum to that of n more logits and scales its sums down for it, unless nothing was added to them yet
/// (`fresh`). weight = logit - maximum.
void raise_maximum(const Shape& shape, const TargetRow& row, bool fresh, std::size_t n, const Real* logit, Real* weight);

/// x = e^x for n numbers.
void exponentials(Real* x, std::size_t n);

/// Adds the edges of a run to their target, with weight and multiplier of the chunk's edges, each edges x heads.
void add_edges(const Shape& shape, const EdgeRun& run, const Real* weight, const Real* multiplier, ConstMat value,
               const TargetRow& row);

/// Divides a row by the sum of its weights, and turns the logits of its n edges into attention unless `alpha` is null. A row
/// without edges stays zero.
void finish_row(const Shape& shape, const TargetRow& row, std::size_t n, Real* alpha);

/// What gradients are made of. correction = <dout, out> per target and head; dlogit: E x heads.
struct GradientTerms {
  ConstMat alpha, dout, correction;
  const std::uint8_t* positive;
  Mat dlogit;
  const Real* a;
  Real slope;
};

/// A source, and where its gradients and its part of da are added.
struct SourceRow {
  const Real *source, *value;
  Real *dsource, *dvalue, *da;
};

/// Adds what the edges of a run bring to their source, and writes their dlogit. `sums` is scratch for width + heads numbers.
void add_source_gradients(const Shape& shape, const CsrView& out_edges, const EdgeRun& run, const Real* multiplier,
                          const GradientTerms& terms, const SourceRow& row, Real* sums);

/// Adds what the edges [first, last) bring to their target and to da. `sums` is scratch for width numbers.
void add_target_gradients(const Shape& shape, std::size_t first, std::size_t last, const GradientTerms& terms, const Real* target,
                          Real* dtarget, Real* da, Real* sums);

}  // namespace gnn::inline GNN_PRECISION::cpu::gatv2
