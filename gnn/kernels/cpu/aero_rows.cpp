// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cpu/aero_rows.hpp>

namespace gnn::inline GNN_PRECISION::cpu {
namespace {

// y += a[k heads] x[column k] over n edges and 8 width columns, whose sums stay in registers.
template <std::size_t width>
GNN_INLINE void gather_tile(const NodeId* columns, const Real* a, std::size_t heads, std::size_t n,
                            const Real* x, std::size_t stride, Real* y) {
  Vec8 sum[width];
  for (std::size_t v = 0; v < width; ++v) sum[v] = *vec8(y + 8 * v);
  for (std::size_t k = 0; k < n; ++k) {
    const Real* from = x + std::size_t(columns[k]) * stride;
    const Real weight = a[k * heads];
    for (std::size_t v = 0; v < width; ++v) sum[v] += weight * *vec8(from + 8 * v);
  }
  for (std::size_t v = 0; v < width; ++v) *vec8(y + 8 * v) = sum[v];
}

// y[h,:] += a[k,h] x[column k,h,:] over n edges. a: n x heads.
GNN_INLINE void gather(const NodeId* columns, const Real* a, std::size_t heads, std::size_t n, ConstMat x,
                       Real* y) {
  const std::size_t channels = x.cols / heads;
  for (std::size_t h = 0; h < heads; ++h) {
    std::size_t c = h * channels;
    const std::size_t end = c + channels;
    for (; c + 64 <= end; c += 64) gather_tile<8>(columns, a + h, heads, n, x.data + c, x.stride, y + c);
    for (; c + 8 <= end; c += 8) gather_tile<1>(columns, a + h, heads, n, x.data + c, x.stride, y + c);
    for (std::size_t k = 0; k < n && c < end; ++k) {
      const Real* from = x.row(std::size_t(columns[k]));
      for (std::size_t d = c; d < end; ++d) y[d] += a[k * heads + h] * from[d];
    }
  }
}

// The same for one head of 64 channels, which gives <x, own> on the way.
GNN_INLINE void gather_64(const NodeId* columns, const Real* a, std::size_t n, ConstMat x, const Real* own,
                          Real* y, Real* dot) {
  Vec8 sum[8];
  for (std::size_t v = 0; v < 8; ++v) sum[v] = *vec8(y + 8 * v);
  for (std::size_t k = 0; k < n; ++k) {
    const Real* from = x.row(std::size_t(columns[k]));
    Vec8 along = *vec8(from) * *vec8(own);
    for (std::size_t v = 1; v < 8; ++v) along += *vec8(from + 8 * v) * *vec8(own + 8 * v);
    for (std::size_t v = 0; v < 8; ++v) sum[v] += a[k] * *vec8(from + 8 * v);
    dot[k] = sum8(along);
  }
  for (std::size_t v = 0; v < 8; ++v) *vec8(y + 8 * v) = sum[v];
}

// a[k,h] = at scale_j for `count` edges from place `begin` on.
GNN_INLINE void edge_weights(const CsrView& rows, std::size_t begin, std::size_t count, ConstMat at,
                             ConstMat scale, Real* a) {
  const std::size_t heads = at.cols;
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t e = begin + k, place = rows.edge ? std::size_t(rows.edge[e]) : e;
    const Real* other = scale.row(std::size_t(rows.columns[e]));
    for (std::size_t h = 0; h < heads; ++h) a[k * heads + h] = at.row(place)[h] * other[h];
  }
}

GNN_INLINE void multiply_heads(const Real* factor, std::size_t heads, std::size_t cols, Real* y) {
  const std::size_t channels = cols / heads;
  for (std::size_t h = 0; h < heads; ++h) {
    for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) y[c] *= factor[h];
  }
}

}  // namespace

GNN_SIMD Real elu_dot(const Real* w, const Real* x, Real decay, std::size_t n) {
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t c = 0; c < n; ++c) sum += w[c] * elu_of(decay * x[c]).value;
  return sum;
}

GNN_SIMD void score_edges(const CsrView& in, std::size_t i, ConstMat z, Real decay, ConstMat w, Mat score) {
  const std::size_t channels = w.cols;
  for (std::size_t e = std::size_t(in.offsets[i]); e < std::size_t(in.offsets[i + 1]); ++e) {
    for (std::size_t h = 0; h < w.rows; ++h) {
      const Real *own = z.row(i) + h * channels, *other = z.row(std::size_t(in.columns[e])) + h * channels,
                 *weight = w.row(h);
      Real sum = 0;
#pragma omp simd reduction(+ : sum)
      for (std::size_t c = 0; c < channels; ++c) sum += weight[c] * elu_of(decay * (own[c] + other[c])).value;
      score.row(e)[h] = sum;
    }
  }
}

GNN_SIMD void weigh_edges(const CsrView& in, std::size_t i, Mat at, Real* scale) {
  const std::size_t heads = at.cols, first = std::size_t(in.offsets[i]) * heads,
                    last = std::size_t(in.offsets[i + 1]) * heads;
  for (std::size_t k = first; k < last; ++k) at.data[k] = softplus(at.data[k]) + aero_epsilon;
  for (std::size_t h = 0; h < heads; ++h) {
    Real degree = 0;
    for (std::size_t k = first + h; k < last; k += heads) degree += at.data[k];
    scale[h] = first < last ? 1 / std::sqrt(degree) : 0;
  }
}

GNN_SIMD void gather_row(const CsrView& in, std::size_t i, ConstMat at, ConstMat scale, ConstMat previous,
                         Real* scratch, Real* h) {
  std::fill_n(h, previous.cols, Real(0));
  const std::size_t last = std::size_t(in.offsets[i + 1]);
  for (std::size_t e = std::size_t(in.offsets[i]); e < last; e += aero_chunk) {
    const std::size_t count = std::min(aero_chunk, last - e);
    edge_weights(in, e, count, at, scale, scratch);
    gather(in.columns + e, scratch, at.cols, count, previous, h);
  }
  multiply_heads(scale.row(i), at.cols, previous.cols, h);
}

GNN_SIMD void hop_row(const Real* h, Real decay, ConstMat w, const Real* bias, Real* gamma, Real* z) {
  const std::size_t channels = w.cols / 2;
  for (std::size_t k = 0; k < w.rows; ++k) {
    const Real *own = h + k * channels, *weight = w.row(k);
    Real *sum_so_far = z + k * channels, sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t c = 0; c < channels; ++c) {
      sum += weight[c] * elu_of(own[c]).value + weight[channels + c] * elu_of(decay * sum_so_far[c]).value;
    }
    gamma[k] = sum + bias[k];
    for (std::size_t c = 0; c < channels; ++c) sum_so_far[c] += gamma[k] * own[c];
  }
}

GNN_SIMD void start_gradient_row(const Real* h, const Real* gamma, ConstMat w, const Real* dz, Real* dh,
                                 Real* dw, Real* dbias) {
  const std::size_t channels = w.cols;
  for (std::size_t k = 0; k < w.rows; ++k) {
    const std::size_t first = k * channels;
    const Real dgamma = dot_product(dz + first, h + first, channels);
    dbias[k] += dgamma;
#pragma omp simd
    for (std::size_t c = first; c < first + channels; ++c) {
      const Elu own = elu_of(h[c]);
      dw[c] += dgamma * own.value;
      dh[c] += gamma[k] * dz[c] + dgamma * w.data[c] * own.slope;
    }
  }
}

GNN_SIMD void hop_gradient_row(const Real* h, const Real* gamma, Real decay, ConstMat w, Real* z, Real* dz,
                               Real* dh, Real* dw, Real* dbias) {
  const std::size_t channels = w.cols / 2;
  for (std::size_t k = 0; k < w.rows; ++k) {
    const std::size_t first = k * channels;
    const Real dgamma = dot_product(dz + first, h + first, channels);
    const Real *feature_weight = w.row(k), *sum_weight = w.row(k) + channels;
    Real *dfeature = dw + 2 * first, *dsum = dw + 2 * first + channels;
    dbias[k] += dgamma;
#pragma omp simd
    for (std::size_t c = 0; c < channels; ++c) {
      const std::size_t at = first + c;
      const Elu own = elu_of(h[at]);
      dfeature[c] += dgamma * own.value;
      dh[at] += gamma[k] * dz[at] + dgamma * feature_weight[c] * own.slope;
    }
#pragma omp simd
    for (std::size_t c = 0; c < channels; ++c) {
      const std::size_t at = first + c;
      z[at] -= gamma[k] * h[at];
      const Elu before = elu_of(decay * z[at]);
      dsum[c] += dgamma * before.value;
      dz[at] += decay * dgamma * sum_weight[c] * before.slope;
    }
  }
}

GNN_SIMD void gather_gradient_row(const CsrView& out_edges, std::size_t j, ConstMat at, ConstMat scale,
                                  const Real* previous, ConstMat dh, Real* scratch, Real* dprevious, Mat da) {
  const std::size_t heads = at.cols, channels = dh.cols / heads;
  Real* dot = scratch + aero_chunk * heads;
  std::fill_n(dprevious, dh.cols, Real(0));
  const std::size_t last = std::size_t(out_edges.offsets[j + 1]);
  for (std::size_t e = std::size_t(out_edges.offsets[j]); e < last; e += aero_chunk) {
    const std::size_t count = std::min(aero_chunk, last - e);
    const NodeId* columns = out_edges.columns + e;
    edge_weights(out_edges, e, count, at, scale, scratch);
    if (heads == 1 && channels == 64) {
      gather_64(columns, scratch, count, dh, previous, dprevious, dot);
    } else {
      gather(columns, scratch, heads, count, dh, dprevious);
      for (std::size_t k = 0; k < count * heads; ++k) {
        const std::size_t c = k % heads * channels;
        dot[k] = dot_product(dh.row(std::size_t(columns[k / heads])) + c, previous + c, channels);
      }
    }
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t place = out_edges.edge ? std::size_t(out_edges.edge[e + k]) : e + k;
      for (std::size_t h = 0; h < heads; ++h) da.row(place)[h] = dot[k * heads + h];
    }
  }
  multiply_heads(scale.row(j), heads, dh.cols, dprevious);
}

GNN_SIMD void score_gradient_row(const CsrView& in, std::size_t i, ConstMat at, ConstMat scale,
                                 const Real* ddegree, Mat da) {
  const std::size_t heads = at.cols;
  for (std::size_t e = std::size_t(in.offsets[i]); e < std::size_t(in.offsets[i + 1]); ++e) {
    const Real* other = scale.row(std::size_t(in.columns[e]));
    for (std::size_t h = 0; h < heads; ++h) {
      const Real sigmoid = -exponential_minus_one(aero_epsilon - at.row(e)[h]);
      da.row(e)[h] = (da.row(e)[h] * scale.row(i)[h] * other[h] + ddegree[h]) * sigmoid;
    }
  }
}

void copy_edge_values(const CsrView& rows, std::size_t begin, std::size_t count, ConstMat values, Real* to) {
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t place = rows.edge ? std::size_t(rows.edge[begin + k]) : begin + k;
    std::copy_n(values.row(place), values.cols, to + k * values.cols);
  }
}

GNN_SIMD void both_score_gradients(const CsrView& in, const EdgeOffset* reverse, std::size_t i,
                                   std::size_t begin, std::size_t count, ConstMat at, ConstMat scale,
                                   ConstMat ddegree, ConstMat da, Real* dv) {
  const std::size_t heads = at.cols;
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t e = begin + k, j = std::size_t(in.columns[e]), back = std::size_t(reverse[e]);
    for (std::size_t h = 0; h < heads; ++h) {
      const Real scales = scale.row(i)[h] * scale.row(j)[h], degrees = ddegree.row(i)[h] + ddegree.row(j)[h];
      dv[k * heads + h] = (da.row(e)[h] + da.row(back)[h]) * scales + degrees;
    }
  }
  for (std::size_t k = 0; k < count * heads; ++k)
    dv[k] *= -exponential_minus_one(aero_epsilon - at.data[begin * heads + k]);
}

GNN_SIMD void add_edge_slopes(const NodeId* columns, std::size_t count, const Real* own, ConstMat z,
                              Real decay, std::size_t heads, const Real* dv, Real* slopes, Real* values) {
  const std::size_t channels = z.cols / heads;
  for (std::size_t k = 0; k < count; ++k) {
    const Real* other = z.row(std::size_t(columns[k]));
    for (std::size_t h = 0; h < heads; ++h) {
      const Real d = dv[k * heads + h];
#pragma omp simd
      for (std::size_t c = h * channels; c < (h + 1) * channels; ++c) {
        const Elu both = elu_of(decay * (own[c] + other[c]));
        slopes[c] += d * both.slope;
        values[c] += d * both.value;
      }
    }
  }
}

GNN_SIMD void add_slopes(Real decay, ConstMat w, const Real* slopes, Real* dz) {
  for (std::size_t c = 0; c < w.size(); ++c) dz[c] += decay * w.data[c] * slopes[c];
}

GNN_SIMD void scores_gradient_row(const Real* z, Real decay, ConstMat w, const Real* dtarget,
                                  const Real* dsource, Real* dz, Real* dw) {
  const std::size_t channels = w.cols / 2;
  for (std::size_t h = 0; h < w.rows; ++h) {
    const Real *target_weight = w.row(h), *source_weight = w.row(h) + channels;
    Real *as_target = dw + h * w.cols, *as_source = as_target + channels;
    for (std::size_t c = 0; c < channels; ++c) {
      const Elu own = elu_of(decay * z[h * channels + c]);
      as_target[c] += dtarget[h] * own.value;
      as_source[c] += dsource[h] * own.value;
      dz[h * channels + c] +=
          decay * own.slope * (dtarget[h] * target_weight[c] + dsource[h] * source_weight[c]);
    }
  }
}

}  // namespace gnn::inline GNN_PRECISION::cpu
