// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/supergat.hpp>

#include <algorithm>
#include <limits>
#include <memory>

#include <gnn/kernels/cpu/edge_chunks.hpp>
#include <gnn/kernels/cpu/padded.hpp>
#include <gnn/kernels/cpu/row_blocks.hpp>

// Plan: as for GAT, blocks of rows with one owner each, and in them chunks of edges: first all dot products and
// logits of a chunk, in loops over edges x heads without a branch, then the sums, for which the features that the
// dot products brought are still in the cache. Heads have whole vectors of 8 channels (padded.hpp).
namespace gnn::inline GNN_PRECISION::cpu {
namespace {

// Numbers of one chunk, edges x heads.
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

// Leaves out the edges into targets without a gradient, which bring nothing: in a last layer all targets but the
// labelled nodes. Multipliers move along.
void keep_active(const EdgeChunk& chunk, ConstMat active, std::size_t heads, ChunkScores& w) {
  std::size_t& n = w.kept.count;
  n = 0;
  for (std::size_t k = 0; k < chunk.count; ++k) {
    if (active.data[chunk.target[k]] == 0) continue;
    w.kept.row[n] = chunk.row[k];
    w.kept.target[n] = chunk.target[k];
    w.kept.source[n] = chunk.source[k];
    w.place[n] = std::uint32_t(k);
    if (n < k) std::copy_n(w.multiplier + k * heads, heads, w.multiplier + n * heads);
    ++n;
  }
}

GNN_SIMD void score_chunk(const SimilarityScore& s, const EdgeChunk& chunk, const ChunkScores& w) {
  const std::size_t heads = s.heads, channels = s.z.cols / heads, n = chunk.count * heads;
  for (std::size_t k = 0; k < chunk.count; ++k) {
    const Real *from = s.z.row(chunk.source[k]), *to = s.z.row(chunk.target[k]);
    if (heads == 8 && channels == 8) {
      vec8(w.gate + 8 * k) = dots8(from, to);
    } else {
      for (std::size_t h = 0; h < heads; ++h)
        w.gate[k * heads + h] = dot_product(from + h * channels, to + h * channels, channels);
    }
  }
  // Local names, so that the compiler sees that no loop here writes what another reads, and makes vector code.
  Real *const gate = w.gate, *const sum = w.sum, *const weight = w.weight, *const derivative = w.derivative;
  const Real slope = s.slope, scale = s.scale;
  if (s.source_score.data) {
    for (std::size_t k = 0; k < chunk.count; ++k) {
      const Real *from = s.source_score.row(chunk.source[k]), *to = s.target_score.row(chunk.target[k]);
      for (std::size_t h = 0; h < heads; ++h) sum[k * heads + h] = from[h] + to[h];
    }
    for (std::size_t k = 0; k < n; ++k) gate[k] = 1 / (1 + exponential(-gate[k]));
    for (std::size_t k = 0; k < n; ++k) weight[k] = sum[k] * gate[k];
  } else {
    for (std::size_t k = 0; k < n; ++k) weight[k] = scale * gate[k];
  }
  for (std::size_t k = 0; k < n; ++k) derivative[k] = weight[k] > 0 ? Real(1) : slope;
  for (std::size_t k = 0; k < n; ++k) weight[k] *= derivative[k];
}

GNN_SIMD void weigh_chunk(const EdgeChunk& chunk, ConstMat maximum, std::size_t heads, Real* weight) {
  for (std::size_t k = 0; k < chunk.count; ++k) {
    const Real* most = maximum.row(chunk.target[k]);
    for (std::size_t h = 0; h < heads; ++h) weight[k * heads + h] -= most[h];
  }
  for (std::size_t k = 0; k < chunk.count * heads; ++k) weight[k] = exponential(weight[k]);
}

std::size_t run_end(const EdgeChunk& chunk, std::size_t k) {
  const std::uint32_t row = chunk.row[k];
  while (k < chunk.count && chunk.row[k] == row) ++k;
  return k;
}

// Calls work(first, last) for the runs of a chunk's edges that share a row.
template <class Work>
void for_runs(const EdgeChunk& chunk, const Work& work) {
  for (std::size_t k = 0; k < chunk.count;) {
    const std::size_t end = run_end(chunk, k);
    work(k, end);
    k = end;
  }
}

// The row of a target while its edges are added: everything still times the sum of its weights.
struct TargetRow {
  Real *out, *maximum, *sum;
};

// Takes the logits of the edges [k, end) into the row's maximum; what was summed before is scaled to the new
// one.
GNN_SIMD void raise_maximum(const Real* logit, std::size_t k, std::size_t end, std::size_t heads,
                            std::size_t channels, const TargetRow& row) {
  if (heads == 8) {
    Vec8 most = vec8(row.maximum);
    for (std::size_t e = k; e < end; ++e) most = vec8(logit + 8 * e) > most ? vec8(logit + 8 * e) : most;
    Real down[8], any = 0;
    for (std::size_t h = 0; h < 8; ++h) {
      down[h] = exponential(row.maximum[h] - most[h]);
      any += row.sum[h];
    }
    vec8(row.maximum) = most;
    if (any == 0) return;  // the row's first edges
    vec8(row.sum) *= vec8(down);
    for (std::size_t h = 0; h < 8; ++h) {
      for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) row.out[c] *= down[h];
    }
    return;
  }
  for (std::size_t h = 0; h < heads; ++h) {
    Real most = row.maximum[h];
    for (std::size_t e = k; e < end; ++e) most = logit[e * heads + h] > most ? logit[e * heads + h] : most;
    if (!(most > row.maximum[h])) continue;
    const Real down = row.sum[h] > 0 ? exponential(row.maximum[h] - most) : 0;
    row.maximum[h] = most;
    row.sum[h] *= down;
    for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) row.out[c] *= down;
  }
}

GNN_INLINE void add_edges_8x8(const EdgeChunk& chunk, const ChunkScores& w, std::size_t k, std::size_t end,
                              ConstMat z, const TargetRow& row) {
  Vec8 out[8], sum = vec8(row.sum);
  for (std::size_t h = 0; h < 8; ++h) out[h] = vec8(row.out + 8 * h);
  for (std::size_t e = k; e < end; ++e) {
    const Real* from = z.row(chunk.source[e]);
    const Vec8 weight = vec8(&w.weight[8 * e]), a = weight * vec8(&w.multiplier[8 * e]);
    sum += weight;
    for (std::size_t h = 0; h < 8; ++h) out[h] += a[h] * vec8(from + 8 * h);
  }
  vec8(row.sum) = sum;
  for (std::size_t h = 0; h < 8; ++h) vec8(row.out + 8 * h) = out[h];
}

GNN_SIMD void add_edges(const EdgeChunk& chunk, const ChunkScores& w, std::size_t k, std::size_t end,
                        std::size_t heads, std::size_t channels, ConstMat z, const TargetRow& row) {
  if (heads == 8 && channels == 8) return add_edges_8x8(chunk, w, k, end, z, row);
  for (std::size_t e = k; e < end; ++e) {
    const Real* from = z.row(chunk.source[e]);
    for (std::size_t h = 0; h < heads; ++h) {
      const Real weight = w.weight[e * heads + h], a = weight * w.multiplier[e * heads + h];
      row.sum[h] += weight;
      for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) row.out[c] += a * from[c];
    }
  }
}

// Divides a finished row by the sum of its weights; a row without edges stays zero.
GNN_SIMD void normalise_row(std::size_t heads, std::size_t channels, const TargetRow& row) {
  for (std::size_t h = 0; h < heads; ++h) {
    const Real inverse = row.sum[h] > 0 ? 1 / row.sum[h] : 0;
    for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) row.out[c] *= inverse;
  }
}

struct NodeTerms {
  ConstMat inverse_sum, delta;  // per target and head: 1 / sum, and <dout, out>
};

// The row of a source in the backward pass: its features and their gradient.
struct SourceRow {
  const Real* z;
  Real* dz;
};

GNN_INLINE void add_gradients_8x8(const SimilarityScore& s, const EdgeChunk& chunk, const ChunkScores& w,
                                  std::size_t k, std::size_t end, const NodeTerms& node, ConstMat dout,
                                  const SourceRow& row) {
  Vec8 dz[8], own[8];
  for (std::size_t h = 0; h < 8; ++h) dz[h] = vec8(row.dz + 8 * h);
  for (std::size_t h = 0; h < 8; ++h) own[h] = vec8(row.z + 8 * h);
  for (std::size_t e = k; e < end; ++e) {
    const std::size_t i = chunk.target[e];
    const Real *gradient = dout.row(i), *other = s.z.row(i);
    Vec8 g[8];
    for (std::size_t h = 0; h < 8; ++h) g[h] = vec8(gradient + 8 * h);
    const Vec8 alpha = vec8(&w.weight[8 * e]) * vec8(node.inverse_sum.row(i)), r = vec8(&w.multiplier[8 * e]);
    const Vec8 du = alpha * (r * dots8(g, own) - vec8(node.delta.row(i))) * vec8(&w.derivative[8 * e]);
    const Vec8 share = alpha * r, gate = vec8(&w.gate[8 * e]);
    const Vec8 dw = du * gate;
    const Vec8 dg = s.source_score.data ? dw * vec8(&w.sum[8 * e]) * (1 - gate) : s.scale * du;
    for (std::size_t h = 0; h < 8; ++h) dz[h] += share[h] * g[h] + dg[h] * vec8(other + 8 * h);
    vec8(&w.weight[8 * e]) = dg;
    vec8(&w.derivative[8 * e]) = dw;
  }
  for (std::size_t h = 0; h < 8; ++h) vec8(row.dz + 8 * h) = dz[h];
}

// Adds what the edges [k, end), which share a source, bring to its gradient. Leaves dg in w.weight and, with
// scores, dw in w.derivative.
GNN_SIMD void add_gradients(const SimilarityScore& s, const EdgeChunk& chunk, const ChunkScores& w,
                            std::size_t k, std::size_t end, const NodeTerms& node, ConstMat dout,
                            const SourceRow& row) {
  const std::size_t heads = s.heads, channels = s.z.cols / heads;
  if (heads == 8 && channels == 8) return add_gradients_8x8(s, chunk, w, k, end, node, dout, row);
  for (std::size_t e = k; e < end; ++e) {
    const std::size_t i = chunk.target[e];
    const Real *gradient = dout.row(i), *other = s.z.row(i);
    for (std::size_t h = 0; h < heads; ++h) {
      const std::size_t at = e * heads + h, c = h * channels;
      const Real alpha = w.weight[at] * node.inverse_sum.row(i)[h], r = w.multiplier[at];
      const Real along = dot_product(gradient + c, row.z + c, channels);
      const Real du = alpha * (r * along - node.delta.row(i)[h]) * w.derivative[at];
      const Real dw = du * w.gate[at], share = alpha * r;
      const Real dg = s.source_score.data ? dw * w.sum[at] * (1 - w.gate[at]) : s.scale * du;
      for (std::size_t d = c; d < c + channels; ++d) row.dz[d] += share * gradient[d] + dg * other[d];
      w.weight[at] = dg;
      w.derivative[at] = dw;
    }
  }
}

// dz_i += sum of dg z_j over the edges [first, last) into i.
GNN_SIMD void add_target_gradients(const CsrView& in, std::size_t first, std::size_t last, ConstMat dg,
                                   ConstMat z, Real* dz) {
  const std::size_t heads = dg.cols, channels = z.cols / heads;
  if (heads == 8 && channels == 8) {
    Vec8 sum[8];
    for (std::size_t h = 0; h < 8; ++h) sum[h] = vec8(dz + 8 * h);
    for (std::size_t e = first; e < last; ++e) {
      const Real* from = z.row(std::size_t(in.columns[e]));
      const Vec8 weight = vec8(dg.row(e));
      for (std::size_t h = 0; h < 8; ++h) sum[h] += weight[h] * vec8(from + 8 * h);
    }
    for (std::size_t h = 0; h < 8; ++h) vec8(dz + 8 * h) = sum[h];
    return;
  }
  for (std::size_t e = first; e < last; ++e) {
    const Real* from = z.row(std::size_t(in.columns[e]));
    for (std::size_t h = 0; h < heads; ++h) {
      const Real weight = dg.row(e)[h];
      for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) dz[c] += weight * from[c];
    }
  }
}

}  // namespace

void supergat_attention(Context& ctx, CsrView in, SimilarityScore score, Dropout dropout, Mat out,
                        SoftmaxState state) {
  const std::size_t heads = score.heads;
  const PaddedHeads z(ctx, score.z, heads);
  const PaddedSums sums(ctx, out, heads, PaddedSums::overwrite);
  const std::size_t channels = z.channels();
  score.z = z;
  const auto row_of = [&](std::size_t i) {
    return TargetRow{sums.row(i), state.maximum.row(i), state.sum.row(i)};
  };
  const auto begin = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const bool empty = in.offsets[i] == in.offsets[i + 1];
      std::fill_n(state.maximum.row(i), heads, empty ? Real(0) : std::numeric_limits<Real>::lowest());
      std::fill_n(state.sum.row(i), heads, Real(0));
      std::fill_n(sums.row(i), heads * channels, Real(0));
    }
    return ChunkScores(heads);
  };
  const auto work = [&](const EdgeChunk& chunk, ChunkScores& w) {
    score_chunk(score, chunk, w);
    for_runs(chunk, [&](std::size_t k, std::size_t end) {
      raise_maximum(w.weight, k, end, heads, channels, row_of(chunk.target[k]));
    });
    weigh_chunk(chunk, state.maximum, heads, w.weight);
    if (dropout.active()) draw_edges(dropout, in, chunk, heads, w.multiplier);
    for_runs(chunk, [&](std::size_t k, std::size_t end) {
      add_edges(chunk, w, k, end, heads, channels, score.z, row_of(chunk.target[k]));
    });
  };
  const auto end = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) normalise_row(heads, channels, row_of(i));
  };
  for_edge_chunks(ctx, in, true, begin, work, end);
  sums.finish(ctx);
}

void supergat_attention_backward(Context& ctx, CsrView in, CsrView out_edges, SimilarityScore score,
                                 Dropout dropout, ConstMat out, SoftmaxState state, ConstMat dout, Mat dz,
                                 Mat dsource_score, Mat dtarget_score) {
  const std::size_t heads = score.heads, own = score.z.cols / heads, edges = std::size_t(in.num_edges);
  const bool scores = score.source_score.data != nullptr;
  const PaddedHeads z(ctx, score.z, heads), gradient(ctx, dout, heads);
  const PaddedSums sums(ctx, dz, heads, PaddedSums::add);
  score.z = z;
  const Tensor inverse_sum = ctx.tensor(out.rows, heads), delta = ctx.tensor(out.rows, heads);
  const Tensor active = ctx.tensor(out.rows, 1);
  const Tensor dg = ctx.tensor(edges, heads), dw = ctx.tensor(scores ? edges : 0, heads);

  // Pass 1, per target: what needs no edge, and whether there is a gradient at all.
  parallel_ranges(ctx, out.rows, rows_per_piece(out.cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const Real* row = dout.row(i);
      active.data()[i] = std::any_of(row, row + dout.cols, [](Real x) { return x != 0; }) ? Real(1) : Real(0);
      for (std::size_t h = 0; h < heads; ++h) {
        const Real sum = state.sum.row(i)[h];
        inverse_sum.mat().row(i)[h] = sum > 0 ? 1 / sum : 0;
        delta.mat().row(i)[h] = dot_product(row + h * own, out.row(i) + h * own, own);
      }
    }
  });

  // Pass 2, per source: one gather of dout and z over the edges out of it.
  const NodeTerms node{inverse_sum, delta};
  for_edge_chunks(
      ctx, out_edges, false, [&](std::size_t, std::size_t) { return ChunkScores(heads); },
      [&](const EdgeChunk& all, ChunkScores& w) {
        if (dropout.active()) draw_edges(dropout, out_edges, all, heads, w.multiplier);
        keep_active(all, active, heads, w);
        const EdgeChunk& chunk = w.kept;
        score_chunk(score, chunk, w);
        weigh_chunk(chunk, state.maximum, heads, w.weight);
        for_runs(chunk, [&](std::size_t k, std::size_t end) {
          const std::size_t j = chunk.source[k];
          add_gradients(score, chunk, w, k, end, node, gradient, {score.z.row(j), sums.row(j)});
        });
        for (std::size_t k = 0; k < chunk.count; ++k) {
          const std::size_t e = std::size_t(out_edges.edge[all.first + w.place[k]]);
          std::copy_n(&w.weight[k * heads], heads, dg.mat().row(e));
          if (!scores) continue;
          std::copy_n(&w.derivative[k * heads], heads, dw.mat().row(e));
          Real* dsource = dsource_score.row(chunk.source[k]);
          for (std::size_t h = 0; h < heads; ++h) dsource[h] += w.derivative[k * heads + h];
        }
      },
      [](std::size_t, std::size_t) {});

  // Pass 3, per target: one gather of z over the edges into it.
  for_rows(ctx, in, [&](std::size_t i) {
    if (active.data()[i] == 0) return;
    const std::size_t first = std::size_t(in.offsets[i]), last = std::size_t(in.offsets[i + 1]);
    add_target_gradients(in, first, last, dg, score.z, sums.row(i));
    for (std::size_t e = first; scores && e < last; ++e) {
      for (std::size_t h = 0; h < heads; ++h) dtarget_score.row(i)[h] += dw.mat().row(e)[h];
    }
  });
  sums.finish(ctx);
}

void supergat_attention_weights(Context& ctx, CsrView in, SimilarityScore score, SoftmaxState state,
                                Mat alpha) {
  const std::size_t heads = score.heads;
  const PaddedHeads z(ctx, score.z, heads);
  score.z = z;
  for_edge_chunks(
      ctx, in, true, [&](std::size_t, std::size_t) { return ChunkScores(heads); },
      [&](const EdgeChunk& chunk, ChunkScores& w) {
        score_chunk(score, chunk, w);
        weigh_chunk(chunk, state.maximum, heads, w.weight);
        for (std::size_t k = 0; k < chunk.count; ++k) {
          for (std::size_t h = 0; h < heads; ++h) {
            alpha.row(chunk.first + k)[h] = w.weight[k * heads + h] / state.sum.row(chunk.target[k])[h];
          }
        }
      },
      [](std::size_t, std::size_t) {});
}

}  // namespace gnn::inline GNN_PRECISION::cpu
