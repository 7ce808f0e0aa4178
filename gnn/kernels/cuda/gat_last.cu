// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gat_last.hpp>

#include <gnn/kernels/cuda/gat_last_attend.cuh>
#include <gnn/kernels/cuda/gat_last_back.cuh>

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

using namespace last;

// The cluster's nodes, each by half a warp; on the way, the sources of the warp's first target arrive.
__device__ void project(const GatLast& a, const Memory& memory, const Place& p, std::uint32_t step, Weights& w, Kept& kept, Follows before,
                        EdgesIn& edges) {
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

void gat_last(Context& ctx, const GatLast& layer, std::size_t pieces) {
  launch_grid(ctx, gat_last_cluster, Grid{dim3(unsigned(pieces)), threads, 0, true}, layer);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
