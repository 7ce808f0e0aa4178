// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/aero_hops.hpp>

#include <gnn/kernels/cuda/launch.cuh>

// Plan: a group of lanes shares the channels of a head, up to per_lane in each lane's registers. Where rows
// are long a block's groups share a row and take turns with its edges; else each has rows of its own. Rows
// are dealt to blocks in turn, blocks to pieces of the sums over all nodes, and all of it depends on sizes
// only. A lane makes the scalars of one edge ready, then the group walks over these edges together.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned per_lane = 4;

unsigned lanes_for_head(std::size_t channels) {
  return lanes_for(std::max<std::size_t>(4, (channels + per_lane - 1) / per_lane));
}

/// What a group has to do: which rows, which of their edges, which channels.
struct Team {
  LaneGroup group;
  unsigned groups;    ///< of the block
  unsigned number;    ///< of this group in the block
  unsigned together;  ///< groups that share a row: one, or all
  std::size_t head;

  __device__ Team(unsigned lanes, bool share_rows)
      : group(lanes),
        groups(block_size / lanes),
        number(threadIdx.x / lanes),
        together(share_rows ? groups : 1),
        head(blockIdx.y) {}

  __device__ std::size_t first_row() const { return blockIdx.x * (groups / together) + number / together; }
  __device__ std::size_t row_step() const { return std::size_t(gridDim.x) * (groups / together); }
  __device__ bool leads() const { return number % together == 0; }

  /// Channel s of this lane's, of those from `begin` on.
  __device__ std::size_t channel(std::size_t begin, unsigned s) const {
    return begin + s * group.lanes + group.lane;
  }
  __device__ std::size_t channels_at_once() const { return per_lane * group.lanes; }

  /// For runs of edges of a row: ready(e, there) prepares the lane's own edge e, if it is there; then each(b)
  /// is called by all lanes for the edge that lane b has prepared; then done(e, there).
  template <class Ready, class Each, class Done>
  __device__ void walk(const EdgeRange& range, const Ready& ready, const Each& each, const Done& done) const {
    const std::size_t step = std::size_t(together) * group.lanes;
    for (std::size_t base = range.first + number % together; base < range.last; base += step) {
      const std::size_t e = base + std::size_t(group.lane) * together;
      const std::size_t left = (range.last - base + together - 1) / together;
      const unsigned count = left < group.lanes ? unsigned(left) : group.lanes;
      ready(e, e < range.last);
      for (unsigned b = 0; b < count; ++b) each(b);
      done(e, e < range.last);
    }
  }

  /// What lane b of the group has.
  template <class T>
  __device__ T from(T x, unsigned b) const {
    return __shfl_sync(group.mask, x, int(b), int(group.lanes));
  }

  /// The sums over the block's groups, in their order, for every thread; all threads call it.
  template <unsigned n>
  __device__ void add_groups(Real (&x)[n]) const {
    __shared__ Real shared[n][block_size];
    __syncthreads();  // the call before may still be read
#pragma unroll
    for (unsigned s = 0; s < n; ++s) shared[s][threadIdx.x] = x[s];
    __syncthreads();
#pragma unroll
    for (unsigned s = 0; s < n; ++s) {
      x[s] = 0;
      for (unsigned g = 0; g < groups; ++g) x[s] += shared[s][g * group.lanes + group.lane];
    }
  }

  /// The same over the groups that share a row.
  template <unsigned n>
  __device__ void add_row(Real (&x)[n]) const {
    if (together > 1) add_groups(x);
  }
};

/// ELU and its derivative, both made of e^min(x, 0) - 1. A NaN stays one.
struct Elu {
  Real value, slope;
};
__device__ Elu elu_of(Real x) {
  const Real below = expm1(x > 0 ? Real(0) : x);
  return {(x > 0 ? x : Real(0)) + below, 1 + below};
}

__device__ Real softplus(Real x) {
  return (x > 0 ? x : Real(0)) + log1p(exp(x > 0 ? -x : x));
}

/// dv / da without its scales: sigmoid(v).
__device__ Real sigmoid_of(Real at) {
  return -expm1(aero_epsilon - at);
}

// at and scale; `score(e, i, j)` is called by all lanes of a group.
template <class Score>
__device__ void weigh_row(const Team& team, const CsrView& in, std::size_t i, const Score& score,
                          const Mat& at, const Mat& scale) {
  NodeId column = 0;
  Real own = 0, degree[1] = {0};
  team.walk(
      edges_of(in, i), [&](std::size_t e, bool there) { column = there ? in.columns[e] : 0; },
      [&](unsigned b) {
        const Real v = score(std::size_t(team.from(column, b)));
        if (team.group.lane == b) own = v;
      },
      [&](std::size_t e, bool there) {
        if (!there) return;
        degree[0] += row(at, e)[team.head] = softplus(own) + aero_epsilon;
      });
  degree[0] = team.group.sum(degree[0]);
  team.add_row(degree);
  if (team.leads() && team.group.lane == 0)
    row(scale, i)[team.head] = degree[0] > 0 ? 1 / sqrt(degree[0]) : degree[0];
}

__global__ void aero_edges_rows(CsrView in, ConstMat z, Real decay, ConstMat w, Mat at, Mat scale,
                                unsigned lanes, bool share_rows) {
  const Team team(lanes, share_rows);
  const std::size_t channels = w.cols, first = team.head * channels;
  Real weight[per_lane], own[per_lane];
#pragma unroll
  for (unsigned s = 0; s < per_lane; ++s) {
    const std::size_t c = team.channel(0, s);
    weight[s] = c < channels ? row(w, team.head)[c] : 0;
  }
  for (std::size_t i = team.first_row(); i < scale.rows; i += team.row_step()) {
#pragma unroll
    for (unsigned s = 0; s < per_lane; ++s) {
      const std::size_t c = team.channel(0, s);
      own[s] = c < channels ? row(z, i)[first + c] : 0;
    }
    const auto score = [&](std::size_t j) {
      const Real* other = row(z, j) + first;
      Real sum = 0;
#pragma unroll
      for (unsigned s = 0; s < per_lane; ++s) {
        const std::size_t c = team.channel(0, s);
        if (c < channels) sum += weight[s] * elu_of(decay * (own[s] + other[c])).value;
      }
      for (std::size_t c = team.channel(team.channels_at_once(), 0); c < channels; c += lanes) {
        sum += row(w, team.head)[c] * elu_of(decay * (row(z, i)[first + c] + other[c])).value;
      }
      return team.group.sum(sum);
    };
    weigh_row(team, in, i, score, at, scale);
  }
}

__global__ void aero_edges_by_scores_rows(CsrView in, ConstMat target_score, ConstMat source_score, Mat at,
                                          Mat scale, unsigned lanes, bool share_rows) {
  const Team team(lanes, share_rows);
  for (std::size_t i = team.first_row(); i < scale.rows; i += team.row_step()) {
    const Real own = row(target_score, i)[team.head];
    weigh_row(
        team, in, i, [&](std::size_t j) { return own + row(source_score, j)[team.head]; }, at, scale);
  }
}

__global__ void aero_scores_rows(ConstMat z, Real decay, ConstMat w, Mat target_score, Mat source_score,
                                 unsigned lanes) {
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

__global__ void aero_start_rows(ConstMat h, ConstMat w, ConstMat bias, Mat gamma, Mat z, unsigned lanes) {
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
  const std::size_t channels = x.cols / scale.cols, first = team.head * channels;
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
      [&](unsigned b) {
        const Real* from = row(x, std::size_t(team.from(column, b))) + first;
        const Real a = team.from(weight, b);
        Real along = 0;
#pragma unroll
        for (unsigned s = 0; s < per_lane; ++s) {
          const std::size_t c = team.channel(begin, s);
          if (c >= channels) continue;
          const Real other = from[c];
          sum[s] += a * other;
          along += own[s] * other;
        }
        if (!with_products) return;
        along = team.group.sum(along);
        if (team.group.lane == b) product = along;
      },
      [&](std::size_t e, bool there) {
        if (there) use(e, product);
      });
  team.add_row(sum);
#pragma unroll
  for (unsigned s = 0; s < per_lane; ++s) sum[s] *= row(scale, i)[team.head];
}

__global__ void aero_hop_rows(CsrView in, ConstMat at, ConstMat scale, ConstMat previous, Real decay,
                              ConstMat w, ConstMat bias, Mat h, Mat gamma, Mat z, unsigned lanes,
                              bool share_rows) {
  const Team team(lanes, share_rows);
  const std::size_t channels = w.cols / 2, first = team.head * channels;
  const Real none[per_lane] = {};
  for (std::size_t i = team.first_row(); i < h.rows; i += team.row_step()) {
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
    const Real g = team.group.sum(score) + bias.data[team.head];
    if (!team.leads()) continue;
    for (std::size_t c = team.group.lane; c < channels; c += lanes)
      row(z, i)[first + c] += g * row(h, i)[first + c];
    if (team.group.lane == 0) row(gamma, i)[team.head] = g;
  }
}

// A thread an edge and head would need the edge's row; a group of lanes owns a row instead.
__global__ void aero_weights_rows(CsrView in, ConstMat at, ConstMat scale, Mat a) {
  const LaneGroup group(8);
  const std::size_t i = group.index(), heads = at.cols;
  if (i >= scale.rows) return;
  const EdgeRange range = edges_of(in, i);
  for (std::size_t k = range.first * heads + group.lane; k < range.last * heads; k += group.lanes) {
    const std::size_t e = k / heads, h = k % heads;
    row(a, e)[h] = row(at, e)[h] * row(scale, i)[h] * row(scale, std::size_t(in.columns[e]))[h];
  }
}

// x[s] of all groups to this block's piece.
template <unsigned n>
__device__ void write_piece(const Team& team, Real (&x)[n], std::size_t begin, std::size_t channels,
                            Real* piece) {
  team.add_groups(x);
  if (team.number != 0) return;
#pragma unroll
  for (unsigned s = 0; s < n; ++s) {
    const std::size_t c = team.channel(begin, s);
    if (c < channels) piece[c] = x[s];
  }
}

// with_sum: the gradient of a hop that reads z; else of hop 0. dgamma: N x heads, for channels beyond those
// at once.
__global__ void aero_hop_backward_rows(bool with_sum, ConstMat h, ConstMat gamma, Real decay, ConstMat w,
                                       Mat z, Mat dz, Mat dh, Mat dgamma, Mat partial, Mat partial_bias,
                                       unsigned lanes) {
  const Team team(lanes, false);
  const std::size_t channels = h.cols / gamma.cols, first = team.head * channels, width = w.cols;
  Real bias[1] = {0};
  for (std::size_t begin = 0; begin < channels; begin += team.channels_at_once()) {
    Real of_feature[per_lane] = {}, of_sum[per_lane] = {};
    for (std::size_t i = team.first_row(); i < h.rows; i += team.row_step()) {
      Real d = 0;
      if (begin == 0) {
        d = dot_product(team.group, row(dz, i) + first, row(h, i) + first, channels);
        bias[0] += d;
        row(dgamma, i)[team.head] = d;  // each lane what it will read
      } else {
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
    }
    Real* piece = row(partial, blockIdx.x) + team.head * width;
    write_piece(team, of_feature, begin, channels, piece);
    if (with_sum) write_piece(team, of_sum, begin, channels, piece + channels);
  }
  team.add_groups(bias);
  if (threadIdx.x == 0) row(partial_bias, blockIdx.x)[team.head] = bias[0];
}

__global__ void aero_propagate_backward_rows(CsrView out_edges, ConstMat at, ConstMat scale, ConstMat h,
                                             ConstMat previous, ConstMat dh, Mat dprevious, Mat ddegree,
                                             Mat da, unsigned lanes, bool share_rows) {
  const Team team(lanes, share_rows);
  const std::size_t channels = h.cols / scale.cols, first = team.head * channels;
  for (std::size_t j = team.first_row(); j < h.rows; j += team.row_step()) {
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
    along = team.group.sum(along);
    const Real r = row(scale, j)[team.head];
    if (team.leads() && team.group.lane == 0) row(ddegree, j)[team.head] = -along * r * r / 2;
  }
}

__global__ void aero_score_gradients_rows(CsrView in, ConstMat at, ConstMat scale, ConstMat ddegree, Mat da) {
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
__device__ void edges_backward(const Team& team, const CsrView& rows, const ConstMat& z, Real decay,
                               const ConstMat& w, Real share, const Gradient& dv_of, const Mat& dz,
                               const Mat& partial) {
  const std::size_t channels = w.cols, first = team.head * channels;
  for (std::size_t begin = 0; begin < channels; begin += team.channels_at_once()) {
    Real values[per_lane] = {};
    for (std::size_t i = team.first_row(); i < z.rows; i += team.row_step()) {
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
          [&](unsigned b) {
            const Real* other = row(z, std::size_t(team.from(column, b))) + first;
            const Real d = team.from(dv, b);
#pragma unroll
            for (unsigned s = 0; s < per_lane; ++s) {
              const std::size_t c = team.channel(begin, s);
              if (c >= channels) continue;
              const Elu both = elu_of(decay * (own[s] + other[c]));
              slopes[s] += d * both.slope;
              values[s] += d * both.value;
            }
          },
          [](std::size_t, bool) {});
      team.add_row(slopes);
      if (!team.leads()) continue;
#pragma unroll
      for (unsigned s = 0; s < per_lane; ++s) {
        const std::size_t c = team.channel(begin, s);
        if (c < channels) row(dz, i)[first + c] += decay * row(w, team.head)[c] * slopes[s];
      }
    }
    if (!partial.data) continue;
#pragma unroll
    for (unsigned s = 0; s < per_lane; ++s) values[s] *= share;
    write_piece(team, values, begin, channels, row(partial, blockIdx.x) + first);
  }
}

__global__ void aero_edges_backward_rows(CsrView edges, ConstMat z, Real decay, ConstMat w, ConstMat dv,
                                         Mat dz, Mat partial, unsigned lanes, bool share_rows) {
  const Team team(lanes, share_rows);
  const auto gradient = [&](std::size_t e, std::size_t, std::size_t) {
    return row(dv, edge_at(edges, e))[team.head];
  };
  edges_backward(team, edges, z, decay, w, Real(1), gradient, dz, partial);
}

// Every edge is met from both its ends, each time with the gradients of both directions: half of the sum is
// w's.
__global__ void aero_symmetric_backward_rows(CsrView in, const EdgeOffset* reverse, ConstMat z, Real decay,
                                             ConstMat w, ConstMat at, ConstMat scale, ConstMat ddegree,
                                             ConstMat da, Mat dz, Mat partial, unsigned lanes,
                                             bool share_rows) {
  const Team team(lanes, share_rows);
  const std::size_t h = team.head;
  const auto gradient = [&](std::size_t e, std::size_t i, std::size_t j) {
    const Real both = row(da, e)[h] + row(da, std::size_t(reverse[e]))[h];
    return (both * row(scale, i)[h] * row(scale, j)[h] + row(ddegree, i)[h] + row(ddegree, j)[h]) *
           sigmoid_of(row(at, e)[h]);
  };
  edges_backward(team, in, z, decay, w, Real(0.5), gradient, dz, partial);
}

__global__ void aero_scores_backward_rows(ConstMat z, Real decay, ConstMat w, ConstMat dtarget_score,
                                          ConstMat dsource_score, Mat dz, Mat partial, unsigned lanes) {
  const Team team(lanes, false);
  const std::size_t channels = w.cols / 2, first = team.head * channels;
  for (std::size_t begin = 0; begin < channels; begin += team.channels_at_once()) {
    Real of_target[per_lane] = {}, of_source[per_lane] = {};
    for (std::size_t i = team.first_row(); i < z.rows; i += team.row_step()) {
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
    }
    Real* piece = row(partial, blockIdx.x) + team.head * w.cols;
    write_piece(team, of_target, begin, channels, piece);
    write_piece(team, of_source, begin, channels, piece + channels);
  }
}

/// The launch of a kernel whose teams walk over the rows of `rows`, for each head: blocks, lanes, and whether
/// a block shares its rows.
struct Shape {
  dim3 blocks;
  unsigned lanes;
  bool share_rows;
};
Shape shape_of(const Context& ctx, const CsrView& rows, std::size_t heads, std::size_t channels) {
  constexpr EdgeOffset long_rows =
      16;  // edges a row on average, from which a block's groups have enough to share
  return {dim3(unsigned(aero_pieces(ctx, rows)), unsigned(heads)), lanes_for_head(channels),
          rows.num_edges >= long_rows * EdgeOffset(rows.num_rows)};
}

}  // namespace

void aero_edges(Context& ctx, CsrView in, ConstMat z, Real decay, ConstMat w, Mat at, Mat scale) {
  const Shape s = shape_of(ctx, in, w.rows, w.cols);
  launch_blocks(ctx, aero_edges_rows, s.blocks, in, z, decay, w, at, scale, s.lanes, s.share_rows);
}

void aero_edges_by_scores(Context& ctx, CsrView in, ConstMat target_score, ConstMat source_score, Mat at,
                          Mat scale) {
  const Shape s = shape_of(ctx, in, at.cols, 1);
  launch_blocks(ctx, aero_edges_by_scores_rows, s.blocks, in, target_score, source_score, at, scale, s.lanes,
                s.share_rows);
}

void aero_scores(Context& ctx, ConstMat z, Real decay, ConstMat w, Mat target_score, Mat source_score) {
  const unsigned lanes = lanes_for(w.cols / 2);
  launch(ctx, aero_scores_rows, z.rows * w.rows * lanes, z, decay, w, target_score, source_score, lanes);
}

void aero_start(Context& ctx, ConstMat h, ConstMat w, ConstMat bias, Mat gamma, Mat z) {
  const unsigned lanes = lanes_for(w.cols);
  launch(ctx, aero_start_rows, h.rows * w.rows * lanes, h, w, bias, gamma, z, lanes);
}

void aero_hop(Context& ctx, CsrView in, ConstMat at, ConstMat scale, ConstMat previous, Real decay,
              ConstMat w, ConstMat bias, Mat h, Mat gamma, Mat z) {
  const Shape s = shape_of(ctx, in, w.rows, w.cols / 2);
  launch_blocks(ctx, aero_hop_rows, s.blocks, in, at, scale, previous, decay, w, bias, h, gamma, z, s.lanes,
                s.share_rows);
}

void aero_weights(Context& ctx, CsrView in, ConstMat at, ConstMat scale, Mat a) {
  launch(ctx, aero_weights_rows, scale.rows * 8, in, at, scale, a);
}

void aero_start_backward(Context& ctx, CsrView in, ConstMat h, ConstMat gamma, ConstMat w, ConstMat dz,
                         Mat dh, Mat partial, Mat partial_bias) {
  const Shape s = shape_of(ctx, in, w.rows, w.cols);
  const Tensor dgamma = ctx.tensor(gamma.rows, gamma.cols);
  const Mat only_read{const_cast<Real*>(dz.data), dz.rows, dz.cols, dz.stride};
  launch_blocks(ctx, aero_hop_backward_rows, s.blocks, false, h, gamma, Real(1), w, Mat{}, only_read, dh,
                dgamma.mat(), partial, partial_bias, s.lanes);
}

void aero_hop_backward(Context& ctx, CsrView in, ConstMat h, ConstMat gamma, Real decay, ConstMat w, Mat z,
                       Mat dz, Mat dh, Mat partial, Mat partial_bias) {
  const Shape s = shape_of(ctx, in, w.rows, w.cols / 2);
  const Tensor dgamma = ctx.tensor(gamma.rows, gamma.cols);
  launch_blocks(ctx, aero_hop_backward_rows, s.blocks, true, h, gamma, decay, w, z, dz, dh, dgamma.mat(),
                partial, partial_bias, s.lanes);
}

void aero_propagate_backward(Context& ctx, CsrView out_edges, ConstMat at, ConstMat scale, ConstMat h,
                             ConstMat previous, ConstMat dh, Mat dprevious, Mat ddegree, Mat da) {
  const Shape s = shape_of(ctx, out_edges, at.cols, h.cols / at.cols);
  launch_blocks(ctx, aero_propagate_backward_rows, s.blocks, out_edges, at, scale, h, previous, dh, dprevious,
                ddegree, da, s.lanes, s.share_rows);
}

void aero_score_gradients(Context& ctx, CsrView in, ConstMat at, ConstMat scale, ConstMat ddegree, Mat da) {
  launch(ctx, aero_score_gradients_rows, scale.rows * 8, in, at, scale, ddegree, da);
}

void aero_edges_backward(Context& ctx, CsrView edges, ConstMat z, Real decay, ConstMat w, ConstMat dv, Mat dz,
                         Mat partial) {
  const Shape s = shape_of(ctx, edges, w.rows, w.cols);
  launch_blocks(ctx, aero_edges_backward_rows, s.blocks, edges, z, decay, w, dv, dz, partial, s.lanes,
                s.share_rows);
}

void aero_symmetric_backward(Context& ctx, CsrView in, const EdgeOffset* reverse, ConstMat z, Real decay,
                             ConstMat w, ConstMat at, ConstMat scale, ConstMat ddegree, ConstMat da, Mat dz,
                             Mat partial) {
  const Shape s = shape_of(ctx, in, w.rows, w.cols);
  launch_blocks(ctx, aero_symmetric_backward_rows, s.blocks, in, reverse, z, decay, w, at, scale, ddegree, da,
                dz, partial, s.lanes, s.share_rows);
}

void aero_scores_backward(Context& ctx, CsrView in, ConstMat z, Real decay, ConstMat w,
                          ConstMat dtarget_score, ConstMat dsource_score, Mat dz, Mat partial) {
  const Shape s = shape_of(ctx, in, w.rows, w.cols / 2);
  launch_blocks(ctx, aero_scores_backward_rows, s.blocks, z, decay, w, dtarget_score, dsource_score, dz,
                partial, s.lanes);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
