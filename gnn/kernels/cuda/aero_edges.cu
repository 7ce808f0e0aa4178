// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/aero_edges.hpp>

#include <gnn/kernels/cuda/aero_team.cuh>

// Plan: see aero_team.cuh. Kernels without sums over nodes and edges in turns give each group of lanes a row.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__device__ Real softplus(Real x) {
  return (x > 0 ? x : Real(0)) + log1p(exp(x > 0 ? -x : x));
}

/// dv / da without its scales: sigmoid(v).
__device__ Real sigmoid_of(Real at) {
  return -expm1(aero_epsilon - at);
}

// at and scale; `score(b, left, column, v)` is called by all lanes of a group and gives v of the edges of a turn.
template <class Score>
__device__ void weigh_row(const Team& team, const CsrView& in, std::size_t i, const Score& score,
                          const Mat& at, const Mat& scale) {
  NodeId column = 0;
  Real own = 0, degree[1] = {0};
  team.walk(
      edges_of(in, i), [&](std::size_t e, bool there) { column = there ? in.columns[e] : 0; },
      [&](unsigned b, unsigned left) {
        Real v[team_edges];
        score(b, left, column, v);
#pragma unroll
        for (unsigned k = 0; k < team_edges; ++k) own = team.lane == b + k ? v[k] : own;
      },
      [&](std::size_t e, bool there) {
        if (!there) return;
        degree[0] += row(at, e)[team.head] = softplus(own) + aero_epsilon;
      });
  degree[0] = team.sum(degree[0]);
  team.add_row(degree);
  if (team.leads() && team.lane == 0)
    row(scale, i)[team.head] = degree[0] > 0 ? 1 / sqrt(degree[0]) : degree[0];
}

__global__ void __launch_bounds__(block_size, 3) aero_edges_rows(Follows before, CsrView in, ConstMat z, Real decay, ConstMat w,
                                                                 Mat at, Mat scale, unsigned lanes) {
  before.wait();
  Team team(lanes);
  const std::size_t channels = w.cols, first = team.head * channels;
  Real weight[per_lane], own[per_lane];
#pragma unroll
  for (unsigned s = 0; s < per_lane; ++s) {
    const std::size_t c = team.channel(0, s);
    weight[s] = c < channels ? row(w, team.head)[c] : 0;
  }
  team.for_rows(in, [&](std::size_t i) {
#pragma unroll
    for (unsigned s = 0; s < per_lane; ++s) {
      const std::size_t c = team.channel(0, s);
      own[s] = c < channels ? row(z, i)[first + c] : 0;
    }
    const auto score = [&](unsigned b, unsigned left, NodeId column, Real (&sum)[team_edges]) {
      Real other[team_edges][per_lane];
      team.read_rows(b, left, column, z, 0, channels, other);
#pragma unroll
      for (unsigned k = 0; k < team_edges; ++k) {
        sum[k] = 0;
#pragma unroll
        for (unsigned s = 0; s < per_lane; ++s) sum[k] += weight[s] * elu_of(decay * (own[s] + other[k][s])).value;
        const std::size_t j = std::size_t(team.from(column, b + k));
        for (std::size_t c = team.channel(team.channels_at_once(), 0); c < channels; c += lanes) {
          sum[k] += row(w, team.head)[c] * elu_of(decay * (row(z, i)[first + c] + row(z, j)[first + c])).value;
        }
        sum[k] = team.sum(sum[k]);
      }
    };
    weigh_row(team, in, i, score, at, scale);
  });
}

__global__ void __launch_bounds__(block_size, 3) aero_edges_by_scores_rows(Follows before, CsrView in, ConstMat target_score,
                                                                           ConstMat source_score, Mat at, Mat scale,
                                                                           unsigned lanes) {
  before.wait();
  Team team(lanes);
  team.for_rows(in, [&](std::size_t i) {
    const Real own = row(target_score, i)[team.head];
    weigh_row(
        team, in, i,
        [&](unsigned b, unsigned, NodeId column, Real (&v)[team_edges]) {
#pragma unroll
          for (unsigned k = 0; k < team_edges; ++k) v[k] = own + row(source_score, std::size_t(team.from(column, b + k)))[team.head];
        },
        at, scale);
  });
}

__global__ void aero_scores_rows(Follows before, ConstMat z, Real decay, ConstMat w, Mat target_score, Mat source_score,
                                 unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  if (group.index() >= z.rows * w.rows) return;
  const std::size_t i = group.index() / w.rows, h = group.index() % w.rows, channels = w.cols / 2;
  Real target = 0, source = 0;
  for (std::size_t c = group.lane; c < channels; c += lanes) {
    const Real own = elu_of(decay * row(z, i)[h * channels + c]).value;
    target += row(w, h)[c] * own;
    source += row(w, h)[channels + c] * own;
  }
  target = group.sum(target);
  source = group.sum(source);
  if (group.lane != 0) return;
  row(target_score, i)[h] = target;
  row(source_score, i)[h] = source;
}

__global__ void aero_score_gradients_rows(Follows before, CsrView in, ConstMat at, ConstMat scale, ConstMat ddegree, Mat da) {
  before.wait();
  const LaneGroup group(8);
  const std::size_t i = group.index(), heads = at.cols;
  if (i >= scale.rows) return;
  const EdgeRange range = edges_of(in, i);
  for (std::size_t k = range.first * heads + group.lane; k < range.last * heads; k += group.lanes) {
    const std::size_t e = k / heads, h = k % heads;
    const Real scales = row(scale, i)[h] * row(scale, std::size_t(in.columns[e]))[h];
    row(da, e)[h] = (row(da, e)[h] * scales + row(ddegree, i)[h]) * sigmoid_of(row(at, e)[h]);
  }
}

// dv_of(e, i, j) is the gradient of an edge's score.
template <class Gradient>
__device__ void edges_backward(Team& team, const CsrView& rows, const ConstMat& z, Real decay,
                               const ConstMat& w, Real share, const Gradient& dv_of, const Mat& dz,
                               const Mat& partial) {
  const std::size_t channels = w.cols, first = team.head * channels;
  for (std::size_t begin = 0; begin < channels; begin += team.channels_at_once()) {
    Real values[per_lane] = {};
    team.for_rows(rows, [&](std::size_t i) {
      Real own[per_lane], slopes[per_lane] = {}, dv = 0;
      NodeId column = 0;
#pragma unroll
      for (unsigned s = 0; s < per_lane; ++s) {
        const std::size_t c = team.channel(begin, s);
        own[s] = c < channels ? row(z, i)[first + c] : 0;
      }
      team.walk(
          edges_of(rows, i),
          [&](std::size_t e, bool there) {
            column = there ? rows.columns[e] : 0;
            dv = there ? dv_of(e, i, std::size_t(column)) : Real(0);
          },
          [&](unsigned b, unsigned left) {
            Real other[team_edges][per_lane];
            team.read_rows(b, left, column, z, begin, channels, other);
#pragma unroll
            for (unsigned k = 0; k < team_edges; ++k) {
              const Real own_dv = team.from(dv, b + k), d = k < left ? own_dv : Real(0);
#pragma unroll
              for (unsigned s = 0; s < per_lane; ++s) {
                const Elu both = elu_of(decay * (own[s] + other[k][s]));
                slopes[s] += d * both.slope;
                values[s] += d * both.value;
              }
            }
          },
          [](std::size_t, bool) {});
      team.add_row(slopes);
      if (!team.leads()) return;
#pragma unroll
      for (unsigned s = 0; s < per_lane; ++s) {
        const std::size_t c = team.channel(begin, s);
        if (c < channels) row(dz, i)[first + c] += decay * row(w, team.head)[c] * slopes[s];
      }
    });
    if (!partial.data) continue;
#pragma unroll
    for (unsigned s = 0; s < per_lane; ++s) values[s] *= share;
    write_piece(team, values, begin, channels, row(partial, blockIdx.x) + first);
  }
}

__global__ void __launch_bounds__(block_size, 3) aero_edges_backward_rows(Follows before, CsrView edges, ConstMat z, Real decay,
                                                                          ConstMat w, ConstMat dv, Mat dz, Mat partial,
                                                                          unsigned lanes) {
  before.wait();
  Team team(lanes);
  const auto gradient = [&](std::size_t e, std::size_t, std::size_t) {
    return row(dv, edge_at(edges, e))[team.head];
  };
  edges_backward(team, edges, z, decay, w, Real(1), gradient, dz, partial);
}

// Every edge is met from both its ends, each time with the gradients of both directions: half of the sum is
// w's.
__global__ void __launch_bounds__(block_size, 3) aero_symmetric_backward_rows(Follows before, CsrView in,
                                                                              const EdgeOffset* reverse, ConstMat z, Real decay,
                                                                              ConstMat w, ConstMat at, ConstMat scale,
                                                                              ConstMat ddegree, ConstMat da, Mat dz,
                                                                              Mat partial, unsigned lanes) {
  before.wait();
  Team team(lanes);
  const std::size_t h = team.head;
  const auto gradient = [&](std::size_t e, std::size_t i, std::size_t j) {
    const Real both = row(da, e)[h] + row(da, std::size_t(reverse[e]))[h];
    return (both * row(scale, i)[h] * row(scale, j)[h] + row(ddegree, i)[h] + row(ddegree, j)[h]) *
           sigmoid_of(row(at, e)[h]);
  };
  edges_backward(team, in, z, decay, w, Real(0.5), gradient, dz, partial);
}

__global__ void aero_scores_backward_rows(Follows before, ConstMat z, Real decay, ConstMat w, ConstMat dtarget_score,
                                          ConstMat dsource_score, Mat dz, Mat partial, unsigned lanes) {
  before.wait();
  Team team(lanes);
  const std::size_t channels = w.cols / 2, first = team.head * channels;
  for (std::size_t begin = 0; begin < channels; begin += team.channels_at_once()) {
    Real of_target[per_lane] = {}, of_source[per_lane] = {};
    team.for_own_rows(z.rows, [&](std::size_t i, bool there) {
      if (!there) return;
      const Real target = row(dtarget_score, i)[team.head], source = row(dsource_score, i)[team.head];
#pragma unroll
      for (unsigned s = 0; s < per_lane; ++s) {
        const std::size_t c = team.channel(begin, s);
        if (c >= channels) continue;
        const Elu own = elu_of(decay * row(z, i)[first + c]);
        of_target[s] += target * own.value;
        of_source[s] += source * own.value;
        row(dz, i)[first + c] +=
            decay * own.slope * (target * row(w, team.head)[c] + source * row(w, team.head)[channels + c]);
      }
    });
    Real* piece = row(partial, blockIdx.x) + team.head * w.cols;
    write_piece(team, of_target, begin, channels, piece);
    write_piece(team, of_source, begin, channels, piece + channels);
  }
}

}  // namespace

void aero_edges(Context& ctx, CsrView in, ConstMat z, Real decay, ConstMat w, Mat at, Mat scale) {
  const TeamShape s = shape_of(ctx, in, w.rows, w.cols);
  launch_blocks(ctx, aero_edges_rows, s.blocks, in, z, decay, w, at, scale, s.lanes);
}

void aero_edges_by_scores(Context& ctx, CsrView in, ConstMat target_score, ConstMat source_score, Mat at,
                          Mat scale) {
  const TeamShape s = shape_of(ctx, in, at.cols, 1);
  launch_blocks(ctx, aero_edges_by_scores_rows, s.blocks, in, target_score, source_score, at, scale, s.lanes);
}

void aero_scores(Context& ctx, ConstMat z, Real decay, ConstMat w, Mat target_score, Mat source_score) {
  const unsigned lanes = lanes_for(w.cols / 2);
  launch(ctx, aero_scores_rows, z.rows * w.rows * lanes, z, decay, w, target_score, source_score, lanes);
}

void aero_score_gradients(Context& ctx, CsrView in, ConstMat at, ConstMat scale, ConstMat ddegree, Mat da) {
  launch(ctx, aero_score_gradients_rows, scale.rows * 8, in, at, scale, ddegree, da);
}

void aero_edges_backward(Context& ctx, CsrView edges, ConstMat z, Real decay, ConstMat w, ConstMat dv, Mat dz,
                         Mat partial) {
  const TeamShape s = shape_of(ctx, edges, w.rows, w.cols);
  launch_blocks(ctx, aero_edges_backward_rows, s.blocks, edges, z, decay, w, dv, dz, partial, s.lanes);
}

void aero_symmetric_backward(Context& ctx, CsrView in, const EdgeOffset* reverse, ConstMat z, Real decay,
                             ConstMat w, ConstMat at, ConstMat scale, ConstMat ddegree, ConstMat da, Mat dz,
                             Mat partial) {
  const TeamShape s = shape_of(ctx, in, w.rows, w.cols);
  launch_blocks(ctx, aero_symmetric_backward_rows, s.blocks, in, reverse, z, decay, w, at, scale, ddegree, da,
                dz, partial, s.lanes);
}

void aero_scores_backward(Context& ctx, CsrView in, ConstMat z, Real decay, ConstMat w,
                          ConstMat dtarget_score, ConstMat dsource_score, Mat dz, Mat partial) {
  const TeamShape s = shape_of(ctx, in, w.rows, w.cols / 2);
  launch_blocks(ctx, aero_scores_backward_rows, s.blocks, z, decay, w, dtarget_score, dsource_score, dz,
                partial, s.lanes);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
