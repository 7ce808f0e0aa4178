// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/attention.hpp>

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
      : weight(edge_chunk * heads), branch(edge_chunk * heads), multiplier(edge_chunk * heads, Real(1)) {}
  std::vector<Real> weight;      // exp(leaky_relu(u) - maximum)
  std::vector<Real> branch;      // 1 where u > 0, else 0
  std::vector<Real> multiplier;  // dropout's
};

struct Scores {
  ConstMat source, target, maximum;
  Real slope;
};

template <std::size_t fixed_heads>
GNN_INLINE void weigh_chunk_of(const Scores& s, const EdgeChunk& chunk, std::size_t given_heads, Real* weight, Real* branch) {
  const std::size_t heads = fixed_heads ? fixed_heads : given_heads;
  for (std::size_t k = 0; k < chunk.count; ++k) {
    const Real* from = s.source.row(chunk.source[k]);
    const Real* to = s.target.row(chunk.target[k]);
    const Real* most = s.maximum.row(chunk.target[k]);
    for (std::size_t h = 0; h < heads; ++h) {
      const Real u = from[h] + to[h];
      branch[k * heads + h] = u > 0 ? Real(1) : Real(0);
      weight[k * heads + h] = (u > 0 ? u : s.slope * u) - most[h];
    }
  }
  for (std::size_t k = 0; k < chunk.count * heads; ++k) weight[k] = exponential(weight[k]);
}

GNN_SIMD void weigh_chunk(const Scores& s, const EdgeChunk& chunk, std::size_t heads, Real* weight, Real* branch) {
  if (heads == 8) return weigh_chunk_of<8>(s, chunk, heads, weight, branch);
  if (heads == 1) return weigh_chunk_of<1>(s, chunk, heads, weight, branch);
  weigh_chunk_of<0>(s, chunk, heads, weight, branch);
}

// maximum[i,:] = leaky_relu(target_score[i,:] + largest source score): leaky_relu never falls, so the largest logit
// belongs to the largest sum and the features are not needed.
void row_maximum(const CsrView& in, ConstMat source, ConstMat target, Real slope, std::size_t i, Real* maximum) {
  const std::size_t first = std::size_t(in.offsets[i]), last = std::size_t(in.offsets[i + 1]), heads = source.cols;
  for (std::size_t h = 0; h < heads; ++h) maximum[h] = first == last ? 0 : source.row(std::size_t(in.columns[first]))[h];
  for (std::size_t e = first; e < last; ++e) {
    const Real* from = source.row(std::size_t(in.columns[e]));
    for (std::size_t h = 0; h < heads; ++h) maximum[h] = from[h] > maximum[h] ? from[h] : maximum[h];
  }
  for (std::size_t h = 0; h < heads; ++h) {
    const Real u = maximum[h] + target.row(i)[h];
    maximum[h] = u > 0 ? u : slope * u;
  }
}

// Adds the edges [k, k + n) of a chunk, which share a target, to its row: out, and positive when it is kept.
template <std::size_t fixed_heads, std::size_t fixed_channels>
GNN_INLINE void add_edges_of(const EdgeChunk& chunk, const ChunkWeights& w, std::size_t k, std::size_t n, std::size_t given_heads,
                             std::size_t given_channels, ConstMat value, Real* out, Real* positive) {
  const std::size_t heads = fixed_heads ? fixed_heads : given_heads;
  const std::size_t channels = fixed_channels ? fixed_channels : given_channels;
  if constexpr (fixed_heads != 0) {
    constexpr std::size_t width = fixed_heads * fixed_channels;
    Real sum[width], part[width];
    for (std::size_t c = 0; c < width; ++c) sum[c] = out[c];
    if (positive) {
      for (std::size_t c = 0; c < width; ++c) part[c] = positive[c];
      for (std::size_t e = k; e < k + n; ++e) {
        const Real* from = value.row(chunk.source[e]);
        Real a[fixed_heads], b[fixed_heads];
        for (std::size_t h = 0; h < heads; ++h) {
          a[h] = w.weight[e * heads + h] * w.multiplier[e * heads + h];
          b[h] = a[h] * w.branch[e * heads + h];
        }
        for (std::size_t c = 0; c < width; ++c) sum[c] += a[c / fixed_channels] * from[c];
        for (std::size_t c = 0; c < width; ++c) part[c] += b[c / fixed_channels] * from[c];
      }
      for (std::size_t c = 0; c < width; ++c) positive[c] = part[c];
    } else {
      for (std::size_t e = k; e < k + n; ++e) {
        const Real* from = value.row(chunk.source[e]);
        Real a[fixed_heads];
        for (std::size_t h = 0; h < heads; ++h) a[h] = w.weight[e * heads + h] * w.multiplier[e * heads + h];
        for (std::size_t c = 0; c < width; ++c) sum[c] += a[c / fixed_channels] * from[c];
      }
    }
    for (std::size_t c = 0; c < width; ++c) out[c] = sum[c];
  } else {
    for (std::size_t e = k; e < k + n; ++e) {
      const Real* from = value.row(chunk.source[e]);
      for (std::size_t h = 0; h < heads; ++h) {
        const Real a = w.weight[e * heads + h] * w.multiplier[e * heads + h];
        for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) out[c] += a * from[c];
        if (!positive || w.branch[e * heads + h] == 0) continue;
        for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) positive[c] += a * from[c];
      }
    }
  }
}

GNN_SIMD void add_edges(const EdgeChunk& chunk, const ChunkWeights& w, std::size_t k, std::size_t n, std::size_t heads,
                        std::size_t channels, ConstMat value, Real* out, Real* positive) {
  if (heads == 8 && channels == 8) return add_edges_of<8, 8>(chunk, w, k, n, heads, channels, value, out, positive);
  add_edges_of<0, 0>(chunk, w, k, n, heads, channels, value, out, positive);
}

// The end of a chunk's run of edges that share the row of edge k.
std::size_t run_end(const EdgeChunk& chunk, std::size_t k) {
  const std::uint32_t row = chunk.row[k];
  while (k < chunk.count && chunk.row[k] == row) ++k;
  return k;
}

// The part of a chunk's gradient that belongs to source row j: adds to dvalue and dsource, rows of j.
struct NodeTerms {
  ConstMat inverse_sum, correction;  // per target and head: 1 / sum, and <dout, out>
};
template <std::size_t fixed_heads, std::size_t fixed_channels>
GNN_INLINE void add_gradients_of(const EdgeChunk& chunk, const ChunkWeights& w, std::size_t k, std::size_t n, Real slope,
                                 const NodeTerms& node, std::size_t given_heads, std::size_t given_channels, ConstMat dout,
                                 const Real* value, Real* dsource, Real* dvalue) {
  const std::size_t heads = fixed_heads ? fixed_heads : given_heads;
  const std::size_t channels = fixed_channels ? fixed_channels : given_channels;
  for (std::size_t e = k; e < k + n; ++e) {
    const std::size_t i = chunk.target[e];
    const Real* from = dout.row(i);
    for (std::size_t h = 0; h < heads; ++h) {
      const std::size_t at = e * heads + h;
      const Real alpha = w.weight[at] * node.inverse_sum.row(i)[h], r = w.multiplier[at];
      Real dot = 0;
#pragma omp simd reduction(+ : dot)
      for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) dot += from[c] * value[c];
      dsource[h] += alpha * (r * dot - node.correction.row(i)[h]) * (w.branch[at] != 0 ? 1 : slope);
      const Real share = alpha * r;
#pragma omp simd
      for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) dvalue[c] += share * from[c];
    }
  }
}

GNN_SIMD void add_gradients(const EdgeChunk& chunk, const ChunkWeights& w, std::size_t k, std::size_t n, Real slope,
                            const NodeTerms& node, std::size_t heads, std::size_t channels, ConstMat dout, const Real* value,
                            Real* dsource, Real* dvalue) {
  if (heads == 8 && channels == 8) {
    return add_gradients_of<8, 8>(chunk, w, k, n, slope, node, heads, channels, dout, value, dsource, dvalue);
  }
  add_gradients_of<0, 0>(chunk, w, k, n, slope, node, heads, channels, dout, value, dsource, dvalue);
}

GNN_INLINE Real dot_product(const Real* x, const Real* y, std::size_t n) {
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t c = 0; c < n; ++c) sum += x[c] * y[c];
  return sum;
}

// Per target row: 1 / sum, <dout, out>, and the target score's gradient, which needs no edge.
GNN_SIMD void node_pass(std::size_t i, std::size_t heads, std::size_t channels, Real slope, ConstMat out,
                        const AttentionState& state, ConstMat dout, Mat inverse_sum, Mat correction, Mat dtarget) {
  for (std::size_t h = 0; h < heads; ++h) {
    const std::size_t c = h * channels;
    const Real sum = state.sum.row(i)[h];
    const Real along = dot_product(dout.row(i) + c, out.row(i) + c, channels);
    const Real along_positive = dot_product(dout.row(i) + c, state.positive_out.row(i) + c, channels);
    inverse_sum.row(i)[h] = sum > 0 ? 1 / sum : 0;
    correction.row(i)[h] = along;
    dtarget.row(i)[h] += (1 - slope) * (along_positive - along * state.positive_mass.row(i)[h]);
  }
}

template <std::size_t fixed_channels>
GNN_INLINE void head_scores_of(ConstMat z, ConstMat a, ConstMat bias, std::size_t first, std::size_t last, Mat score) {
  const std::size_t heads = a.rows, channels = fixed_channels ? fixed_channels : a.cols;
  for (std::size_t i = first; i < last; ++i) {
    for (std::size_t h = 0; h < heads; ++h) {
      score.row(i)[h] = dot_product(z.row(i) + h * channels, a.row(h), channels) + (bias.data ? bias.data[h] : 0);
    }
  }
}

GNN_SIMD void head_scores_range(ConstMat z, ConstMat a, ConstMat bias, std::size_t first, std::size_t last, Mat score) {
  if (a.cols == 8) return head_scores_of<8>(z, a, bias, first, last, score);
  head_scores_of<0>(z, a, bias, first, last, score);
}

template <std::size_t fixed_channels>
GNN_INLINE void head_scores_backward_of(ConstMat z, ConstMat a, ConstMat dscore, std::size_t first, std::size_t last, Mat dz,
                                        Real* da) {
  const std::size_t heads = a.rows, channels = fixed_channels ? fixed_channels : a.cols;
  for (std::size_t i = first; i < last; ++i) {
    for (std::size_t h = 0; h < heads; ++h) {
      const Real d = dscore.row(i)[h];
      const Real* zs = z.row(i) + h * channels;
      for (std::size_t c = 0; c < channels; ++c) da[h * channels + c] += d * zs[c];
      if (!dz.data) continue;
      Real* to = dz.row(i) + h * channels;
      for (std::size_t c = 0; c < channels; ++c) to[c] += d * a.row(h)[c];
    }
  }
}

GNN_SIMD void head_scores_backward_range(ConstMat z, ConstMat a, ConstMat dscore, std::size_t first, std::size_t last, Mat dz,
                                         Real* da) {
  if (a.cols == 8) return head_scores_backward_of<8>(z, a, dscore, first, last, dz, da);
  head_scores_backward_of<0>(z, a, dscore, first, last, dz, da);
}

}  // namespace

void head_scores(Context& ctx, ConstMat z, ConstMat a, ConstMat bias, Mat score) {
  parallel_ranges(ctx, z.rows, rows_per_piece(z.cols),
                  [&](std::size_t first, std::size_t last) { head_scores_range(z, a, bias, first, last, score); });
}

void head_scores_backward(Context& ctx, ConstMat z, ConstMat a, ConstMat dscore, Mat dz, Mat da) {
  std::vector<Real> unused(da.data ? 0 : a.size());
  reduce_rows(ctx, z.rows, a.size(), da.data ? da.data : unused.data(), [&](std::size_t first, std::size_t last, Real* sum) {
    head_scores_backward_range(z, a, dscore, first, last, dz, sum);
  });
}

void gat_attention(Context& ctx, CsrView in, ConstMat source_score, ConstMat target_score, ConstMat value, Real slope,
                   Dropout dropout, Mat out, AttentionState state) {
  const std::size_t heads = source_score.cols, channels = value.cols / heads;
  const Scores scores{source_score, target_score, state.maximum, slope};
  const bool keep = state.positive_out.data != nullptr;
  const auto begin = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      row_maximum(in, source_score, target_score, slope, i, state.maximum.row(i));
      std::fill(state.sum.row(i), state.sum.row(i) + heads, Real(0));
      std::fill(out.row(i), out.row(i) + out.cols, Real(0));
      if (keep) std::fill(state.positive_out.row(i), state.positive_out.row(i) + out.cols, Real(0));
      if (keep) std::fill(state.positive_mass.row(i), state.positive_mass.row(i) + heads, Real(0));
    }
    return ChunkWeights(heads);
  };
  const auto work = [&](const EdgeChunk& chunk, ChunkWeights& w) {
    weigh_chunk(scores, chunk, heads, w.weight.data(), w.branch.data());
    if (dropout.active()) draw_edges(dropout, in, chunk, heads, w.multiplier.data());
    for (std::size_t k = 0; k < chunk.count;) {
      const std::size_t i = chunk.target[k], end = run_end(chunk, k);
      for (std::size_t e = k; e < end; ++e) {
        for (std::size_t h = 0; h < heads; ++h) state.sum.row(i)[h] += w.weight[e * heads + h];
        for (std::size_t h = 0; keep && h < heads; ++h) {
          state.positive_mass.row(i)[h] += w.weight[e * heads + h] * w.branch[e * heads + h];
        }
      }
      add_edges(chunk, w, k, end - k, heads, channels, value, out.row(i), keep ? state.positive_out.row(i) : nullptr);
      k = end;
    }
  };
  const auto end = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      for (std::size_t h = 0; h < heads; ++h) {
        const Real sum = state.sum.row(i)[h], inverse = sum > 0 ? 1 / sum : 0;
        if (keep) state.positive_mass.row(i)[h] *= inverse;
        for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) {
          out.row(i)[c] *= inverse;
          if (keep) state.positive_out.row(i)[c] *= inverse;
        }
      }
    }
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
        weigh_chunk(scores, chunk, heads, w.weight.data(), w.branch.data());
        if (dropout.active()) draw_edges(dropout, out_edges, chunk, heads, w.multiplier.data());
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
        weigh_chunk(scores, chunk, heads, w.weight.data(), w.branch.data());
        for (std::size_t k = 0; k < chunk.count; ++k) {
          for (std::size_t h = 0; h < heads; ++h) {
            alpha.row(chunk.first + k)[h] = w.weight[k * heads + h] / state.sum.row(chunk.target[k])[h];
          }
        }
      },
      [](std::size_t, std::size_t) {});
}

}  // namespace gnn::inline GNN_PRECISION::cpu
