// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cpu/gatv2_rows.hpp>

#include <type_traits>

#include <gnn/kernels/gatv2_attention.hpp>

// Heads have whole vectors of 8 channels, so that no loop has a rest; the usual small layer of 8 x 8 is compiled with the sums
// of a row in registers.
namespace gnn::inline GNN_PRECISION::cpu::gatv2 {
namespace {

// Signs of 64 channels are 8 bytes: channel 8 v + c of them is bit v of byte c. So a vector of 8 comparisons is one `and`
// and one `or` away from the bits, and back.
using Mask8 = decltype(Vec8{} > Vec8{});
using MaskLane = std::remove_reference_t<decltype(Mask8{}[0])>;
typedef std::uint8_t Bytes8 __attribute__((vector_size(8), aligned(1), may_alias));
GNN_INLINE void store_signs(std::uint8_t* to, const Mask8& signs) {
  *reinterpret_cast<Bytes8*>(to) = __builtin_convertvector(signs, Bytes8);
}
GNN_INLINE Mask8 load_signs(const std::uint8_t* from) {
  return __builtin_convertvector(*reinterpret_cast<const Bytes8*>(from), Mask8);
}

// The logits of one edge, and its signs unless `signs` is null.
GNN_INLINE void score_edge(const Shape& shape, const Scores& s, const Real* from, const Real* to, Real* logit,
                           std::uint8_t* signs) {
  if (shape.is_8x8()) {
    Vec8 leaky[8];
    Mask8 bits = {};
    for (std::size_t h = 0; h < 8; ++h) {
      const Vec8 u = *vec8(from + 8 * h) + *vec8(to + 8 * h);
      const Mask8 positive = u > 0;
      bits |= positive & MaskLane(1 << h);
      leaky[h] = positive ? u : s.slope * u;
    }
    *vec8(logit) = dots8(leaky, vec8(s.a));
    if (signs) store_signs(signs, bits);
    return;
  }
  Mask8 bits = {};
  for (std::size_t h = 0, k = 0; h < shape.heads; ++h) {
    Vec8 sum = {};
    for (std::size_t v = 0; v < shape.vectors; ++v, ++k) {
      const Vec8 u = *vec8(from + 8 * k) + *vec8(to + 8 * k);
      const Mask8 positive = u > 0;
      bits |= positive & MaskLane(1 << k % 8);
      sum += (positive ? u : s.slope * u) * *vec8(s.a + 8 * k);
      const bool full = k % 8 == 7 || 8 * (k + 1) == shape.width();
      if (!full) continue;
      if (signs) store_signs(signs + k / 8 * 8, bits);
      bits = Mask8{};
    }
    logit[h] = sum8(sum);
  }
}

}  // namespace

GNN_SIMD void score_chunk(const Shape& shape, const Scores& s, const EdgeChunk& chunk, Real* logit, std::uint8_t* signs) {
  const std::size_t bytes = sign_bytes(shape.heads, 8 * shape.vectors);
  for (std::size_t k = 0; k < chunk.count; ++k) {
    score_edge(shape, s, s.source.row(chunk.source[k]), s.target.row(chunk.target[k]), logit + k * shape.heads,
               signs ? signs + k * bytes : nullptr);
  }
}

GNN_SIMD void raise_maximum(const Shape& shape, const TargetRow& row, bool fresh, std::size_t n, const Real* logit,
                            Real* weight) {
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

GNN_SIMD void add_edges(const Shape& shape, const EdgeRun& run, const Real* weight, const Real* multiplier, ConstMat value,
                        const TargetRow& row) {
  if (shape.is_8x8()) {
    Vec8 out[8], sum = *vec8(row.sum);
    for (std::size_t h = 0; h < 8; ++h) out[h] = *vec8(row.out + 8 * h);
    for (std::size_t e = run.first; e < run.last; ++e) {
      const Real* from = value.row(run.chunk.source[e]);
      const Vec8 w = *vec8(weight + 8 * e), share = w * *vec8(multiplier + 8 * e);
      sum += w;
      for (std::size_t h = 0; h < 8; ++h) out[h] += share[h] * *vec8(from + 8 * h);
    }
    *vec8(row.sum) = sum;
    for (std::size_t h = 0; h < 8; ++h) *vec8(row.out + 8 * h) = out[h];
    return;
  }
  for (std::size_t e = run.first; e < run.last; ++e) {
    const Real* from = value.row(run.chunk.source[e]);
    for (std::size_t h = 0; h < shape.heads; ++h) {
      const Real w = weight[e * shape.heads + h], share = w * multiplier[e * shape.heads + h];
      row.sum[h] += w;
      for (std::size_t v = h * shape.vectors; v < (h + 1) * shape.vectors; ++v) {
        *vec8(row.out + 8 * v) += share * *vec8(from + 8 * v);
      }
    }
  }
}

GNN_SIMD void finish_row(const Shape& shape, const TargetRow& row, std::size_t n, Real* alpha) {
  const std::size_t heads = shape.heads;
  for (std::size_t h = 0; h < heads; ++h) {
    const Real inverse = row.sum[h] > 0 ? 1 / row.sum[h] : 0;
    for (std::size_t c = 8 * h * shape.vectors; c < 8 * (h + 1) * shape.vectors; ++c) row.out[c] *= inverse;
    row.sum[h] = inverse;
  }
  if (!alpha) return;
  for (std::size_t e = 0; e < n; ++e) {
    for (std::size_t h = 0; h < heads; ++h) {
      alpha[e * heads + h] = exponential(alpha[e * heads + h] - row.maximum[h]) * row.sum[h];
    }
  }
}

GNN_SIMD void add_source_gradients(const Shape& shape, const CsrView& out_edges, const EdgeRun& run, const Real* multiplier,
                                   const GradientTerms& terms, const SourceRow& row, Real* sums) {
  const Real* a = terms.a;
  const Real slope = terms.slope;
  const std::size_t bytes = sign_bytes(shape.heads, 8 * shape.vectors);
  if (shape.is_8x8()) {
    Vec8 dvalue[8], own[8], g[8], positive[8] = {}, total = {};
    for (std::size_t h = 0; h < 8; ++h) dvalue[h] = *vec8(row.dvalue + 8 * h);
    for (std::size_t h = 0; h < 8; ++h) own[h] = *vec8(row.value + 8 * h);
    for (std::size_t e = run.first; e < run.last; ++e) {
      const std::size_t i = run.chunk.target[e], at = std::size_t(out_edges.edge[run.chunk.first + e]);
      const Real* from = terms.dout.row(i);
      for (std::size_t h = 0; h < 8; ++h) g[h] = *vec8(from + 8 * h);
      const Vec8 alpha = *vec8(terms.alpha.row(at)), r = *vec8(multiplier + 8 * e), share = alpha * r, zero = {};
      for (std::size_t h = 0; h < 8; ++h) dvalue[h] += share[h] * g[h];
      const Vec8 dlogit = alpha * (r * dots8(g, own) - *vec8(terms.correction.row(i)));
      *vec8(terms.dlogit.row(at)) = dlogit;
      total += dlogit;
      const Mask8 signs = load_signs(terms.positive + at * bytes);
      for (std::size_t h = 0; h < 8; ++h) positive[h] += (signs & MaskLane(1 << h)) != 0 ? zero + dlogit[h] : zero;
    }
    for (std::size_t h = 0; h < 8; ++h) *vec8(row.dvalue + 8 * h) = dvalue[h];
    for (std::size_t h = 0; h < 8; ++h) {
      const Vec8 p = slope * total[h] + (1 - slope) * positive[h];
      *vec8(row.dsource + 8 * h) += p * *vec8(a + 8 * h);
      *vec8(row.da + 8 * h) += p * *vec8(row.source + 8 * h);
    }
    return;
  }
  Real *positive = sums, *total = sums + shape.width();
  std::fill_n(sums, shape.width() + shape.heads, Real(0));
  for (std::size_t e = run.first; e < run.last; ++e) {
    const std::size_t i = run.chunk.target[e], at = std::size_t(out_edges.edge[run.chunk.first + e]);
    const Real* from = terms.dout.row(i);
    const std::uint8_t* signs = terms.positive + at * bytes;
    for (std::size_t h = 0; h < shape.heads; ++h) {
      const std::size_t first = h * shape.vectors, last = first + shape.vectors;
      const Real alpha = terms.alpha.row(at)[h], r = multiplier[e * shape.heads + h], share = alpha * r;
      Vec8 along = {};
      for (std::size_t v = first; v < last; ++v) {
        const Vec8 g = *vec8(from + 8 * v);
        along += g * *vec8(row.value + 8 * v);
        *vec8(row.dvalue + 8 * v) += share * g;
      }
      const Real dlogit = alpha * (r * sum8(along) - terms.correction.row(i)[h]);
      terms.dlogit.row(at)[h] = dlogit;
      total[h] += dlogit;
      const Vec8 zero = {}, term = zero + dlogit;
      for (std::size_t v = first; v < last; ++v) {
        *vec8(positive + 8 * v) += (load_signs(signs + v / 8 * 8) & MaskLane(1 << v % 8)) != 0 ? term : zero;
      }
    }
  }
  for (std::size_t v = 0; v < shape.heads * shape.vectors; ++v) {
    const Vec8 p = slope * total[v / shape.vectors] + (1 - slope) * *vec8(positive + 8 * v);
    *vec8(row.dsource + 8 * v) += p * *vec8(a + 8 * v);
    *vec8(row.da + 8 * v) += p * *vec8(row.source + 8 * v);
  }
}

GNN_SIMD void add_target_gradients(const Shape& shape, std::size_t first, std::size_t last, const GradientTerms& terms,
                                   const Real* target, Real* dtarget, Real* da, Real* sums) {
  const std::size_t bytes = sign_bytes(shape.heads, 8 * shape.vectors);
  const Vec8 zero = {};
  if (shape.is_8x8()) {
    Vec8 positive[8] = {};
    for (std::size_t e = first; e < last; ++e) {
      const Vec8 dlogit = *vec8(terms.dlogit.row(e));
      const Mask8 signs = load_signs(terms.positive + e * bytes);
      for (std::size_t h = 0; h < 8; ++h) positive[h] += (signs & MaskLane(1 << h)) != 0 ? zero + dlogit[h] : zero;
    }
    for (std::size_t h = 0; h < 8; ++h) *vec8(sums + 8 * h) = positive[h];
  } else {
    std::fill_n(sums, shape.width(), Real(0));
    for (std::size_t e = first; e < last; ++e) {
      const std::uint8_t* signs = terms.positive + e * bytes;
      for (std::size_t v = 0; v < shape.heads * shape.vectors; ++v) {
        const Vec8 term = zero + terms.dlogit.row(e)[v / shape.vectors];
        *vec8(sums + 8 * v) += (load_signs(signs + v / 8 * 8) & MaskLane(1 << v % 8)) != 0 ? term : zero;
      }
    }
  }
  for (std::size_t v = 0; v < shape.heads * shape.vectors; ++v) {
    const Vec8 q = (1 - terms.slope) * *vec8(sums + 8 * v);
    *vec8(dtarget + 8 * v) += q * *vec8(terms.a + 8 * v);
    *vec8(da + 8 * v) += q * *vec8(target + 8 * v);
  }
}

}  // namespace gnn::inline GNN_PRECISION::cpu::gatv2
