// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/gatv2_attention.hpp>

#include <limits>

#include <gnn/kernels/cpu/edge_chunks.hpp>
#include <gnn/kernels/cpu/padded.hpp>

// Plan: blocks of rows with about equal numbers of edges, one owner each; rows are targets forward and sources backward.
// In a block, chunks of edges: first every logit of the chunk, which gathers the rows of the sources, then weights and
// dropout multipliers, then the sums, which find those rows still in the cache. The softmax is online: a row that a chunk
// cuts keeps its maximum, and its sums are scaled down when a later chunk raises it. Heads have whole vectors of 8
// channels (padded.hpp); the usual small layer of 8 x 8 is compiled with its sums in registers.
namespace gnn::inline GNN_PRECISION::cpu {
namespace {

// Channels in vectors of 8, one head behind the other.
struct Shape {
  std::size_t heads, vectors;  // vectors of one head
  std::size_t width() const { return 8 * heads * vectors; }
  bool is_8x8() const { return heads == 8 && vectors == 1; }
};

struct Scores {
  ConstMat source, target;
  const Real* a;
  Real slope;
};

// Signs of 64 channels are 8 bytes: channel 8 v + c of them is bit v of byte c. So a vector of 8 comparisons is one `and`
// and one `or` away from the bits, and back.
using Mask8 = decltype(Vec8{} > Vec8{});
typedef std::uint8_t Bytes8 __attribute__((vector_size(8), aligned(1), may_alias));
GNN_INLINE void store_signs(std::uint8_t* to, const Mask8& signs) {
  *reinterpret_cast<Bytes8*>(to) = __builtin_convertvector(signs, Bytes8);
}
GNN_INLINE Mask8 load_signs(const std::uint8_t* from) {
  return __builtin_convertvector(*reinterpret_cast<const Bytes8*>(from), Mask8);
}

// The logits of one edge, and its signs unless `signs` is null.
GNN_INLINE void score_edge(const Scores& s, const Shape& shape, const Real* from, const Real* to, Real* logit, std::uint8_t* signs) {
  if (shape.is_8x8()) {
    Vec8 leaky[8];
    Mask8 bits = {};
    for (std::size_t h = 0; h < 8; ++h) {
      const Vec8 u = vec8(from + 8 * h) + vec8(to + 8 * h);
      const Mask8 positive = u > 0;
      bits |= positive & (1 << h);
      leaky[h] = positive ? u : s.slope * u;
    }
    vec8(logit) = dots8(leaky, &vec8(s.a));
    if (signs) store_signs(signs, bits);
    return;
  }
  Mask8 bits = {};
  for (std::size_t h = 0, k = 0; h < shape.heads; ++h) {
    Vec8 sum = {};
    for (std::size_t v = 0; v < shape.vectors; ++v, ++k) {
      const Vec8 u = vec8(from + 8 * k) + vec8(to + 8 * k);
      const Mask8 positive = u > 0;
      bits |= positive & (1 << k % 8);
      sum += (positive ? u : s.slope * u) * vec8(s.a + 8 * k);
      const bool full = k % 8 == 7 || 8 * (k + 1) == shape.width();
      if (!full) continue;
      if (signs) store_signs(signs + k / 8 * 8, bits);
      bits = Mask8{};
    }
    logit[h] = sum8(sum);
  }
}

GNN_SIMD void score_chunk(const Scores& s, const Shape& shape, const EdgeChunk& chunk, Real* logit, std::uint8_t* signs) {
  const std::size_t bytes = sign_bytes(shape.heads, 8 * shape.vectors);
  for (std::size_t k = 0; k < chunk.count; ++k) {
    score_edge(s, shape, s.source.row(chunk.source[k]), s.target.row(chunk.target[k]), logit + k * shape.heads,
               signs ? signs + k * bytes : nullptr);
  }
}

// The row of a target while its edges are added: everything is relative to exp(maximum).
struct TargetRow {
  Real *out, *sum, *maximum;
};

// Prepares a run of n edges that share a target: weight = logit - maximum, after raising the row's maximum to the run's.
// `fresh` says that nothing was added to the row yet.
GNN_SIMD void raise_maximum(const Shape& shape, const TargetRow& row, bool fresh, std::size_t n, const Real* logit, Real* weight) {
  const std::size_t heads = shape.heads;
  for (std::size_t h = 0; h < heads; ++h) {
    Real most = row.maximum[h];
    for (std::size_t e = 0; e < n; ++e) most = logit[e * heads + h] > most ? logit[e * heads + h] : most;
    if (!fresh && most > row.maximum[h]) {
      const Real less = exponential(row.maximum[h] - most);
      row.sum[h] *= less;
      for (std::size_t c = 8 * h * shape.vectors; c < 8 * (h + 1) * shape.vectors; ++c) row.out[c] *= less;
    }
    row.maximum[h] = most;
  }
  for (std::size_t e = 0; e < n; ++e) {
    for (std::size_t h = 0; h < heads; ++h) weight[e * heads + h] = logit[e * heads + h] - row.maximum[h];
  }
}

GNN_SIMD void exponentials(Real* x, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) x[k] = exponential(x[k]);
}

// Adds n edges of a chunk, from edge k on, which share a target.
GNN_SIMD void add_edges(const Shape& shape, const EdgeChunk& chunk, std::size_t k, std::size_t n, const Real* weight,
                        const Real* multiplier, ConstMat value, const TargetRow& row) {
  if (shape.is_8x8()) {
    Vec8 out[8], sum = vec8(row.sum);
    for (std::size_t h = 0; h < 8; ++h) out[h] = vec8(row.out + 8 * h);
    for (std::size_t e = k; e < k + n; ++e) {
      const Real* from = value.row(chunk.source[e]);
      const Vec8 w = vec8(weight + 8 * e), share = w * vec8(multiplier + 8 * e);
      sum += w;
      for (std::size_t h = 0; h < 8; ++h) out[h] += share[h] * vec8(from + 8 * h);
    }
    vec8(row.sum) = sum;
    for (std::size_t h = 0; h < 8; ++h) vec8(row.out + 8 * h) = out[h];
    return;
  }
  for (std::size_t e = k; e < k + n; ++e) {
    const Real* from = value.row(chunk.source[e]);
    for (std::size_t h = 0; h < shape.heads; ++h) {
      const Real w = weight[e * shape.heads + h], share = w * multiplier[e * shape.heads + h];
      row.sum[h] += w;
      for (std::size_t v = h * shape.vectors; v < (h + 1) * shape.vectors; ++v) vec8(row.out + 8 * v) += share * vec8(from + 8 * v);
    }
  }
}

// Divides a finished row by the sum of its weights, and turns the kept logits of its n edges into attention; a row without
// edges stays zero.
GNN_SIMD void finish_row(const Shape& shape, const TargetRow& row, std::size_t n, Real* alpha) {
  const std::size_t heads = shape.heads;
  for (std::size_t h = 0; h < heads; ++h) {
    const Real inverse = row.sum[h] > 0 ? 1 / row.sum[h] : 0;
    for (std::size_t c = 8 * h * shape.vectors; c < 8 * (h + 1) * shape.vectors; ++c) row.out[c] *= inverse;
    row.sum[h] = inverse;
  }
  if (!alpha) return;
  for (std::size_t e = 0; e < n; ++e) {
    for (std::size_t h = 0; h < heads; ++h) alpha[e * heads + h] = exponential(alpha[e * heads + h] - row.maximum[h]) * row.sum[h];
  }
}

// The end of a chunk's run of edges that share the row of edge k.
std::size_t run_end(const EdgeChunk& chunk, std::size_t k) {
  const std::uint32_t row = chunk.row[k];
  while (k < chunk.count && chunk.row[k] == row) ++k;
  return k;
}

// Numbers for the edges of one chunk, each edges x heads.
struct ChunkNumbers {
  explicit ChunkNumbers(std::size_t heads)
      : multiplier(edge_chunk * heads, Real(1)), weight(edge_chunk * heads), logit(edge_chunk * heads) {}
  std::vector<Real> multiplier, weight, logit;
};

// What the edges out of a source bring: sums over a run of edges, then gradients of rows of the source.
struct SourceRow {
  const Real *source, *value;
  Real *dsource, *dvalue, *da;
};

struct EdgeTerms {
  ConstMat alpha, dout, correction;  // correction: <dout, out> per target and head
  const std::uint8_t* positive;
  Mat dlogit;  // E x heads
};

// Adds n edges of a chunk, from edge k on, which share a source. `sums` is scratch for width + heads numbers.
GNN_SIMD void add_source_gradients(const Shape& shape, const CsrView& rows, const EdgeChunk& chunk, std::size_t k, std::size_t n,
                                   const Real* multiplier, const EdgeTerms& terms, const Real* a, Real slope, const SourceRow& row,
                                   Real* sums) {
  const std::size_t bytes = sign_bytes(shape.heads, 8 * shape.vectors);
  if (shape.is_8x8()) {
    Vec8 dvalue[8], own[8], g[8], positive[8] = {}, total = {};
    for (std::size_t h = 0; h < 8; ++h) dvalue[h] = vec8(row.dvalue + 8 * h);
    for (std::size_t h = 0; h < 8; ++h) own[h] = vec8(row.value + 8 * h);
    for (std::size_t e = k; e < k + n; ++e) {
      const std::size_t i = chunk.target[e], at = std::size_t(rows.edge[chunk.first + e]);
      const Real* from = terms.dout.row(i);
      for (std::size_t h = 0; h < 8; ++h) g[h] = vec8(from + 8 * h);
      const Vec8 alpha = vec8(terms.alpha.row(at)), r = vec8(multiplier + 8 * e), share = alpha * r, zero = {};
      for (std::size_t h = 0; h < 8; ++h) dvalue[h] += share[h] * g[h];
      const Vec8 dlogit = alpha * (r * dots8(g, own) - vec8(terms.correction.row(i)));
      vec8(terms.dlogit.row(at)) = dlogit;
      total += dlogit;
      const Mask8 signs = load_signs(terms.positive + at * bytes);
      for (std::size_t h = 0; h < 8; ++h) positive[h] += (signs & (1 << h)) != 0 ? zero + dlogit[h] : zero;
    }
    for (std::size_t h = 0; h < 8; ++h) vec8(row.dvalue + 8 * h) = dvalue[h];
    for (std::size_t h = 0; h < 8; ++h) {
      const Vec8 p = slope * total[h] + (1 - slope) * positive[h];
      vec8(row.dsource + 8 * h) += p * vec8(a + 8 * h);
      vec8(row.da + 8 * h) += p * vec8(row.source + 8 * h);
    }
    return;
  }
  Real *positive = sums, *total = sums + shape.width();
  std::fill_n(sums, shape.width() + shape.heads, Real(0));
  for (std::size_t e = k; e < k + n; ++e) {
    const std::size_t i = chunk.target[e], at = std::size_t(rows.edge[chunk.first + e]);
    const Real* from = terms.dout.row(i);
    const std::uint8_t* signs = terms.positive + at * bytes;
    for (std::size_t h = 0; h < shape.heads; ++h) {
      const std::size_t first = h * shape.vectors, last = first + shape.vectors;
      const Real alpha = terms.alpha.row(at)[h], r = multiplier[e * shape.heads + h], share = alpha * r;
      Vec8 along = {};
      for (std::size_t v = first; v < last; ++v) {
        const Vec8 g = vec8(from + 8 * v);
        along += g * vec8(row.value + 8 * v);
        vec8(row.dvalue + 8 * v) += share * g;
      }
      const Real dlogit = alpha * (r * sum8(along) - terms.correction.row(i)[h]);
      terms.dlogit.row(at)[h] = dlogit;
      total[h] += dlogit;
      const Vec8 zero = {}, term = zero + dlogit;
      for (std::size_t v = first; v < last; ++v) {
        vec8(positive + 8 * v) += (load_signs(signs + v / 8 * 8) & (1 << v % 8)) != 0 ? term : zero;
      }
    }
  }
  for (std::size_t v = 0; v < shape.heads * shape.vectors; ++v) {
    const Vec8 p = slope * total[v / shape.vectors] + (1 - slope) * vec8(positive + 8 * v);
    vec8(row.dsource + 8 * v) += p * vec8(a + 8 * v);
    vec8(row.da + 8 * v) += p * vec8(row.source + 8 * v);
  }
}

// The edges [first, last) into one target: its gradient and its part of da. `sums` is scratch for width numbers.
GNN_SIMD void add_target_gradients(const Shape& shape, std::size_t first, std::size_t last, const EdgeTerms& terms, const Real* a,
                                   Real slope, const Real* target, Real* dtarget, Real* da, Real* sums) {
  const std::size_t bytes = sign_bytes(shape.heads, 8 * shape.vectors);
  const Vec8 zero = {};
  if (shape.is_8x8()) {
    Vec8 positive[8] = {};
    for (std::size_t e = first; e < last; ++e) {
      const Vec8 dlogit = vec8(terms.dlogit.row(e));
      const Mask8 signs = load_signs(terms.positive + e * bytes);
      for (std::size_t h = 0; h < 8; ++h) positive[h] += (signs & (1 << h)) != 0 ? zero + dlogit[h] : zero;
    }
    for (std::size_t h = 0; h < 8; ++h) vec8(sums + 8 * h) = positive[h];
  } else {
    std::fill_n(sums, shape.width(), Real(0));
    for (std::size_t e = first; e < last; ++e) {
      const std::uint8_t* signs = terms.positive + e * bytes;
      for (std::size_t v = 0; v < shape.heads * shape.vectors; ++v) {
        const Vec8 term = zero + terms.dlogit.row(e)[v / shape.vectors];
        vec8(sums + 8 * v) += (load_signs(signs + v / 8 * 8) & (1 << v % 8)) != 0 ? term : zero;
      }
    }
  }
  for (std::size_t v = 0; v < shape.heads * shape.vectors; ++v) {
    const Vec8 q = (1 - slope) * vec8(sums + 8 * v);
    vec8(dtarget + 8 * v) += q * vec8(a + 8 * v);
    vec8(da + 8 * v) += q * vec8(target + 8 * v);
  }
}

// result[h] = <x, y> over the channels of head h.
GNN_SIMD void head_dots(const Real* x, const Real* y, std::size_t heads, std::size_t channels, Real* result) {
  for (std::size_t h = 0; h < heads; ++h) result[h] = dot_product(x + h * channels, y + h * channels, channels);
}

GNN_SIMD void add_row(const Real* x, std::size_t n, Real* sum) {
  for (std::size_t c = 0; c < n; ++c) sum[c] += x[c];
}

}  // namespace

void gatv2_attention(Context& ctx, CsrView in, ConstMat source, ConstMat target, ConstMat value, ConstMat a, Real slope,
                     Dropout dropout, Mat out, PairAttentionState state) {
  const PaddedHeads source_rows(ctx, source, a.rows), target_rows(ctx, target, a.rows), weights(ctx, as_row(a), a.rows);
  const PaddedHeads value_rows = value.data == source.data ? source_rows : PaddedHeads(ctx, value, a.rows);
  const PaddedSums sums(ctx, out, a.rows, PaddedSums::overwrite);
  const Shape shape{a.rows, weights.channels() / 8};
  const Scores scores{source_rows, target_rows, weights.row(0), slope};
  const Tensor maximum = ctx.tensor(out.rows, shape.heads), sum = ctx.tensor(out.rows, shape.heads);
  const auto row_of = [&](std::size_t i) { return TargetRow{sums.row(i), sum.mat().row(i), maximum.mat().row(i)}; };
  const std::size_t bytes = sign_bytes(shape.heads, 8 * shape.vectors);

  const auto begin = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const TargetRow row = row_of(i);
      std::fill_n(row.out, shape.width(), Real(0));
      std::fill_n(row.sum, shape.heads, Real(0));
      std::fill_n(row.maximum, shape.heads, std::numeric_limits<Real>::lowest());
    }
    return ChunkNumbers(shape.heads);
  };
  const auto work = [&](const EdgeChunk& chunk, ChunkNumbers& numbers) {
    Real* logit = state.alpha.data ? state.alpha.row(chunk.first) : numbers.logit.data();
    Real* weight = numbers.weight.data();
    score_chunk(scores, shape, chunk, logit, state.positive ? state.positive + chunk.first * bytes : nullptr);
    for (std::size_t k = 0, end = 0; k < chunk.count; k = end) {
      end = run_end(chunk, k);
      const bool fresh = chunk.first + k == std::size_t(in.offsets[chunk.row[k]]);
      raise_maximum(shape, row_of(chunk.row[k]), fresh, end - k, logit + k * shape.heads, weight + k * shape.heads);
    }
    exponentials(weight, chunk.count * shape.heads);
    if (dropout.active()) draw_edges(dropout, in, chunk, shape.heads, numbers.multiplier.data());
    for (std::size_t k = 0, end = 0; k < chunk.count; k = end) {
      end = run_end(chunk, k);
      add_edges(shape, chunk, k, end - k, weight, numbers.multiplier.data(), value_rows, row_of(chunk.row[k]));
    }
  };
  const auto end = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const std::size_t edge = std::size_t(in.offsets[i]), n = std::size_t(in.offsets[i + 1]) - edge;
      finish_row(shape, row_of(i), n, state.alpha.data ? state.alpha.row(edge) : nullptr);
    }
  };
  for_edge_chunks(ctx, in, true, begin, work, end);
  sums.finish(ctx);
}

void gatv2_attention_backward(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat value,
                              ConstMat a, Real slope, Dropout dropout, ConstMat out, PairAttentionState state, ConstMat dout,
                              Mat dsource, Mat dtarget, Mat dvalue, Mat da) {
  const PaddedHeads source_rows(ctx, source, a.rows), target_rows(ctx, target, a.rows), dout_rows(ctx, dout, a.rows),
      weights(ctx, as_row(a), a.rows);
  const PaddedHeads value_rows = value.data == source.data ? source_rows : PaddedHeads(ctx, value, a.rows);
  const PaddedSums source_sums(ctx, dsource, a.rows, PaddedSums::add), target_sums(ctx, dtarget, a.rows, PaddedSums::add),
      value_sums(ctx, dvalue, a.rows, PaddedSums::add), a_sums(ctx, as_row(da), a.rows, PaddedSums::add);
  const Shape shape{a.rows, weights.channels() / 8};
  const std::size_t width = shape.width(), channels = a.cols;
  const Tensor correction = ctx.tensor(out.rows, shape.heads), dlogit = ctx.tensor(std::size_t(in.num_edges), shape.heads);
  const EdgeTerms terms{state.alpha, dout_rows, correction, state.positive, dlogit};
  // Each block of rows has its own part of da; they meet in the order of the blocks.
  const Tensor parts = ctx.tensor(out_edges.num_blocks + in.num_blocks, width);

  // Pass 1, per target: <dout, out>.
  parallel_ranges(ctx, out.rows, rows_per_piece(out.cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      head_dots(dout.row(i), out.row(i), shape.heads, channels, correction.mat().row(i));
    }
  });

  // Pass 2, per source: one gather of dout.
  parallel_blocks(ctx, out_edges.num_blocks, [&](std::size_t b) {
    Real* part = parts.mat().row(b);
    std::fill_n(part, width, Real(0));
    std::vector<Real> multiplier(edge_chunk * shape.heads, Real(1)), sums(width + shape.heads);
    for_chunks_of_block(out_edges, b, false, [&](const EdgeChunk& chunk) {
      if (dropout.active()) draw_edges(dropout, out_edges, chunk, shape.heads, multiplier.data());
      for (std::size_t k = 0, end = 0; k < chunk.count; k = end) {
        end = run_end(chunk, k);
        const std::size_t j = chunk.row[k];
        const SourceRow row{source_rows.row(j), value_rows.row(j), source_sums.row(j), value_sums.row(j), part};
        add_source_gradients(shape, out_edges, chunk, k, end - k, multiplier.data(), terms, weights.row(0), slope, row, sums.data());
      }
    });
  });

  // Pass 3, per target: bits and numbers of its own edges, in their order.
  parallel_blocks(ctx, in.num_blocks, [&](std::size_t b) {
    Real* part = parts.mat().row(out_edges.num_blocks + b);
    std::fill_n(part, width, Real(0));
    std::vector<Real> sums(width);
    for (std::size_t i = std::size_t(in.blocks[b]); i < std::size_t(in.blocks[b + 1]); ++i) {
      add_target_gradients(shape, std::size_t(in.offsets[i]), std::size_t(in.offsets[i + 1]), terms, weights.row(0), slope,
                           target_rows.row(i), target_sums.row(i), part, sums.data());
    }
  });

  for (std::size_t p = 0; p < parts.rows(); ++p) add_row(parts.mat().row(p), width, a_sums.row(0));
  for (const PaddedSums* sums : {&source_sums, &target_sums, &value_sums, &a_sums}) sums->finish(ctx);
}

}  // namespace gnn::inline GNN_PRECISION::cpu
