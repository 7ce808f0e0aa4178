// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/gatv2_signs.cuh>
#include <gnn/kernels/cuda/reduce.cuh>

// GATv2's attention for heads of any number of channels. A group of lanes owns one row and head, and its lanes share the
// channels. All lanes of a group walk over the same edges; a logit is their sum. Heads with more channels than the lanes have
// registers for take several walks, of which the first one scores.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

// Channels that a lane keeps in registers.
constexpr unsigned wide_per_lane = 8;

unsigned wide_lanes(std::size_t channels) { return lanes_for(std::max<std::size_t>(8, channels)); }

// Signs of one edge and head are ceil(C / 8) bytes: channel c is bit c % 8 of byte c / 8. `lanes` channels from c on, a
// multiple of 8, are written at once: lane k holds that of channel c + k.
__device__ void store_wide_signs(const LaneGroup& group, std::uint8_t* signs, std::size_t c, std::size_t channels, bool positive) {
  const unsigned bits = __ballot_sync(group.mask, positive) >> (threadIdx.x % 32 / group.lanes * group.lanes);
  const std::size_t byte = c / 8 + group.lane;
  if (8 * group.lane < group.lanes && byte < (channels + 7) / 8) signs[byte] = std::uint8_t(bits >> (8 * group.lane));
}

__device__ bool sign_of(const std::uint8_t* signs, std::size_t c) { return signs[c / 8] >> (c % 8) & 1; }

__global__ void wide_gatv2_rows(Follows before, CsrView in, ConstMat source, ConstMat target, ConstMat value, ConstMat a,
                                Real slope, Dropout dropout, Mat out, Mat logits, Signs signs, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t heads = a.rows, channels = a.cols;
  if (group.index() >= out.rows * heads) return;
  const std::size_t i = group.index() / heads, h = group.index() % heads;
  const EdgeRange range = edges_of(in, i);
  const Real* to = row(target, i) + h * channels;
  const Real* weights = row(a, h);

  for (std::size_t begin = 0; begin < channels; begin += lanes * wide_per_lane) {
    bool first = true;
    Real most = 0, total = 0, sum[wide_per_lane] = {};
    for (std::size_t e = range.first; e < range.last; ++e) {
      const std::size_t j = std::size_t(in.columns[e]);
      Real logit = 0;
      if (begin == 0) {
        const Real* from = row(source, j) + h * channels;
        for (std::size_t start = 0; start < channels; start += lanes) {
          const std::size_t c = start + group.lane;
          const Real u = c < channels ? from[c] + to[c] : Real(0);
          if (c < channels) logit += weights[c] * (u > 0 ? u : slope * u);
          if (signs.data) store_wide_signs(group, signs.at(e, h), start, channels, u > 0);
        }
        logit = group.sum(logit);
        if (group.lane == 0 && logits.data) row(logits, e)[h] = logit;
      } else {
        logit = row(logits, e)[h];
      }
      // A NaN stays: it fails every comparison, and its weight is NaN.
      if (first || logit > most) {
        const Real less = first ? Real(0) : exp(most - logit);
        total *= less;
#pragma unroll
        for (unsigned s = 0; s < wide_per_lane; ++s) sum[s] *= less;
        most = logit;
        first = false;
      }
      const Real weight = exp(logit - most);
      total += weight;
      const Real share = weight * edge_multiplier(dropout, in, e, i, j, h, heads);
      const Real* x = row(value, j) + h * channels;
#pragma unroll
      for (unsigned s = 0; s < wide_per_lane; ++s) {
        const std::size_t c = begin + s * lanes + group.lane;
        if (c < channels) sum[s] += share * x[c];
      }
    }
    __syncwarp(group.mask);  // lane 0's logits are seen by all in the next walk
    const Real inverse = total > 0 ? 1 / total : total;  // 0 without edges, and NaN stays
#pragma unroll
    for (unsigned s = 0; s < wide_per_lane; ++s) {
      const std::size_t c = begin + s * lanes + group.lane;
      if (c < channels) row(out, i)[h * channels + c] = sum[s] * inverse;
    }
    // The last walk turns the logits into attention; the lanes share the edges.
    if (!logits.data || begin + lanes * wide_per_lane < channels) continue;
    for (std::size_t e = range.first + group.lane; e < range.last; e += lanes) {
      row(logits, e)[h] = exp(row(logits, e)[h] - most) * inverse;
    }
  }
}

// Per target and head: <dout, out>.
__global__ void wide_gatv2_backward_nodes(Follows before, std::size_t heads, ConstMat out, ConstMat dout, Mat correction,
                                          unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t channels = out.cols / heads;
  if (group.index() >= out.rows * heads) return;
  const std::size_t i = group.index() / heads, h = group.index() % heads, c = h * channels;
  const Real along = dot_product(group, row(dout, i) + c, row(out, i) + c, channels);
  if (group.lane == 0) row(correction, i)[h] = along;
}

// Per source and head: one gather of dout over the edges out of it. part = source times P, whose columns sum to da.
__global__ void wide_gatv2_backward_sources(Follows before, CsrView out_edges, ConstMat source, ConstMat value, ConstMat a,
                                            Real slope, Dropout dropout, ConstMat alphas, Signs signs, ConstMat correction,
                                            ConstMat dout, Mat dlogit, Mat dsource, Mat dvalue, Mat part, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t heads = a.rows, channels = a.cols;
  if (group.index() >= value.rows * heads) return;
  const std::size_t j = group.index() / heads, h = group.index() % heads;
  const EdgeRange range = edges_of(out_edges, j);
  const Real* own = row(value, j) + h * channels;
  for (std::size_t begin = 0; begin < channels; begin += lanes * wide_per_lane) {
    Real total = 0, positive[wide_per_lane] = {}, sum[wide_per_lane] = {};
    for (std::size_t e = range.first; e < range.last; ++e) {
      const std::size_t i = std::size_t(out_edges.columns[e]), at = edge_at(out_edges, e);
      const Real alpha = row(alphas, at)[h], r = edge_multiplier(dropout, out_edges, e, i, j, h, heads);
      const Real* gradient = row(dout, i) + h * channels;
      Real term = 0;
      if (begin == 0) {
        term = alpha * (r * dot_product(group, gradient, own, channels) - row(correction, i)[h]);
        if (group.lane == 0) row(dlogit, at)[h] = term;
      } else {
        term = row(dlogit, at)[h];
      }
      total += term;
      const std::uint8_t* bits = signs.at(at, h);
#pragma unroll
      for (unsigned s = 0; s < wide_per_lane; ++s) {
        const std::size_t c = begin + s * lanes + group.lane;
        if (c >= channels) continue;
        sum[s] += alpha * r * gradient[c];
        if (sign_of(bits, c)) positive[s] += term;
      }
    }
    __syncwarp(group.mask);  // lane 0's terms are seen by all in the next walk
#pragma unroll
    for (unsigned s = 0; s < wide_per_lane; ++s) {
      const std::size_t c = begin + s * lanes + group.lane, at = h * channels + c;
      if (c >= channels) continue;
      const Real p = slope * total + (1 - slope) * positive[s];
      row(dvalue, j)[at] += sum[s];
      row(dsource, j)[at] += p * row(a, h)[c];
      row(part, j)[at] = p * row(source, j)[at];
    }
  }
}

// Per target and head: bits and terms of its own edges, in their order. part = target times Q.
__global__ void wide_gatv2_backward_targets(Follows before, CsrView in, ConstMat target, ConstMat a, Real slope, Signs signs,
                                            ConstMat dlogit, Mat dtarget, Mat part, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t heads = a.rows, channels = a.cols;
  if (group.index() >= target.rows * heads) return;
  const std::size_t i = group.index() / heads, h = group.index() % heads;
  const EdgeRange range = edges_of(in, i);
  for (std::size_t c = group.lane; c < channels; c += lanes) {
    Real positive = 0;
    for (std::size_t e = range.first; e < range.last; ++e) {
      if (sign_of(signs.at(e, h), c)) positive += row(dlogit, e)[h];
    }
    const Real q = (1 - slope) * positive;
    const std::size_t at = h * channels + c;
    row(dtarget, i)[at] += q * row(a, h)[c];
    row(part, i)[at] = q * row(target, i)[at];
  }
}

void wide_gatv2_attention(Context& ctx, CsrView in, ConstMat source, ConstMat target, ConstMat value, ConstMat a, Real slope,
                          Dropout dropout, Mat out, Mat logits, Signs signs) {
  const unsigned lanes = wide_lanes(a.cols);
  Tensor scratch;
  if (!logits.data && a.cols > lanes * wide_per_lane) logits = scratch = ctx.tensor(std::size_t(in.num_edges), a.rows);
  launch(ctx, wide_gatv2_rows, out.rows * a.rows * lanes, in, source, target, value, a, slope, dropout, out, logits, signs, lanes);
}

void wide_gatv2_backward(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat value, ConstMat a,
                         Real slope, Dropout dropout, ConstMat out, ConstMat alpha, Signs signs, ConstMat dout, Mat dsource,
                         Mat dtarget, Mat dvalue, Mat da) {
  const std::size_t heads = a.rows;
  const unsigned lanes = wide_lanes(a.cols);
  const Tensor correction = ctx.tensor(out.rows, heads), dlogit = ctx.tensor(std::size_t(in.num_edges), heads);
  launch(ctx, wide_gatv2_backward_nodes, out.rows * heads * lanes, heads, out, dout, correction, lanes);
  const Tensor source_part = ctx.tensor(source.rows, source.cols), target_part = ctx.tensor(target.rows, target.cols);
  launch(ctx, wide_gatv2_backward_sources, source.rows * heads * lanes, out_edges, source, value, a, slope, dropout, alpha, signs,
         correction, dout, dlogit, dsource, dvalue, source_part, lanes);
  launch(ctx, wide_gatv2_backward_targets, target.rows * heads * lanes, in, target, a, slope, signs, dlogit, dtarget, target_part, lanes);
  add_weighted_column_sums(ctx, source_part, ConstMat{}, da);
  add_weighted_column_sums(ctx, target_part, ConstMat{}, da);
}

}  // namespace
}  // namespace gnn::inline GNN_PRECISION::cuda
