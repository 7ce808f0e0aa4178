// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <gnn/kernels/cpu/edge_chunks.hpp>
#include <gnn/kernels/supergat.hpp>

/// The arithmetic of supergat_attention for a chunk of edges, or those of one row, on one thread. Heads have whole vectors of 8
/// channels (padded.hpp).
namespace gnn::inline GNN_PRECISION::cpu::supergat {

/// Numbers of one chunk, edges x heads.
struct ChunkScores {
  explicit ChunkScores(std::size_t heads)
      : numbers(std::make_unique_for_overwrite<Real[]>(5 * edge_chunk * heads)),
        gate(numbers.get()),
        sum(gate + edge_chunk * heads),
        weight(sum + edge_chunk * heads),
        derivative(weight + edge_chunk * heads),
        multiplier(derivative + edge_chunk * heads) {
    std::fill_n(multiplier, edge_chunk * heads, Real(1));
  }
  std::unique_ptr<Real[]> numbers;
  Real* gate;        // sigmoid(g) with scores, g without
  Real* sum;         // w, with scores
  Real* weight;      // the logit, then exp(logit - maximum)
  Real* derivative;  // of leaky_relu: 1 or slope
  Real* multiplier;  // dropout's
  // The edges of a chunk that have a gradient, and where in the chunk they are.
  EdgeChunk kept;
  std::uint32_t place[edge_chunk];
};

/// Leaves out the edges into targets without a gradient, which bring nothing: in a last layer all targets but the
/// labelled nodes. Multipliers move along.
void keep_active(const EdgeChunk& chunk, ConstMat active, std::size_t heads, ChunkScores& w);

/// Gates, sums, logits (in w.weight) and derivatives of a chunk's edges.
void score_chunk(const SimilarityScore& s, const EdgeChunk& chunk, const ChunkScores& w);

/// weight = exp(logit - maximum of the target).
void weigh_chunk(const EdgeChunk& chunk, ConstMat maximum, std::size_t heads, Real* weight);

/// The row of a target while its edges are added: everything still times the sum of its weights.
struct TargetRow {
  Real *out, *maximum, *sum;
};

/// Takes the logits of the edges [k, end) into the row's maximum; what was summed before is scaled to the new one.
void raise_maximum(const Real* logit, std::size_t k, std::size_t end, std::size_t heads, std::size_t channels, const TargetRow& row);

/// Adds the edges [k, end) of a chunk, which share a target.
void add_edges(const EdgeChunk& chunk, const ChunkScores& w, std::size_t k, std::size_t end, std::size_t heads,
               std::size_t channels, ConstMat z, const TargetRow& row);

/// Divides a finished row by the sum of its weights; a row without edges stays zero.
void normalise_row(std::size_t heads, std::size_t channels, const TargetRow& row);

struct NodeTerms {
  ConstMat inverse_sum, delta;  // per target and head: 1 / sum, and <dout, out>
};

/// The row of a source in the backward pass: its features and their gradient.
struct SourceRow {
  const Real* z;
  Real* dz;
};

/// Adds what the edges [k, end), which share a source, bring to its gradient. Leaves dg in w.weight and, with
/// scores, dw in w.derivative.
void add_gradients(const SimilarityScore& s, const EdgeChunk& chunk, const ChunkScores& w, std::size_t k, std::size_t end,
                   const NodeTerms& node, ConstMat dout, const SourceRow& row);

/// dz_i += sum of dg z_j over the edges [first, last) into i.
void add_target_gradients(const CsrView& in, std::size_t first, std::size_t last, ConstMat dg, ConstMat z, Real* dz);

}  // namespace gnn::inline GNN_PRECISION::cpu::supergat
