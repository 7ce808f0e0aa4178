// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/links.hpp>

#include <gnn/kernels/cuda/block_rows.cuh>
#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/supergat_rows.hpp>

// Plan: a thread draws a pair. They are sorted in sort_pairs.cu, and the loss over them is in link_loss.cu. What edges draw is drawn
// by the lanes of a row's warp, each of which makes the words of one address.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__device__ bool has_edge(const CsrView& rows, NodeId i, NodeId j) {
  EdgeRange range = edges_of(rows, std::size_t(i));
  // Halves while the row is long, then eight at a time, whose loads do not wait for each other.
  constexpr unsigned at_once = 8;
  while (rows.ascending && range.last - range.first > at_once) {
    const std::size_t middle = (range.first + range.last) / 2;
    if (rows.columns[middle] <= j) {
      range.first = middle;
    } else {
      range.last = middle;
    }
  }
  for (std::size_t first = range.first; first < range.last; first += at_once) {
    bool found = false;
#pragma unroll
    for (unsigned k = 0; k < at_once; ++k) found |= first + k < range.last && rows.columns[first + k] == j;
    if (found) return true;
  }
  return false;
}

// A number in [0, n) for a word, each as likely as any other to 2^-32 n.
__device__ std::size_t scaled(std::uint32_t word, std::size_t n) {
  return std::size_t((std::uint64_t(word) * n) >> 32);
}

__device__ uint4 draw_words(const Dropout& d, std::size_t k, NodeId first_id, std::uint32_t call) {
  return philox_words(make_uint4(std::uint32_t(k), std::uint32_t(first_id), d.stream + (call << 12), step_of(d)),
                      std::uint32_t(d.seed), std::uint32_t(d.seed >> 32));
}

__global__ void draw_pairs(Follows before, CsrView in, CsrView out, PairSpace space, Dropout draw, std::size_t count,
                           NodeId* target, NodeId* source) {
  before.wait();
  const std::size_t k = thread_index();
  if (k >= count) return;
  if (space.non_edges) {
    const std::size_t pick = scaled(draw_words(draw, k, space.first_id, 0).x, space.num_non_edges);
    target[k] = space.non_edges[2 * pick];
    source[k] = space.non_edges[2 * pick + 1];
    return;
  }
  const std::size_t nodes = std::size_t(space.num_nodes);
  uint4 words = {};
  for (std::uint32_t t = 0;; ++t) {
    if (t % 2 == 0) words = draw_words(draw, k, space.first_id, t / 2);
    const NodeId i = space.first_node + NodeId(scaled(t % 2 == 0 ? words.x : words.z, nodes));
    const NodeId j = space.first_node + NodeId(scaled(t % 2 == 0 ? words.y : words.w, nodes));
    if (i == j || has_edge(in, i, j) || has_edge(out, i, j)) continue;
    target[k] = i;
    source[k] = j;
    return;
  }
}

// multipliers and kept as draw_edges() leaves them; an edge has an address for each four heads, and one for its coin.
__global__ void draw_edge_rows(Follows before, CsrView in, Dropout attention, Dropout coins, Mat multipliers, Mat kept) {
  before.wait();
  const unsigned heads = unsigned(multipliers.cols), fours = multipliers.data ? (heads + 3) / 4 : 0, addresses = fours + (kept.data ? 1 : 0);
  for_rows<ShortRows::handed_out>(in, [&](const RowPart& part, EdgeRange range, bool) {
    const std::size_t i = std::size_t(part.row);
    const unsigned count = unsigned(range.last - range.first) * addresses;
    for (unsigned k = threadIdx.x % 32; k < count; k += 32) {
      const std::size_t e = range.first + k / addresses, j = std::size_t(in.columns[e]);
      const unsigned four = k % addresses;
      if (four == fours) {
        kept.data[e] = edge_multiplier(coins, in, e, i, j, 0, 1) > 0 ? Real(1) : Real(0);
        continue;
      }
      const uint4 words = words_at(attention, edge_address(attention, in, e, i, j, four));
#pragma unroll
      for (unsigned n = 0; n < 4; ++n) {
        if (4 * four + n < heads) row(multipliers, e)[4 * four + n] = multiplier_of(attention, words, n);
      }
    }
  });
}

}  // namespace

void draw_edges(Context& ctx, CsrView in, Dropout attention, Dropout coins, Mat multipliers, Mat kept) {
  if (!multipliers.data && !kept.data) return;
  launch_blocks(ctx, draw_edge_rows, dim3(unsigned(num_row_blocks(in))), in, attention, coins, multipliers, kept);
}

void draw_non_edges(Context& ctx, CsrView in, CsrView out, PairSpace space, Dropout draw, std::size_t count,
                    NodeId* target, NodeId* source) {
  launch(ctx, draw_pairs, count, in, out, space, draw, count, target, source);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
