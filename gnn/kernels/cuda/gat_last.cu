// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gat_last.hpp>

#include <gnn/kernels/cuda/cluster.cuh>
#include <gnn/kernels/cuda/gat_last.cuh>

// Plan: one cluster of blocks, in which all of the layer's rows find room, goes through three phases with a barrier between them,
// where kernels of their own would each wait for a beginning and an end.
//
//   project    half a warp a node: a lane four columns of x, then a class
//   attend     a warp a target: a lane an edge, then four edges at once with eight lanes for the classes; softmax, loss, dy
//   send back  half a warp a source: a lane an edge, then two edges at once; dz, and with it dx and the node's part of dw
//
// A warp waits for memory above all, so what a phase needs that the one before does not make is there before the barrier: draws,
// which edges there are, and what the same lanes have made earlier. What a phase does need is read at once. Who has a row depends
// on sizes only.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

// Some of a target's edges, two a lane: rows with more are rare.
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

// The cluster's nodes, each by half a warp; on the way, the sources of the warp's first target arrive.
__device__ void project(const GatLast& a, const Memory& memory, const Place& p, std::uint32_t step, Weights& w, Kept& kept, Follows before, EdgesIn& edges) {
  const unsigned m = a.classes, of_round = p.rows_of_round();
  const bool for_target = p.q >= most_classes, has_class = p.c < m;
  const auto id_of = [&](unsigned j) { return j >= a.sources ? 0 : a.ids ? unsigned(a.ids[j]) : j; };
  unsigned id = id_of(p.first_row());
  const Real weight = Weights::load(a), vector = has_class ? (for_target ? a.target_vector : a.source_vector)[p.c] : Real(0);
  const Real *biases = for_target ? a.target_bias : a.source_bias, bias = biases ? *biases : Real(0);
  Masks masks;
  masks.draw_x(a, p, step, id);
  w.store(weight);
  __syncthreads();
  edges.take(a, p, 0);
  const unsigned own = p.first_row() < a.sources ? p.first_row() : a.sources - 1, t = threadIdx.x;
  const unsigned first = unsigned(a.out_offsets[own]), count = unsigned(a.out_offsets[own + 1]) - first;
  before.wait();
  before.start_next();  // this kernel has a few of the multiprocessors
#pragma unroll 1
  for (unsigned base = 0; base < a.sources; base += of_round) {
    const unsigned j = p.first_row() + base;
    const bool there = j < a.sources;
    Real x[of_lane], sum[most_classes] = {};
    load_four(a.x, a.width, p, there ? j : a.sources - 1, x);
    if (base == 0) edges.find_ids(a, p.first_target() < a.targets ? p.first_target() : 0);
    masks.draw_value(a, p, step, id);  // while x is on its way
#pragma unroll
    for (unsigned k = 0; k < of_lane; ++k) x[k] *= masks.of_x(a, k);
#pragma unroll
    for (unsigned n = 0; n < most_classes; ++n) {
      Real of_class[of_lane];
      w.read(p, n, of_class);
#pragma unroll
      for (unsigned k = 0; k < of_lane; ++k) sum[n] += x[k] * of_class[k];
    }
    // A lane gives its neighbour every other class, until eight lanes have one each.
#pragma unroll
    for (unsigned bit = 1; bit < most_classes; bit *= 2) {
      const bool upper = p.q & bit;
#pragma unroll
      for (unsigned n = 0; n < most_classes / 2 / bit; ++n) {
        const Real mine = upper ? sum[2 * n + 1] : sum[2 * n], others = upper ? sum[2 * n] : sum[2 * n + 1];
        sum[n] = mine + __shfl_xor_sync(~0u, others, int(bit));
      }
    }
    const Real z = sum_over(sum[0], 8), score = sum_over(z * vector, 1 | 2 | 4) + bias;
    if (there) {
      if (has_class) (for_target ? memory.value : memory.z)[j * m + p.c] = for_target ? z * masks.of_value(a) : z;
      if (p.q == 0) memory.source_score[j] = score;
      if (p.q == most_classes && j < a.targets) memory.targets[j].score = score;
    }
    if (base == 0) {
#pragma unroll
      for (unsigned k = 0; k < of_lane; ++k) kept.masked[t][k] = x[k];
      kept.z[t] = z;
      kept.score[t] = __shfl_sync(~0u, score, int(p.side * half));
      kept.masks[t] = masks.bits;
      kept.first[t] = first;
      kept.count[t] = count;
      kept.target[t] = p.q < count ? a.out_columns[first + p.q] : 0;
      kept.edge[t] = p.q >= count ? 0 : a.out_edge ? unsigned(a.out_edge[first + p.q]) : first + p.q;
    } else if (there) {
      memory.masks[j * half + p.q] = masks.bits;
    }
    if (base + of_round >= a.sources) break;
    id = id_of(j + of_round);
    masks.draw_x(a, p, step, id);
  }
}

// What a target has found so far. Sums and positive ones: of the lane's class, over the edges of its group.
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

// The loss of y's row, of which each lane has a class, and its gradient.
__device__ Real loss_of_row(const GatLast& a, const Place& p, unsigned label, Real y, Losses& losses) {
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

// The cluster's targets, each by a warp. Returns the lane's part of the bias's gradient.
__device__ Real attend(const GatLast& a, const Memory& memory, const Place& p, std::uint32_t step, EdgesIn& edges, Losses& losses) {
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

// A source, and some of its edges, one a lane of the half warp.
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

// The gradients of a source's score, and of its value of the lane's class.
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

// The cluster's sources, each by half a warp, and the block's pieces of what is summed up over them.
__device__ void send_back(const GatLast& a, const Memory& memory, const Place& p, const Weights& w, const Kept& kept, Real dbias, const Losses& losses) {
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

__global__ void __launch_bounds__(threads, 1) gat_last_cluster(Follows before, const __grid_constant__ GatLast a) {
  before.wait_later();
  __shared__ Weights w;
  __shared__ Kept kept;
  const Place p;
  const Memory memory(a);
  const std::uint32_t step = a.step_at ? *a.step_at : a.step;
  EdgesIn edges(a, p.first_target() < a.targets ? p.first_target() : 0);
  project(a, memory, p, step, w, kept, before, edges);
  Losses losses{0, 0};
  const Real dbias = attend(a, memory, p, step, edges, losses);
  send_back(a, memory, p, w, kept, dbias, losses);
}

}  // namespace

std::size_t bytes_of_last(std::size_t sources, std::size_t targets, std::size_t edges, std::size_t num_classes) {
  return Memory(nullptr, sources, targets, edges, num_classes).bytes;
}

bool gat_last_fits(Context& ctx, const CsrView& in, std::size_t width, std::size_t num_classes) {
  constexpr NodeId most_nodes = 2048;
  constexpr EdgeOffset most_edges = 8192;
  return ctx.cuda().starts_early && in.num_rows > 0 && in.num_columns <= most_nodes && in.num_edges <= most_edges && width % of_lane == 0 &&
         width <= widest && num_classes <= most_classes;
}

std::size_t num_last_pieces(Context& ctx) { return blocks_of_cluster(ctx, gat_last_cluster, most_blocks, threads); }

void gat_last(Context& ctx, const GatLast& layer, std::size_t pieces) { launch_cluster(ctx, gat_last_cluster, unsigned(pieces), threads, layer); }

}  // namespace gnn::inline GNN_PRECISION::cuda
