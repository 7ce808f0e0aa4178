// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/cluster.cuh>
#include <gnn/kernels/cuda/gat_last.cuh>

// The second phase of gat_last.cu: attention of the targets, their logits, the loss and its gradient.
namespace gnn::inline GNN_PRECISION::cuda::last {

/// Some of a target's edges, two a lane: rows with more are rare.
struct EdgesIn {
  static constexpr unsigned most = 64;
  unsigned first, count;  // all of them
  NodeId source[2];
  std::uint32_t from[2], to;  // ids
  Real multiplier[2];

  __device__ EdgesIn(const GatLast& a, unsigned i)
      : first(unsigned(a.in_offsets[i])), count(unsigned(a.in_offsets[i + 1]) - first), source{0, 0}, from{0, 0}, to(0), multiplier{0, 0} {}
  // Those from `base` on.
  __device__ void take(const GatLast& a, const Place& p, unsigned base) {
#pragma unroll
    for (unsigned n = 0; n < 2; ++n) {
      const unsigned e = base + n * 32 + p.lane;
      source[n] = e < count ? a.in_columns[first + e] : 0;
    }
  }
  __device__ void find_ids(const GatLast& a, unsigned i) {
    to = a.ids ? unsigned(a.ids[i]) : i;
#pragma unroll
    for (unsigned n = 0; n < 2; ++n) from[n] = unsigned(a.ids && n * 32 < count ? a.ids[source[n]] : source[n]);
  }
  // Dropout's draws for them, which are kept for the way back.
  __device__ void draw_multipliers(const GatLast& a, const Memory& memory, const Place& p, std::uint32_t step, unsigned base) {
    multiplier[1] = 0;
#pragma unroll 1
    for (unsigned n = 0; n < 2 && base + n * 32 < count; ++n) {
      const unsigned e = base + n * 32 + p.lane;
      Real drawn = 1;
      if (a.attention_drop.threshold != 0 && e < count) {
        const std::uint32_t rank = a.rank ? a.rank[first + e] : 0;
        const uint4 words = draw(a, step, to, n == 0 ? from[0] : from[1], a.attention_drop.stream + (rank << 22));
        drawn = words.x >= a.attention_drop.threshold ? a.attention_drop.scale : Real(0);
      }
      if (e < count) memory.multipliers[first + e] = drawn;
      multiplier[0] = n == 0 ? drawn : multiplier[0];
      multiplier[1] = n == 1 ? drawn : multiplier[1];
    }
  }
};

/// What a target has found so far. Sums and positive ones: of the lane's class, over the edges of its group.
struct Row {
  Real most = -INFINITY, total = 0, positive_total = 0, sum = 0, positive = 0;

  __device__ void add(const GatLast& a, const Memory& memory, const Place& p, const EdgesIn& edges, unsigned base, Real to) {
    constexpr unsigned at_once = 2, side_by_side = 32 / most_classes, of_batch = at_once * side_by_side;
    const unsigned left = edges.count - base, group = p.lane / most_classes;
    const auto load = [&](unsigned k, Real (&x)[at_once]) {
#pragma unroll
      for (unsigned b = 0; b < at_once; ++b) {
        const NodeId node = __shfl_sync(~0u, k < 32 ? edges.source[0] : edges.source[1], int((k + b * side_by_side + group) % 32));
        x[b] = p.c < a.classes ? memory.value[unsigned(node) * a.classes + p.c] : Real(0);
      }
    };
    Real of_source[2], x[at_once], share[2], on_positive[2], u[2], logit[2];
#pragma unroll
    for (unsigned n = 0; n < 2; ++n) of_source[n] = memory.source_score[edges.source[n]];
    load(0, x);
#pragma unroll
    for (unsigned n = 0; n < 2; ++n) {
      u[n] = of_source[n] + to;
      logit[n] = n * 32 + p.lane < left ? leaky(u[n], a.slope) : -INFINITY;
    }
    const Real before = most;
    most = max_lanes<5>(logit[1] > logit[0] ? logit[1] : logit[0], 1, 32);
    most = before > most ? before : most;
    const Real down = base > 0 ? exp(before - most) : Real(0);
    total *= down;
    positive_total *= down;
    sum *= down;
    positive *= down;
#pragma unroll
    for (unsigned n = 0; n < 2; ++n) {
      const Real weight = exp(logit[n] - most);
      share[n] = weight * edges.multiplier[n];
      on_positive[n] = u[n] > 0 ? share[n] : Real(0);
      total += weight;
      positive_total += u[n] > 0 ? weight : Real(0);
    }
#pragma unroll 1
    for (unsigned k = 0; k < EdgesIn::most && k < left; k += of_batch) {
      Real next[at_once] = {};
      if (k + of_batch < left) load(k + of_batch, next);
#pragma unroll
      for (unsigned b = 0; b < at_once; ++b) {
        const int from = int((k + b * side_by_side + group) % 32);
        const Real s = __shfl_sync(~0u, k < 32 ? share[0] : share[1], from), on = __shfl_sync(~0u, k < 32 ? on_positive[0] : on_positive[1], from);
        const Real counted = s == 0 ? Real(0) : x[b];  // a row that does not count may hold NaN
        sum += s * counted;
        positive += on * counted;
        x[b] = next[b];
      }
    }
  }
};

/// The loss of y's row, of which each lane has a class, and its gradient.
__device__ inline Real loss_of_row(const GatLast& a, const Place& p, unsigned label, Real y, Losses& losses) {
  const bool has_class = p.c < a.classes;
  Real most = has_class ? y : -INFINITY;
  unsigned guess = p.c;
#pragma unroll
  for (unsigned step = 1; step < most_classes; step *= 2) {
    const Real other = __shfl_xor_sync(~0u, most, int(step));
    const unsigned of_other = __shfl_xor_sync(~0u, guess, int(step));
    const bool takes = other > most || (other == most && of_other < guess);
    most = takes ? other : most;
    guess = takes ? of_other : guess;
  }
  const Real power = has_class ? exp(y - most) : Real(0), sum = sum_over(power, 1 | 2 | 4), at_label = __shfl_sync(~0u, y, int(label));
  losses.loss += double(most - at_label) + double(log(sum));
  losses.hits += guess == label;
  return has_class ? (power / sum - Real(p.c == label)) / Real(a.targets) : Real(0);
}

/// The cluster's targets, each by a warp. Returns the lane's part of the bias's gradient.
__device__ inline Real attend(const GatLast& a, const Memory& memory, const Place& p, std::uint32_t step, EdgesIn& edges, Losses& losses) {
  const unsigned all_warps = warps * gridDim.x;
  const Real bias = p.c < a.classes ? a.bias[p.c] : Real(0);
  unsigned i = p.first_target();
  if (i < a.targets) edges.draw_multipliers(a, memory, p, step, 0);
  unsigned label = unsigned(a.labels[i < a.targets ? i : 0]);
  cluster_barrier();
  Real dbias = 0;
#pragma unroll 1
  while (i < a.targets) {
    const Real to = memory.targets[i].score;
    Row r;
#pragma unroll 1
    for (unsigned base = 0; base < edges.count; base += EdgesIn::most) {
      if (base > 0) {
        edges.take(a, p, base);
        edges.find_ids(a, i);
        edges.draw_multipliers(a, memory, p, step, base);
      }
      r.add(a, memory, p, edges, base, to);
    }
    const Real total = sum_over(r.total, 31), inverse = total > 0 ? 1 / total : total;  // 0 without edges, and NaN stays
    const Real mass = sum_over(r.positive_total, 31) * inverse;
    const Real out = sum_over(r.sum, 8 | 16) * inverse, positive = sum_over(r.positive, 8 | 16) * inverse, y = out + bias;
    const Real dy = loss_of_row(a, p, label, y, losses);
    const Real along = sum_over(dy * out, 1 | 2 | 4), along_positive = sum_over(dy * positive, 1 | 2 | 4);
    dbias += dy;
    if (p.lane < a.classes) {
      a.y[i * a.classes + p.c] = y;
      a.dy[i * a.classes + p.c] = dy;
    }
    if (p.lane == 0) {
      memory.targets[i] = {to, total > 0 ? r.most : Real(0), inverse, along};
      memory.dtarget_score[i] = (1 - a.slope) * (along_positive - along * mass);
    }
    i += all_warps;
    if (i >= a.targets) break;
    edges = EdgesIn(a, i);
    edges.take(a, p, 0);
    edges.find_ids(a, i);
    edges.draw_multipliers(a, memory, p, step, 0);
    label = unsigned(a.labels[i]);
  }
  return dbias;
}

}  // namespace gnn::inline GNN_PRECISION::cuda::last
