// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/cluster.cuh>
#include <gnn/kernels/cuda/gat_last.cuh>

// The third phase of gat_last.cu: from the gradients of logits to those of x and of the parameters.
namespace gnn::inline GNN_PRECISION::cuda::last {

/// A source, and some of its edges, one a lane of the half warp.
struct Source {
  Real masked[of_lane], z, score;
  Masks masks;
  unsigned first, count;  // of all edges
  NodeId target;
  unsigned edge;  // its place in the rows by target

  __device__ explicit Source(const Kept& kept)
      : z(kept.z[threadIdx.x]), score(kept.score[threadIdx.x]), masks(kept.masks[threadIdx.x]), first(kept.first[threadIdx.x]),
        count(kept.count[threadIdx.x]), target(kept.target[threadIdx.x]), edge(kept.edge[threadIdx.x]) {
    load_columns<true>(kept.masked[threadIdx.x], LaneColumns(0, of_lane), masked);
  }
  __device__ Source(const GatLast& a, const Memory& memory, const Place& p, unsigned j)
      : z(p.c < a.classes ? memory.z[j * a.classes + p.c] : Real(0)), score(memory.source_score[j]), masks(memory.masks[j * half + p.q]),
        first(unsigned(a.out_offsets[j])), count(unsigned(a.out_offsets[j + 1]) - first) {
    load_four(a.x, a.width, p, j, masked);
#pragma unroll
    for (unsigned k = 0; k < of_lane; ++k) masked[k] *= masks.of_x(a, k);
    take(a, p, 0);
  }
  __device__ void take(const GatLast& a, const Place& p, unsigned base) {
    target = 0;
    edge = 0;
    if (base + p.q >= count) return;
    target = a.out_columns[first + base + p.q];
    edge = a.out_edge ? unsigned(a.out_edge[first + base + p.q]) : first + base + p.q;
  }
};

/// The gradients of a source's score, and of its value of the lane's class.
struct Sent {
  Real score = 0, value = 0;

  __device__ void add(const GatLast& a, const Memory& memory, const Place& p, const Source& from, unsigned base, Real own_value) {
    constexpr unsigned at_once = 2, side_by_side = half / most_classes;
    const unsigned left = from.count > base ? from.count - base : 0, of_other = __shfl_xor_sync(~0u, left, int(half));
    const auto slot = [&](unsigned k, unsigned b) { return int(p.side * half + (k + b * side_by_side + p.q / most_classes) % half); };
    const auto load = [&](unsigned k, Real (&d)[at_once]) {
#pragma unroll
      for (unsigned b = 0; b < at_once; ++b) {
        const NodeId node = __shfl_sync(~0u, from.target, slot(k, b));
        d[b] = p.c < a.classes ? a.dy[unsigned(node) * a.classes + p.c] : Real(0);
      }
    };
    const Target t = memory.targets[from.target];
    const Real multiplier = memory.multipliers[from.edge];
    Real d[at_once];
    load(0, d);
    const Real u = from.score + t.score, derivative = u > 0 ? Real(1) : a.slope;
    const Real alpha = p.q < left ? exp(u * derivative - t.most) * t.inverse : Real(0), share = p.q < left ? alpha * multiplier : Real(0);
    score -= alpha * derivative * t.along;
#pragma unroll 1
    for (unsigned k = 0; k < half && (k < left || k < of_other); k += at_once * side_by_side) {
      Real next[at_once] = {};
      if (k + at_once * side_by_side < left || k + at_once * side_by_side < of_other) load(k + at_once * side_by_side, next);
#pragma unroll
      for (unsigned b = 0; b < at_once; ++b) {
        const Real s = __shfl_sync(~0u, share, slot(k, b)), v = __shfl_sync(~0u, derivative, slot(k, b)) * s;
        const Real counted = s == 0 ? Real(0) : d[b];
        value += s * counted;
        score += v * counted * own_value;
        d[b] = next[b];
      }
    }
  }
};

/// The cluster's sources, each by half a warp, and the block's pieces of what is summed up over them.
__device__ inline void send_back(const GatLast& a, const Memory& memory, const Place& p, const Weights& w, const Kept& kept, Real dbias,
                                 const Losses& losses) {
  __shared__ BlockSums sums;
  const unsigned of_round = p.rows_of_round();
  const Real source_vector = p.c < a.classes ? a.source_vector[p.c] : Real(0), target_vector = p.c < a.classes ? a.target_vector[p.c] : Real(0);
  const auto row_at = [&](unsigned j) { return j < a.sources ? j : a.sources - 1; };
  sums.leave(memory, p, dbias, losses);
  cluster_barrier();
  sums.finish_losses(a, memory);
  Source from(kept);
  Real of_thread = 0;
#pragma unroll 1
  for (unsigned begin = 0; begin < a.sources; begin += of_round) {
    const unsigned j = p.first_row() + begin;
    const bool there = j < a.sources;
    const Real of_value = p.c < a.classes ? from.masks.of_value(a) : Real(0), dt = there && j < a.targets ? memory.dtarget_score[j] : Real(0);
    Sent sent;
    const unsigned other_count = __shfl_xor_sync(~0u, from.count, int(half));
#pragma unroll 1
    for (unsigned base = 0; base < from.count || base < other_count; base += half) {
      if (base > 0) from.take(a, p, base);
      sent.add(a, memory, p, from, base, of_value * from.z);
    }
    const Real dscore = sum_over(sent.score, half - 1), of_edges = sum_over(sent.value, 8);
    const Real dz = there ? of_value * of_edges + dscore * source_vector + dt * target_vector : Real(0);
    Real dx[of_lane] = {};
#pragma unroll
    for (unsigned n = 0; n < most_classes; ++n) {
      const Real d = __shfl_sync(~0u, dz, int(p.side * half + n));
      Real of_class[of_lane];
      w.read(p, n, of_class);
#pragma unroll
      for (unsigned k = 0; k < of_lane; ++k) dx[k] += d * of_class[k];
    }
#pragma unroll
    for (unsigned k = 0; k < of_lane; ++k) dx[k] *= from.masks.of_x(a, k);
    if (there && p.q * of_lane < a.width) store_columns<true>(a.dx + std::size_t(j) * a.width, LaneColumns(p.q * of_lane, of_lane), dx);
    if (begin > 0) __syncthreads();  // the round before has been read
    sums.add_round(a, p, from.masked, from.z, dz, there ? dscore : Real(0), dt, of_thread);
    if (begin + of_round < a.sources) from = Source(a, memory, p, row_at(j + of_round));
  }
  sums.write(a, of_thread);
}

}  // namespace gnn::inline GNN_PRECISION::cuda::last
