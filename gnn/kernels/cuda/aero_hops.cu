// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/aero_hops.hpp>

#include <gnn/kernels/cuda/aero_team.cuh>

// Plan: see aero_team.cuh. Kernels without sums over nodes and edges in turns give each group of lanes a row.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__global__ void aero_start_rows(Follows before, ConstMat h, ConstMat w, ConstMat bias, Mat gamma, Mat z, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  if (group.index() >= z.rows * w.rows) return;
  const std::size_t i = group.index() / w.rows, k = group.index() % w.rows;
  const Real* own = row(h, i) + k * w.cols;
  Real sum = 0;
  for (std::size_t c = group.lane; c < w.cols; c += lanes) sum += row(w, k)[c] * elu_of(own[c]).value;
  const Real g = group.sum(sum) + bias.data[k];
  for (std::size_t c = group.lane; c < w.cols; c += lanes) row(z, i)[k * w.cols + c] = g * own[c];
  if (group.lane == 0) row(gamma, i)[k] = g;
}

// sum[s] = scale_i sum over row i's edges of at scale_j x_j, for the lane's channels from `begin` on. use(e,
// there, <x_j, own>) takes the lane's own edge, with the product over these channels.
template <class Use>
__device__ void gather(const Team& team, const CsrView& rows, std::size_t i, const ConstMat& at,
                       const ConstMat& scale, const ConstMat& x, std::size_t begin,
                       const Real (&own)[per_lane], bool with_products, Real (&sum)[per_lane],
                       const Use& use) {
  const std::size_t channels = x.cols / scale.cols;
  NodeId column = 0;
  Real weight = 0, product = 0;
#pragma unroll
  for (unsigned s = 0; s < per_lane; ++s) sum[s] = 0;
  team.walk(
      edges_of(rows, i),
      [&](std::size_t e, bool there) {
        column = there ? rows.columns[e] : 0;
        weight =
            there ? row(at, edge_at(rows, e))[team.head] * row(scale, std::size_t(column))[team.head] : 0;
      },
      [&](unsigned b, unsigned left) {
        Real other[team_edges][per_lane];
        team.read_rows(b, left, column, x, begin, channels, other);
#pragma unroll
        for (unsigned k = 0; k < team_edges; ++k) {
          const Real own_weight = team.from(weight, b + k), a = k < left ? own_weight : Real(0);
          Real along = 0;
#pragma unroll
          for (unsigned s = 0; s < per_lane; ++s) {
            sum[s] += a * other[k][s];
            along += own[s] * other[k][s];
          }
          if (!with_products) continue;
          along = team.sum(along);
          product = team.lane == b + k ? along : product;
        }
      },
      [&](std::size_t e, bool there) {
        if (there) use(e, product);
      });
  team.add_row(sum);
#pragma unroll
  for (unsigned s = 0; s < per_lane; ++s) sum[s] *= row(scale, i)[team.head];
}

__global__ void __launch_bounds__(block_size, 3) aero_hop_rows(Follows before, CsrView in, ConstMat at, ConstMat scale,
                                                               ConstMat previous, Real decay, ConstMat w, ConstMat bias, Mat h,
                                                               Mat gamma, Mat z, unsigned lanes) {
  before.wait();
  Team team(lanes);
  const std::size_t channels = w.cols / 2, first = team.head * channels;
  const Real none[per_lane] = {};
  team.for_rows(in, [&](std::size_t i) {
    Real score = 0;
    for (std::size_t begin = 0; begin < channels; begin += team.channels_at_once()) {
      Real sum[per_lane];
      gather(team, in, i, at, scale, previous, begin, none, false, sum, [](std::size_t, Real) {});
#pragma unroll
      for (unsigned s = 0; s < per_lane; ++s) {
        const std::size_t c = team.channel(begin, s);
        if (c >= channels) continue;
        // The sum so far is read before the groups that do not lead could be overtaken: they do not use the
        // score.
        if (!team.leads()) continue;
        row(h, i)[first + c] = sum[s];
        score += row(w, team.head)[c] * elu_of(sum[s]).value +
                 row(w, team.head)[channels + c] * elu_of(decay * row(z, i)[first + c]).value;
      }
    }
    const Real g = team.sum(score) + bias.data[team.head];
    if (!team.leads()) return;
    for (std::size_t c = team.lane; c < channels; c += lanes)
      row(z, i)[first + c] += g * row(h, i)[first + c];
    if (team.lane == 0) row(gamma, i)[team.head] = g;
  });
}

// A thread an edge and head would need the edge's row; a group of lanes owns a row instead.
__global__ void aero_weights_rows(Follows before, CsrView in, ConstMat at, ConstMat scale, Mat a) {
  before.wait();
  const LaneGroup group(8);
  const std::size_t i = group.index(), heads = at.cols;
  if (i >= scale.rows) return;
  const EdgeRange range = edges_of(in, i);
  for (std::size_t k = range.first * heads + group.lane; k < range.last * heads; k += group.lanes) {
    const std::size_t e = k / heads, h = k % heads;
    row(a, e)[h] = row(at, e)[h] * row(scale, i)[h] * row(scale, std::size_t(in.columns[e]))[h];
  }
}

// with_sum: the gradient of a hop that reads z; else of hop 0. dgamma: N x heads, for channels beyond those
// at once.
__global__ void __launch_bounds__(block_size, 3) aero_hop_backward_rows(Follows before, bool with_sum, ConstMat h,
                                                                        ConstMat gamma, Real decay, ConstMat w, Mat z, Mat dz,
                                                                        Mat dh, Mat dgamma, Mat partial, Mat partial_bias,
                                                                        unsigned lanes) {
  before.wait();
  Team team(lanes);
  const std::size_t channels = h.cols / gamma.cols, first = team.head * channels, width = w.cols;
  Real bias[1] = {0};
  for (std::size_t begin = 0; begin < channels; begin += team.channels_at_once()) {
    Real of_feature[per_lane] = {}, of_sum[per_lane] = {};
    team.for_own_rows(h.rows, [&](std::size_t i, bool there) {
      Real d = 0;
      if (begin == 0) {
        for (std::size_t c = team.lane; c < channels; c += lanes) d += row(dz, i)[first + c] * row(h, i)[first + c];
        d = team.sum(d);
        if (!there) return;
        bias[0] += d;
        row(dgamma, i)[team.head] = d;  // each lane what it will read
      } else {
        if (!there) return;
        d = row(dgamma, i)[team.head];
      }
      const Real g = row(gamma, i)[team.head];
#pragma unroll
      for (unsigned s = 0; s < per_lane; ++s) {
        const std::size_t c = team.channel(begin, s), at = first + c;
        if (c >= channels) continue;
        const Real feature = row(h, i)[at], upper = row(dz, i)[at];
        const Elu own = elu_of(feature);
        of_feature[s] += d * own.value;
        row(dh, i)[at] += g * upper + d * row(w, team.head)[c] * own.slope;
        if (!with_sum) continue;
        const Real before = row(z, i)[at] - g * feature;
        row(z, i)[at] = before;
        const Elu seen = elu_of(decay * before);
        of_sum[s] += d * seen.value;
        row(dz, i)[at] = upper + decay * d * row(w, team.head)[channels + c] * seen.slope;
      }
    });
    Real* piece = row(partial, blockIdx.x) + team.head * width;
    write_piece(team, of_feature, begin, channels, piece);
    if (with_sum) write_piece(team, of_sum, begin, channels, piece + channels);
  }
  team.add_groups(bias);
  if (threadIdx.x == 0) row(partial_bias, blockIdx.x)[team.head] = bias[0];
}

__global__ void __launch_bounds__(block_size, 3) aero_propagate_backward_rows(Follows before, CsrView out_edges, ConstMat at,
                                                                              ConstMat scale, ConstMat h, ConstMat previous,
                                                                              ConstMat dh, Mat dprevious, Mat ddegree, Mat da,
                                                                              unsigned lanes) {
  before.wait();
  Team team(lanes);
  const std::size_t channels = h.cols / scale.cols, first = team.head * channels;
  team.for_rows(out_edges, [&](std::size_t j) {
    Real along = 0;
    for (std::size_t begin = 0; begin < channels; begin += team.channels_at_once()) {
      Real own[per_lane], sum[per_lane];
#pragma unroll
      for (unsigned s = 0; s < per_lane; ++s) {
        const std::size_t c = team.channel(begin, s);
        own[s] = c < channels ? row(previous, j)[first + c] : 0;
      }
      gather(team, out_edges, j, at, scale, dh, begin, own, true, sum, [&](std::size_t e, Real product) {
        Real* to = row(da, edge_at(out_edges, e)) + team.head;
        *to = begin == 0 ? product : *to + product;
      });
#pragma unroll
      for (unsigned s = 0; s < per_lane; ++s) {
        const std::size_t c = team.channel(begin, s), place = first + c;
        if (c >= channels) continue;
        along += row(dh, j)[place] * row(h, j)[place] + own[s] * sum[s];
        if (team.leads()) row(dprevious, j)[place] = sum[s];
      }
    }
    along = team.sum(along);
    const Real r = row(scale, j)[team.head];
    if (team.leads() && team.lane == 0) row(ddegree, j)[team.head] = -along * r * r / 2;
  });
}

}  // namespace

void aero_start(Context& ctx, ConstMat h, ConstMat w, ConstMat bias, Mat gamma, Mat z) {
  const unsigned lanes = lanes_for(w.cols);
  launch(ctx, aero_start_rows, h.rows * w.rows * lanes, h, w, bias, gamma, z, lanes);
}

void aero_hop(Context& ctx, CsrView in, ConstMat at, ConstMat scale, ConstMat previous, Real decay,
              ConstMat w, ConstMat bias, Mat h, Mat gamma, Mat z) {
  const TeamShape s = shape_of(ctx, in, w.rows, w.cols / 2);
  launch_blocks(ctx, aero_hop_rows, s.blocks, in, at, scale, previous, decay, w, bias, h, gamma, z, s.lanes);
}

void aero_weights(Context& ctx, CsrView in, ConstMat at, ConstMat scale, Mat a) {
  launch(ctx, aero_weights_rows, scale.rows * 8, in, at, scale, a);
}

void aero_start_backward(Context& ctx, CsrView in, ConstMat h, ConstMat gamma, ConstMat w, ConstMat dz,
                         Mat dh, Mat partial, Mat partial_bias) {
  const TeamShape s = shape_of(ctx, in, w.rows, w.cols);
  const Tensor dgamma = ctx.tensor(gamma.rows, gamma.cols);
  const Mat only_read{const_cast<Real*>(dz.data), dz.rows, dz.cols, dz.stride};
  launch_blocks(ctx, aero_hop_backward_rows, s.blocks, false, h, gamma, Real(1), w, Mat{}, only_read, dh,
                dgamma.mat(), partial, partial_bias, s.lanes);
}

void aero_hop_backward(Context& ctx, CsrView in, ConstMat h, ConstMat gamma, Real decay, ConstMat w, Mat z,
                       Mat dz, Mat dh, Mat partial, Mat partial_bias) {
  const TeamShape s = shape_of(ctx, in, w.rows, w.cols / 2);
  const Tensor dgamma = ctx.tensor(gamma.rows, gamma.cols);
  launch_blocks(ctx, aero_hop_backward_rows, s.blocks, true, h, gamma, decay, w, z, dz, dh, dgamma.mat(),
                partial, partial_bias, s.lanes);
}

void aero_propagate_backward(Context& ctx, CsrView out_edges, ConstMat at, ConstMat scale, ConstMat h,
                             ConstMat previous, ConstMat dh, Mat dprevious, Mat ddegree, Mat da) {
  const TeamShape s = shape_of(ctx, out_edges, at.cols, h.cols / at.cols);
  launch_blocks(ctx, aero_propagate_backward_rows, s.blocks, out_edges, at, scale, h, previous, dh, dprevious,
                ddegree, da, s.lanes);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
