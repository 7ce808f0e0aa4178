// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/attention.hpp>

#include <memory>

#include <gnn/kernels/cpu/edge_chunks.hpp>
#include <gnn/kernels/cpu/reduce.hpp>

// Plan: blocks of rows with about equal numbers of edges, one owner each. In a block, chunks of edges: first every
// logit, weight and dropout multiplier of the chunk, in loops that run over edges x heads without a branch; then the
// gather of feature rows. Rows are targets forward and sources backward. Heads and channels of the usual small layer
// (8 x 8) are compiled as constants, which keeps a row's sum in registers.
namespace gnn::inline GNN_PRECISION::cpu {
namespace {

// Weights of one chunk, edges x heads.
struct ChunkWeights {
  explicit ChunkWeights(std::size_t heads)
      : numbers(std::make_unique_for_overwrite<Real[]>(3 * edge_chunk * heads)),
        weight(numbers.get()),
        branch(weight + edge_chunk * heads),
        multiplier(branch + edge_chunk * heads) {
    std::fill_n(multiplier, edge_chunk * heads, Real(1));
  }
  std::unique_ptr<Real[]> numbers;
  Real* weight;      // exp(leaky_relu(u) - maximum)
  Real* branch;      // 1 where u > 0, else 0
  Real* multiplier;  // dropout's
};

struct Scores {
  ConstMat source, target, maximum;
  Real slope;
};

GNN_SIMD void weigh_chunk(const Scores& s, const EdgeChunk& chunk, std::size_t heads, Real* weight, Real* branch) {
  for (std::size_t k = 0; k < chunk.count; ++k) {
    const Real* from = s.source.row(chunk.source[k]);
    const Real* to = s.target.row(chunk.target[k]);
    const Real* most = s.maximum.row(chunk.target[k]);
    if (heads == 8) {
      const Vec8 u = *vec8(from) + *vec8(to), zero = {};
      *vec8(branch + 8 * k) = u > 0 ? zero + 1 : zero;
      *vec8(weight + 8 * k) = (u > 0 ? u : s.slope * u) - *vec8(most);
    } else {
      for (std::size_t h = 0; h < heads; ++h) {
        const Real u = from[h] + to[h];
        branch[k * heads + h] = u > 0 ? Real(1) : Real(0);
        weight[k * heads + h] = (u > 0 ? u : s.slope * u) - most[h];
      }
    }
  }
  for (std::size_t k = 0; k < chunk.count * heads; ++k) weight[k] = exponential(weight[k]);
}

// maximum[i,:] = leaky_relu(target_score[i,:] + largest source score): leaky_relu never falls, so the largest logit
// belongs to the largest sum and the features are not needed.
GNN_SIMD void row_maximum(const NodeId* sources, std::size_t n, ConstMat source, const Real* target, Real slope, Real* maximum) {
  const std::size_t heads = source.cols;
  if (n == 0) {
    std::fill_n(maximum, heads, Real(0));
    return;
  }
  if (heads == 8) {
    Vec8 most = *vec8(source.row(std::size_t(sources[0])));
    for (std::size_t e = 1; e < n; ++e) {
      const Vec8 from = *vec8(source.row(std::size_t(sources[e])));
      most = from > most ? from : most;
    }
    most += *vec8(target);
    *vec8(maximum) = most > 0 ? most : slope * most;
    return;
  }
  std::copy_n(source.row(std::size_t(sources[0])), heads, maximum);
  for (std::size_t e = 1; e < n; ++e) {
    const Real* from = source.row(std::size_t(sources[e]));
    for (std::size_t h = 0; h < heads; ++h) maximum[h] = from[h] > maximum[h] ? from[h] : maximum[h];
  }
  for (std::size_t h = 0; h < heads; ++h) {
    const Real u = maximum[h] + target[h];
    maximum[h] = u > 0 ? u : slope * u;
  }
}

// The row of a target while its edges are added: everything still times the sum of its weights.
struct TargetRow {
  Real *out, *sum;
  Real *positive, *mass;  // null when not kept
};

// Adds the edges [k, k + n) of a chunk, which share a target. For 8 heads of 8 channels the sums stay in registers.
template <bool keep>
GNN_INLINE void add_edges_8x8(const EdgeChunk& chunk, const ChunkWeights& w, std::size_t k, std::size_t n, ConstMat value,
                              const TargetRow& row) {
  Vec8 out[8], positive[8], sum = *vec8(row.sum), mass = {};
  for (std::size_t h = 0; h < 8; ++h) out[h] = *vec8(row.out + 8 * h);
  for (std::size_t h = 0; keep && h < 8; ++h) positive[h] = *vec8(row.positive + 8 * h);
  for (std::size_t e = k; e < k + n; ++e) {
    const Real* from = value.row(chunk.source[e]);
    const Vec8 weight = *vec8(&w.weight[8 * e]), branch = *vec8(&w.branch[8 * e]);
    const Vec8 a = weight * *vec8(&w.multiplier[8 * e]), b = a * branch;
    sum += weight;
    mass += weight * branch;
    for (std::size_t h = 0; h < 8; ++h) {
      const Vec8 x = *vec8(from + 8 * h);
      out[h] += a[h] * x;
      if (keep) positive[h] += b[h] * x;
    }
  }
  *vec8(row.sum) = sum;
  if (keep) *vec8(row.mass) += mass;
  for (std::size_t h = 0; h < 8; ++h) *vec8(row.out + 8 * h) = out[h];
  for (std::size_t h = 0; keep && h < 8; ++h) *vec8(row.positive + 8 * h) = positive[h];
}

GNN_SIMD void add_edges(const EdgeChunk& chunk, const ChunkWeights& w, std::size_t k, std::size_t n, std::size_t heads,
                        std::size_t channels, ConstMat value, const TargetRow& row) {
  if (heads == 8 && channels == 8) {
    if (row.positive) return add_edges_8x8<true>(chunk, w, k, n, value, row);
    return add_edges_8x8<false>(chunk, w, k, n, value, row);
  }
  for (std::size_t e = k; e < k + n; ++e) {
    const Real* from = value.row(chunk.source[e]);
    for (std::size_t h = 0; h < heads; ++h) {
      const Real weight = w.weight[e * heads + h], a = weight * w.multiplier[e * heads + h];
      row.sum[h] += weight;
      for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) row.out[c] += a * from[c];
      if (!row.positive || w.branch[e * heads + h] == 0) continue;
      row.mass[h] += weight;
      for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) row.positive[c] += a * from[c];
    }
  }
}

// Divides a finished row by the sum of its weights; a row without edges stays zero.
GNN_SIMD void normalise_row(std::size_t heads, std::size_t channels, const TargetRow& row) {
  for (std::size_t h = 0; h < heads; ++h) {
    const Real inverse = row.sum[h] > 0 ? 1 / row.sum[h] : 0;
    for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) row.out[c] *= inverse;
    if (!row.positive) continue;
    row.mass[h] *= inverse;
    for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) row.positive[c] *= inverse;
  }
}

struct NodeTerms {
  ConstMat inverse_sum, correction;  // per target and head: 1 / sum, and <dout, out>
};

// The gradients that the edges [k, k + n) of a chunk, which share source j, bring to dvalue and dsource, rows of j.
GNN_INLINE void add_gradients_8x8(const EdgeChunk& chunk, const ChunkWeights& w, std::size_t k, std::size_t n, Real slope,
                                  const NodeTerms& node, ConstMat dout, const Real* value, Real* dsource, Real* dvalue) {
  Vec8 sum[8], own[8], g[8], dscore = *vec8(dsource);
  for (std::size_t h = 0; h < 8; ++h) sum[h] = *vec8(dvalue + 8 * h);
  for (std::size_t h = 0; h < 8; ++h) own[h] = *vec8(value + 8 * h);
  for (std::size_t e = k; e < k + n; ++e) {
    const std::size_t i = chunk.target[e];
    const Real* from = dout.row(i);
    const Vec8 alpha = *vec8(&w.weight[8 * e]) * *vec8(node.inverse_sum.row(i)), r = *vec8(&w.multiplier[8 * e]);
    const Vec8 share = alpha * r;
    for (std::size_t h = 0; h < 8; ++h) g[h] = *vec8(from + 8 * h);
    for (std::size_t h = 0; h < 8; ++h) sum[h] += share[h] * g[h];
    dscore += alpha * (r * dots8(g, own) - *vec8(node.correction.row(i))) * (slope + (1 - slope) * *vec8(&w.branch[8 * e]));
  }
  *vec8(dsource) = dscore;
  for (std::size_t h = 0; h < 8; ++h) *vec8(dvalue + 8 * h) = sum[h];
}

GNN_SIMD void add_gradients(const EdgeChunk& chunk, const ChunkWeights& w, std::size_t k, std::size_t n, Real slope,
                            const NodeTerms& node, std::size_t heads, std::size_t channels, ConstMat dout, const Real* value,
                            Real* dsource, Real* dvalue) {
  if (heads == 8 && channels == 8) return add_gradients_8x8(chunk, w, k, n, slope, node, dout, value, dsource, dvalue);
  for (std::size_t e = k; e < k + n; ++e) {
    const std::size_t i = chunk.target[e];
    const Real* from = dout.row(i);
    for (std::size_t h = 0; h < heads; ++h) {
      const std::size_t at = e * heads + h, c = h * channels;
      const Real alpha = w.weight[at] * node.inverse_sum.row(i)[h], r = w.multiplier[at];
      const Real dalpha = r * dot_product(from + c, value + c, channels);
      dsource[h] += alpha * (dalpha - node.correction.row(i)[h]) * (w.branch[at] != 0 ? 1 : slope);
      for (std::size_t d = c; d < c + channels; ++d) dvalue[d] += alpha * r * from[d];
    }
  }
}

// Per target row: 1 / sum, <dout, out>, and the target score's gradient, which needs no edge.
GNN_SIMD void node_pass(std::size_t i, std::size_t heads, std::size_t channels, Real slope, ConstMat out,
                        const AttentionState& state, ConstMat dout, Mat inverse_sum, Mat correction, Mat dtarget) {
  const Real *sum = state.sum.row(i), *mass = state.positive_mass.row(i), *positive = state.positive_out.row(i);
  if (heads == 8 && channels == 8) {
    const Vec8 along = dots8(dout.row(i), out.row(i)), zero = {};
    *vec8(inverse_sum.row(i)) = *vec8(sum) > 0 ? 1 / *vec8(sum) : zero;
    *vec8(correction.row(i)) = along;
    *vec8(dtarget.row(i)) += (1 - slope) * (dots8(dout.row(i), positive) - along * *vec8(mass));
    return;
  }
  for (std::size_t h = 0; h < heads; ++h) {
    const std::size_t c = h * channels;
    const Real along = dot_product(dout.row(i) + c, out.row(i) + c, channels);
    const Real along_positive = dot_product(dout.row(i) + c, positive + c, channels);
    inverse_sum.row(i)[h] = sum[h] > 0 ? 1 / sum[h] : 0;
    correction.row(i)[h] = along;
    dtarget.row(i)[h] += (1 - slope) * (along_positive - along * mass[h]);
  }
}

}  // namespace

void gat_attention(Context& ctx, CsrView in, ConstMat source_score, ConstMat target_score, ConstMat value, Real slope,
                   Dropout dropout, Mat out, AttentionState state) {
  const std::size_t heads = source_score.cols, channels = value.cols / heads;
  const Scores scores{source_score, target_score, state.maximum, slope};
  const auto row_of = [&](std::size_t i) {
    const bool keep = state.positive_out.data != nullptr;
    return TargetRow{out.row(i), state.sum.row(i), keep ? state.positive_out.row(i) : nullptr,
                     keep ? state.positive_mass.row(i) : nullptr};
  };
  const auto begin = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const TargetRow row = row_of(i);
      row_maximum(in.columns + in.offsets[i], std::size_t(in.offsets[i + 1] - in.offsets[i]), source_score, target_score.row(i),
                  slope, state.maximum.row(i));
      std::fill_n(row.sum, heads, Real(0));
      std::fill_n(row.out, out.cols, Real(0));
      if (row.positive) std::fill_n(row.positive, out.cols, Real(0));
      if (row.positive) std::fill_n(row.mass, heads, Real(0));
    }
    return ChunkWeights(heads);
  };
  const auto work = [&](const EdgeChunk& chunk, ChunkWeights& w) {
    weigh_chunk(scores, chunk, heads, w.weight, w.branch);
    if (dropout.active()) draw_edges(dropout, in, chunk, heads, w.multiplier);
    for (std::size_t k = 0; k < chunk.count;) {
      const std::size_t end = run_end(chunk, k);
      add_edges(chunk, w, k, end - k, heads, channels, value, row_of(chunk.target[k]));
      k = end;
    }
  };
  const auto end = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) normalise_row(heads, channels, row_of(i));
  };
  for_edge_chunks(ctx, in, true, begin, work, end);
}

void gat_attention_backward(Context& ctx, CsrView out_edges, ConstMat source_score, ConstMat target_score, ConstMat value,
                            Real slope, Dropout dropout, ConstMat out, AttentionState state, ConstMat dout, Mat dsource_score,
                            Mat dtarget_score, Mat dvalue) {
  const std::size_t heads = source_score.cols, channels = value.cols / heads;
  const Tensor inverse_sum = ctx.tensor(out.rows, heads), correction = ctx.tensor(out.rows, heads);

  // Pass 1, per target: everything that needs no edge.
  parallel_ranges(ctx, out.rows, rows_per_piece(out.cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      node_pass(i, heads, channels, slope, out, state, dout, inverse_sum, correction, dtarget_score);
    }
  });

  // Pass 2, per source: one gather of dout over the edges out of it.
  const Scores scores{source_score, target_score, state.maximum, slope};
  const NodeTerms node{inverse_sum, correction};
  for_edge_chunks(
      ctx, out_edges, false, [&](std::size_t, std::size_t) { return ChunkWeights(heads); },
      [&](const EdgeChunk& chunk, ChunkWeights& w) {
        weigh_chunk(scores, chunk, heads, w.weight, w.branch);
        if (dropout.active()) draw_edges(dropout, out_edges, chunk, heads, w.multiplier);
        for (std::size_t k = 0; k < chunk.count;) {
          const std::size_t j = chunk.source[k], end = run_end(chunk, k);
          add_gradients(chunk, w, k, end - k, slope, node, heads, channels, dout, value.row(j), dsource_score.row(j),
                        dvalue.row(j));
          k = end;
        }
      },
      [](std::size_t, std::size_t) {});
}

void gat_attention_weights(Context& ctx, CsrView in, ConstMat source_score, ConstMat target_score, Real slope,
                           AttentionState state, Mat alpha) {
  const std::size_t heads = source_score.cols;
  const Scores scores{source_score, target_score, state.maximum, slope};
  for_edge_chunks(
      ctx, in, true, [&](std::size_t, std::size_t) { return ChunkWeights(heads); },
      [&](const EdgeChunk& chunk, ChunkWeights& w) {
        weigh_chunk(scores, chunk, heads, w.weight, w.branch);
        for (std::size_t k = 0; k < chunk.count; ++k) {
          for (std::size_t h = 0; h < heads; ++h) {
            alpha.row(chunk.first + k)[h] = w.weight[k * heads + h] / state.sum.row(chunk.target[k])[h];
          }
        }
      },
      [](std::size_t, std::size_t) {});
}

}  // namespace gnn::inline GNN_PRECISION::cpu
