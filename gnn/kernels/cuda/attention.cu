// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/attention.hpp>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/gat_rows.hpp>
#include <gnn/kernels/cuda/reduce.cuh>

// What gat_rows.cu does not take: heads of more than 256 channels, and none. A group of lanes owns one row and head, and its lanes share the channels, so that the groups of a row read the
// features of an edge's other end side by side. All lanes of a group walk over the same edges and compute the same
// weights, which costs less than handing them around. Rows are targets forward and sources backward.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

// Channels that a lane keeps in registers. Heads of up to 32 * per_lane channels take one walk over the edges.
constexpr unsigned per_lane = 4;

unsigned lanes_for_head(std::size_t channels) { return lanes_for(std::max<std::size_t>(8, channels)); }

__device__ Real leaky(Real u, Real slope) { return u > 0 ? u : slope * u; }

__global__ void attention_rows(Follows before, CsrView in, ConstMat source_score, ConstMat target_score, ConstMat value,
                               Real slope, Dropout dropout, Mat out, AttentionState state, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t heads = source_score.cols, channels = value.cols / heads;
  if (group.index() >= out.rows * heads) return;
  const std::size_t i = group.index() / heads, h = group.index() % heads;
  const EdgeRange range = edges_of(in, i);
  const Real to = row(target_score, i)[h];
  const bool keep = state.positive_out.data != nullptr;

  // Pass 1: row maximum, so that exp cannot overflow. leaky_relu never falls: the largest sum has the largest logit.
  Real most = 0;
  if (range.first < range.last) {
    most = row(source_score, std::size_t(in.columns[range.first]))[h];
    for (std::size_t e = range.first + group.lane; e < range.last; e += lanes) {
      const Real from = row(source_score, std::size_t(in.columns[e]))[h];
      most = from > most ? from : most;
    }
    most = group.maximum(most);
  }
  most = leaky(most + to, slope);

  // Pass 2: weights and weighted sums. It runs once for each lanes * per_lane channels, and also when there are none:
  // then maxima and sums are all that is asked for.
  for (std::size_t begin = 0; begin == 0 || begin < channels; begin += lanes * per_lane) {
    Real total = 0, positive_total = 0, sum[per_lane] = {}, positive[per_lane] = {};
    for (std::size_t e = range.first; e < range.last; ++e) {
      const std::size_t j = std::size_t(in.columns[e]);
      const Real u = row(source_score, j)[h] + to, weight = exp(leaky(u, slope) - most);
      total += weight;
      if (u > 0) positive_total += weight;
      const Real a = weight * edge_multiplier(dropout, in, e, i, j, h, heads);
      const Real* from = row(value, j) + h * channels;
#pragma unroll
      for (unsigned s = 0; s < per_lane; ++s) {
        const std::size_t c = begin + s * lanes + group.lane;
        if (c >= channels) continue;
        const Real part = a * from[c];
        sum[s] += part;
        if (u > 0) positive[s] += part;
      }
    }
    const Real inverse = total > 0 ? 1 / total : 0;
#pragma unroll
    for (unsigned s = 0; s < per_lane; ++s) {
      const std::size_t c = begin + s * lanes + group.lane;
      if (c >= channels) continue;
      row(out, i)[h * channels + c] = sum[s] * inverse;
      if (keep) row(state.positive_out, i)[h * channels + c] = positive[s] * inverse;
    }
    if (begin != 0 || group.lane != 0) continue;
    row(state.maximum, i)[h] = most;
    row(state.sum, i)[h] = total;
    if (keep) row(state.positive_mass, i)[h] = positive_total * inverse;
  }
}

// Per target and head: 1 / sum, <dout, out>, and the target score's gradient, which needs no edge.
__global__ void attention_backward_nodes(Follows before, std::size_t heads, Real slope, ConstMat out, AttentionState state,
                                         ConstMat dout, Mat inverse_sum, Mat correction, Mat dtarget_score, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t channels = out.cols / heads;
  if (group.index() >= out.rows * heads) return;
  const std::size_t i = group.index() / heads, h = group.index() % heads, c = h * channels;
  const Real along = dot_product(group, row(dout, i) + c, row(out, i) + c, channels);
  const Real along_positive = dot_product(group, row(dout, i) + c, row(state.positive_out, i) + c, channels);
  if (group.lane != 0) return;
  const Real sum = row(state.sum, i)[h];
  row(inverse_sum, i)[h] = sum > 0 ? 1 / sum : 0;
  row(correction, i)[h] = along;
  row(dtarget_score, i)[h] += (1 - slope) * (along_positive - along * row(state.positive_mass, i)[h]);
}

// Per source and head: one gather of dout over the edges out of it.
__global__ void attention_backward_rows(Follows before, CsrView out_edges, ConstMat source_score, ConstMat target_score,
                                        ConstMat value, Real slope, Dropout dropout, ConstMat maximum, ConstMat inverse_sum,
                                        ConstMat correction, ConstMat dout, Mat dsource_score, Mat dvalue, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t heads = source_score.cols, channels = value.cols / heads;
  if (group.index() >= value.rows * heads) return;
  const std::size_t j = group.index() / heads, h = group.index() % heads;
  const EdgeRange range = edges_of(out_edges, j);
  const Real from = row(source_score, j)[h];
  Real dsource = 0;
  // A head with more channels takes several walks; <dout, value>, and with it the score's gradient, adds up over them.
  for (std::size_t begin = 0; begin < channels; begin += lanes * per_lane) {
    Real own[per_lane] = {}, sum[per_lane] = {};
#pragma unroll
    for (unsigned s = 0; s < per_lane; ++s) {
      const std::size_t c = begin + s * lanes + group.lane;
      if (c < channels) own[s] = row(value, j)[h * channels + c];
    }
    for (std::size_t e = range.first; e < range.last; ++e) {
      const std::size_t i = std::size_t(out_edges.columns[e]);
      const Real u = from + row(target_score, i)[h];
      const Real alpha = exp(leaky(u, slope) - row(maximum, i)[h]) * row(inverse_sum, i)[h];
      const Real r = edge_multiplier(dropout, out_edges, e, i, j, h, heads), share = alpha * r;
      const Real* gradient = row(dout, i) + h * channels;
      Real dot = 0;
#pragma unroll
      for (unsigned s = 0; s < per_lane; ++s) {
        const std::size_t c = begin + s * lanes + group.lane;
        if (c >= channels) continue;
        dot += gradient[c] * own[s];
        sum[s] += share * gradient[c];
      }
      dot = group.sum(dot);
      dsource += alpha * (r * dot - (begin == 0 ? row(correction, i)[h] : 0)) * (u > 0 ? 1 : slope);
    }
#pragma unroll
    for (unsigned s = 0; s < per_lane; ++s) {
      const std::size_t c = begin + s * lanes + group.lane;
      if (c < channels) row(dvalue, j)[h * channels + c] += sum[s];
    }
  }
  if (group.lane == 0) row(dsource_score, j)[h] += dsource;
}

// The lanes share a row's edges.
__global__ void attention_weights_rows(Follows before, CsrView in, ConstMat source_score, ConstMat target_score, Real slope,
                                       AttentionState state, Mat alpha, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t heads = source_score.cols;
  if (group.index() >= target_score.rows * heads) return;
  const std::size_t i = group.index() / heads, h = group.index() % heads;
  const EdgeRange range = edges_of(in, i);
  for (std::size_t e = range.first + group.lane; e < range.last; e += lanes) {
    const Real u = row(source_score, std::size_t(in.columns[e]))[h] + row(target_score, i)[h];
    row(alpha, e)[h] = exp(leaky(u, slope) - row(state.maximum, i)[h]) / row(state.sum, i)[h];
  }
}

}  // namespace

void gat_attention(Context& ctx, CsrView in, ConstMat source_score, ConstMat target_score, ConstMat value, Real slope,
                   Dropout dropout, Mat out, AttentionState state) {
  const std::size_t heads = source_score.cols;
  if (gat_rows_fit(heads, value.cols / heads)) {
    return gat_rows(ctx, in, source_score, target_score, value, slope, dropout, out, state, GatEnd{});
  }
  const unsigned lanes = lanes_for_head(value.cols / heads);
  launch(ctx, attention_rows, out.rows * heads * lanes, in, source_score, target_score, value, slope, dropout, out, state,
         lanes);
}

void gat_attention_backward(Context& ctx, CsrView out_edges, ConstMat source_score, ConstMat target_score, ConstMat value,
                            Real slope, Dropout dropout, ConstMat out, AttentionState state, ConstMat dout, Mat dsource_score,
                            Mat dtarget_score, Mat dvalue) {
  const std::size_t heads = source_score.cols;
  if (gat_few_gradients(ctx, out_edges, slope, dropout, source_score, target_score, value, out, state, dout, dsource_score, dtarget_score, dvalue))
    return;
  if (gat_rows_fit(heads, value.cols / heads)) {
    const Tensor numbers = ctx.tensor(out.rows, heads * gat_edge_numbers);
    gat_backward_targets(ctx, slope, target_score, out, state, dout, GatEnd{}, false, Mat{}, numbers, true, dtarget_score, Mat{});
    GatSources to;
    to.dsource_score = dsource_score;
    to.dvalue = dvalue;
    return gat_backward_sources(ctx, out_edges, slope, dropout, source_score, value, numbers, dout, false, to);
  }
  const unsigned lanes = lanes_for_head(value.cols / heads);
  const Tensor inverse_sum = ctx.tensor(out.rows, heads), correction = ctx.tensor(out.rows, heads);
  launch(ctx, attention_backward_nodes, out.rows * heads * lanes, heads, slope, out, state, dout, inverse_sum, correction,
         dtarget_score, lanes);
  launch(ctx, attention_backward_rows, value.rows * heads * lanes, out_edges, source_score, target_score, value, slope, dropout,
         state.maximum, inverse_sum, correction, dout, dsource_score, dvalue, lanes);
}

void gat_attention_weights(Context& ctx, CsrView in, ConstMat source_score, ConstMat target_score, Real slope,
                           AttentionState state, Mat alpha) {
  const unsigned lanes = 8;
  launch(ctx, attention_weights_rows, target_score.rows * source_score.cols * lanes, in, source_score, target_score, slope,
         state, alpha, lanes);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
