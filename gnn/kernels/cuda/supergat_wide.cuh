// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/launch.cuh>
#include <gnn/kernels/cuda/supergat_score.cuh>

// SuperGAT's attention for heads of any number of channels. A group of lanes owns one row and head, and its lanes share the
// channels. The dot product of an edge is a sum over the group, so that all lanes hold the same weight; the features it has
// read are still in the cache when the weighted sum reads them again.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

// Channels that a lane sums in registers. Heads of up to 32 * wide_per_lane channels take one walk over the edges.
constexpr unsigned wide_per_lane = 4;

unsigned wide_lanes(std::size_t channels) {
  return lanes_for(channels < 8 ? 8 : channels);
}

__device__ EdgeScore score_edge(const LaneGroup& group, const SimilarityScore& s, std::size_t j,
                                std::size_t i, std::size_t h) {
  const std::size_t channels = s.z.cols / s.heads, c = h * channels;
  return edge_score(s, dot_product(group, row(s.z, j) + c, row(s.z, i) + c, channels), j, i, h);
}

__global__ void wide_supergat_rows(Follows before, CsrView in, SimilarityScore score, Dropout dropout, Mat out,
                                   SoftmaxState state, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t heads = score.heads, channels = score.z.cols / heads;
  if (group.index() >= out.rows * heads) return;
  const std::size_t i = group.index() / heads, h = group.index() % heads;
  const EdgeRange range = edges_of(in, i);

  // The softmax is taken along the way: a larger logit scales down what was summed. It runs once for each
  // lanes * wide_per_lane channels.
  for (std::size_t begin = 0; begin < channels; begin += lanes * wide_per_lane) {
    Real most = 0, total = 0, sum[wide_per_lane] = {};
    for (std::size_t e = range.first; e < range.last; ++e) {
      const std::size_t j = std::size_t(in.columns[e]);
      const Real logit = score_edge(group, score, j, i, h).logit;
      if (e == range.first || logit > most) {
        const Real down = e == range.first ? Real(0) : exp(most - logit);
        most = logit;
        total *= down;
#pragma unroll
        for (unsigned s = 0; s < wide_per_lane; ++s) sum[s] *= down;
      }
      const Real weight = exp(logit - most);
      total += weight;
      const Real a = weight * edge_multiplier(dropout, in, e, i, j, h, heads);
      const Real* from = row(score.z, j) + h * channels;
#pragma unroll
      for (unsigned s = 0; s < wide_per_lane; ++s) {
        const std::size_t c = begin + s * lanes + group.lane;
        if (c < channels) sum[s] += a * from[c];
      }
    }
    const Real inverse = total > 0 ? 1 / total : 0;
#pragma unroll
    for (unsigned s = 0; s < wide_per_lane; ++s) {
      const std::size_t c = begin + s * lanes + group.lane;
      if (c < channels) row(out, i)[h * channels + c] = sum[s] * inverse;
    }
    if (begin != 0 || group.lane != 0) continue;
    row(state.maximum, i)[h] = most;
    row(state.sum, i)[h] = total;
  }
}

// Per target and head: 1 / sum and <dout, out>.
__global__ void wide_supergat_nodes(Follows before, std::size_t heads, ConstMat out, ConstMat sum, ConstMat dout,
                                    Mat inverse_sum, Mat delta, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t channels = out.cols / heads;
  if (group.index() >= out.rows * heads) return;
  const std::size_t i = group.index() / heads, h = group.index() % heads, c = h * channels;
  const Real along = dot_product(group, row(dout, i) + c, row(out, i) + c, channels);
  if (group.lane != 0) return;
  row(inverse_sum, i)[h] = row(sum, i)[h] > 0 ? 1 / row(sum, i)[h] : 0;
  row(delta, i)[h] = along;
}

// Per source and head: one gather of dout and z over the edges out of it.
__global__ void wide_supergat_sources(Follows before, CsrView out_edges, SimilarityScore score, Dropout dropout,
                                      ConstMat maximum, ConstMat inverse_sum, ConstMat delta, ConstMat dout, Mat dg, Mat dw,
                                      Mat dz, Mat dsource_score, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t heads = score.heads, channels = score.z.cols / heads;
  if (group.index() >= score.z.rows * heads) return;
  const std::size_t j = group.index() / heads, h = group.index() % heads, first_channel = h * channels;
  const EdgeRange range = edges_of(out_edges, j);
  const bool scores = score.source_score.data != nullptr;
  Real dsource = 0;
  for (std::size_t begin = 0; begin < channels; begin += lanes * wide_per_lane) {
    Real sum[wide_per_lane] = {};
    for (std::size_t e = range.first; e < range.last; ++e) {
      const std::size_t i = std::size_t(out_edges.columns[e]);
      const Real *gradient = row(dout, i) + first_channel, *other = row(score.z, i) + first_channel;
      const EdgeScore s = score_edge(group, score, j, i, h);
      const Real along = dot_product(group, gradient, row(score.z, j) + first_channel, channels);
      const Real alpha = exp(s.logit - row(maximum, i)[h]) * row(inverse_sum, i)[h];
      const Real r = edge_multiplier(dropout, out_edges, e, i, j, h, heads), share = alpha * r;
      const Real du = alpha * (r * along - row(delta, i)[h]) * s.derivative, dscore = du * s.gate;
      const Real dproduct = scores ? dscore * s.sum * (1 - s.gate) : score.scale * du;
#pragma unroll
      for (unsigned k = 0; k < wide_per_lane; ++k) {
        const std::size_t c = begin + k * lanes + group.lane;
        if (c < channels) sum[k] += share * gradient[c] + dproduct * other[c];
      }
      if (begin != 0 || group.lane != 0) continue;
      const std::size_t place = edge_at(out_edges, e);
      row(dg, place)[h] = dproduct;
      if (scores) row(dw, place)[h] = dscore;
      dsource += dscore;
    }
#pragma unroll
    for (unsigned k = 0; k < wide_per_lane; ++k) {
      const std::size_t c = begin + k * lanes + group.lane;
      if (c < channels) row(dz, j)[first_channel + c] += sum[k];
    }
  }
  if (scores && group.lane == 0) row(dsource_score, j)[h] += dsource;
}

// Per target and head: one gather of z over the edges into it.
__global__ void wide_supergat_targets(Follows before, CsrView in, ConstMat z, ConstMat dg, ConstMat dw, Mat dz,
                                      Mat dtarget_score, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t heads = dg.cols, channels = z.cols / heads;
  if (group.index() >= std::size_t(in.num_rows) * heads) return;
  const std::size_t i = group.index() / heads, h = group.index() % heads, first_channel = h * channels;
  const EdgeRange range = edges_of(in, i);
  for (std::size_t c = first_channel + group.lane; c < first_channel + channels; c += lanes) {
    Real sum = 0;
    for (std::size_t e = range.first; e < range.last; ++e)
      sum += row(dg, e)[h] * row(z, std::size_t(in.columns[e]))[c];
    row(dz, i)[c] += sum;
  }
  if (!dtarget_score.data || group.lane != 0) return;
  Real sum = 0;
  for (std::size_t e = range.first; e < range.last; ++e) sum += row(dw, e)[h];
  row(dtarget_score, i)[h] += sum;
}

__global__ void supergat_weights_rows(Follows before, CsrView in, SimilarityScore score, SoftmaxState state, Mat alpha,
                                      unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t heads = score.heads;
  if (group.index() >= std::size_t(in.num_rows) * heads) return;
  const std::size_t i = group.index() / heads, h = group.index() % heads;
  const EdgeRange range = edges_of(in, i);
  for (std::size_t e = range.first; e < range.last; ++e) {
    const Real logit = score_edge(group, score, std::size_t(in.columns[e]), i, h).logit;
    if (group.lane == 0) row(alpha, e)[h] = exp(logit - row(state.maximum, i)[h]) / row(state.sum, i)[h];
  }
}

void wide_supergat(Context& ctx, CsrView in, SimilarityScore score, Dropout dropout, Mat out, SoftmaxState state) {
  const unsigned lanes = wide_lanes(score.z.cols / score.heads);
  launch(ctx, wide_supergat_rows, out.rows * score.heads * lanes, in, score, dropout, out, state, lanes);
}

void wide_supergat_backward(Context& ctx, CsrView in, CsrView out_edges, SimilarityScore score, Dropout dropout, ConstMat out,
                            SoftmaxState state, ConstMat dout, Mat dz, Mat dsource_score, Mat dtarget_score) {
  const std::size_t heads = score.heads, edges = std::size_t(in.num_edges);
  const bool scores = score.source_score.data != nullptr;
  const unsigned lanes = wide_lanes(score.z.cols / heads);
  const Tensor inverse_sum = ctx.tensor(out.rows, heads), delta = ctx.tensor(out.rows, heads);
  const Tensor dg = ctx.tensor(edges, heads), dw = ctx.tensor(scores ? edges : 0, heads);
  launch(ctx, wide_supergat_nodes, out.rows * heads * lanes, heads, out, ConstMat(state.sum), dout, inverse_sum, delta, lanes);
  launch(ctx, wide_supergat_sources, score.z.rows * heads * lanes, out_edges, score, dropout, ConstMat(state.maximum), inverse_sum,
         delta, dout, dg, dw, dz, dsource_score, lanes);
  launch(ctx, wide_supergat_targets, out.rows * heads * lanes, in, score.z, dg, dw, dz, dtarget_score, lanes);
}

void wide_supergat_weights(Context& ctx, CsrView in, SimilarityScore score, SoftmaxState state, Mat alpha) {
  const unsigned lanes = wide_lanes(score.z.cols / score.heads);
  launch(ctx, supergat_weights_rows, std::size_t(in.num_rows) * score.heads * lanes, in, score, state, alpha, lanes);
}

}  // namespace
}  // namespace gnn::inline GNN_PRECISION::cuda
