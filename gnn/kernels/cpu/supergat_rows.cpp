// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cpu/supergat_rows.hpp>

#include <algorithm>

#include <gnn/kernels/cpu/simd.hpp>

namespace gnn::inline GNN_PRECISION::cpu::supergat {

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
      *vec8(w.gate + 8 * k) = dots8(from, to);
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

GNN_SIMD void raise_maximum(const Real* logit, std::size_t k, std::size_t end, std::size_t heads,
                            std::size_t channels, const TargetRow& row) {
  if (heads == 8) {
    Vec8 most = *vec8(row.maximum);
    for (std::size_t e = k; e < end; ++e) most = *vec8(logit + 8 * e) > most ? *vec8(logit + 8 * e) : most;
    Real down[8], any = 0;
    for (std::size_t h = 0; h < 8; ++h) {
      down[h] = exponential(row.maximum[h] - most[h]);
      any += row.sum[h];
    }
    *vec8(row.maximum) = most;
    if (any == 0) return;  // the row's first edges
    *vec8(row.sum) *= *vec8(down);
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

namespace {
GNN_INLINE void add_edges_8x8(const EdgeChunk& chunk, const ChunkScores& w, std::size_t k, std::size_t end,
                              ConstMat z, const TargetRow& row) {
  Vec8 out[8], sum = *vec8(row.sum);
  for (std::size_t h = 0; h < 8; ++h) out[h] = *vec8(row.out + 8 * h);
  for (std::size_t e = k; e < end; ++e) {
    const Real* from = z.row(chunk.source[e]);
    const Vec8 weight = *vec8(&w.weight[8 * e]), a = weight * *vec8(&w.multiplier[8 * e]);
    sum += weight;
    for (std::size_t h = 0; h < 8; ++h) out[h] += a[h] * *vec8(from + 8 * h);
  }
  *vec8(row.sum) = sum;
  for (std::size_t h = 0; h < 8; ++h) *vec8(row.out + 8 * h) = out[h];
}
}  // namespace

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

GNN_SIMD void normalise_row(std::size_t heads, std::size_t channels, const TargetRow& row) {
  for (std::size_t h = 0; h < heads; ++h) {
    const Real inverse = row.sum[h] > 0 ? 1 / row.sum[h] : 0;
    for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) row.out[c] *= inverse;
  }
}

namespace {
GNN_INLINE void add_gradients_8x8(const SimilarityScore& s, const EdgeChunk& chunk, const ChunkScores& w,
                                  std::size_t k, std::size_t end, const NodeTerms& node, ConstMat dout,
                                  const SourceRow& row) {
  Vec8 dz[8], own[8];
  for (std::size_t h = 0; h < 8; ++h) dz[h] = *vec8(row.dz + 8 * h);
  for (std::size_t h = 0; h < 8; ++h) own[h] = *vec8(row.z + 8 * h);
  for (std::size_t e = k; e < end; ++e) {
    const std::size_t i = chunk.target[e];
    const Real *gradient = dout.row(i), *other = s.z.row(i);
    Vec8 g[8];
    for (std::size_t h = 0; h < 8; ++h) g[h] = *vec8(gradient + 8 * h);
    const Vec8 alpha = *vec8(&w.weight[8 * e]) * *vec8(node.inverse_sum.row(i)), r = *vec8(&w.multiplier[8 * e]);
    const Vec8 du = alpha * (r * dots8(g, own) - *vec8(node.delta.row(i))) * *vec8(&w.derivative[8 * e]);
    const Vec8 share = alpha * r, gate = *vec8(&w.gate[8 * e]);
    const Vec8 dw = du * gate;
    const Vec8 dg = s.source_score.data ? dw * *vec8(&w.sum[8 * e]) * (1 - gate) : s.scale * du;
    for (std::size_t h = 0; h < 8; ++h) dz[h] += share[h] * g[h] + dg[h] * *vec8(other + 8 * h);
    *vec8(&w.weight[8 * e]) = dg;
    *vec8(&w.derivative[8 * e]) = dw;
  }
  for (std::size_t h = 0; h < 8; ++h) *vec8(row.dz + 8 * h) = dz[h];
}
}  // namespace

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

GNN_SIMD void add_target_gradients(const CsrView& in, std::size_t first, std::size_t last, ConstMat dg,
                                   ConstMat z, Real* dz) {
  const std::size_t heads = dg.cols, channels = z.cols / heads;
  if (heads == 8 && channels == 8) {
    Vec8 sum[8];
    for (std::size_t h = 0; h < 8; ++h) sum[h] = *vec8(dz + 8 * h);
    for (std::size_t e = first; e < last; ++e) {
      const Real* from = z.row(std::size_t(in.columns[e]));
      const Vec8 weight = *vec8(dg.row(e));
      for (std::size_t h = 0; h < 8; ++h) sum[h] += weight[h] * *vec8(from + 8 * h);
    }
    for (std::size_t h = 0; h < 8; ++h) *vec8(dz + 8 * h) = sum[h];
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

}  // namespace gnn::inline GNN_PRECISION::cpu::supergat
