// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/row_sums.cuh>

// A small graph's rows, of which a warp has one with a few edges. Such a warp waits for nothing but its own instructions, one
// behind the other, so there are few: the lanes are constants, edges that are not there read the last one's numbers in place of
// a branch, features are under way before the attention is looked at, and four heads share a draw.
namespace gnn::inline GNN_PRECISION::cuda {

/// HeadLanes as constants, for all heads of a layer at once.
template <unsigned lanes_, unsigned heads_>
struct FixedHeadLanes {
  static constexpr unsigned lanes = lanes_, heads = heads_, groups = 32 / (lanes * heads), unroll = 5;
  static constexpr unsigned lane_bits = bits_of(lanes), head_bits = bits_of(heads), slots = 32 / heads;
  unsigned channels;

  __device__ explicit FixedHeadLanes(const HeadLanes& s) : channels(s.channels) {}
  __device__ static constexpr unsigned first_head() { return 0; }
  __device__ static constexpr unsigned num_heads(std::size_t) { return heads; }
};

/// A lane's columns of a node's row, side by side. In bytes, an address is one multiplication and addition.
template <unsigned per>
__device__ inline void load_row(const ConstMat& from, const LaneColumns& c, NodeId node, Real (&x)[per]) {
  const char* begin = reinterpret_cast<const char*>(from.data + c.first);
  const Pack<per> pack = *reinterpret_cast<const Pack<per>*>(begin + std::size_t(unsigned(node)) * unsigned(from.stride * sizeof(Real)));
#pragma unroll
  for (unsigned n = 0; n < per; ++n) x[n] = pack.x[n];
}

struct EdgeEnds {
  std::size_t target, source;
};

/// Some of a warp's edges, as many as all slots see in Walk::steps. `count`: how many the warp has; at least one.
template <class Walk>
struct FewEdges {
  using Lanes = typename Walk::Lanes;
  static constexpr unsigned steps = Walk::steps, slots = Lanes::slots, heads = Lanes::heads;
  static constexpr unsigned side_by_side = Walk::turn * Lanes::groups, turns = slots / side_by_side;  // in a step

  const NodeId* columns;
  unsigned base, count;
  NodeId node[steps];  ///< the other ends of the slots' edges

  __device__ FewEdges(const WarpPlace& p, const NodeId* columns_, unsigned base_, unsigned count_)
      : columns(columns_), base(base_), count(count_) {
#pragma unroll
    for (unsigned k = 0; k < steps; ++k) node[k] = node_at(k * slots + p.slot_edge);
  }
  __device__ NodeId node_at(unsigned e) const { return columns[base + e < count ? base + e : count - 1]; }
  /// Whether the slot's edge is there.
  __device__ bool there(const WarpPlace& p, unsigned k) const { return base + k * slots + p.slot_edge < count; }
  /// Whether any edge of a turn is; the same for all lanes.
  __device__ bool has_turn(unsigned k, unsigned t) const { return base + k * slots + t * side_by_side < count; }
  /// Where edge b of a lane's group in a turn was looked at: the slot of head 0.
  __device__ static unsigned slot_of(const WarpPlace& p, unsigned t, unsigned b) {
    return (t * side_by_side + b * Lanes::groups + p.group) * heads;
  }

  /// The other end of edge b of a lane's group in a turn. All lanes of the warp call it.
  __device__ NodeId node_of(const WarpPlace& p, unsigned k, unsigned t, unsigned b) const {
    return __shfl_sync(~0u, node[k], int(slot_of(p, t, b)));
  }
  template <unsigned per>
  struct Features {
    Real x[steps][turns][Walk::turn][per];
  };
  template <unsigned per>
  __device__ void load(const WarpPlace& p, const LaneColumns& c, const ConstMat& from, Features<per>& f) const {
#pragma unroll
    for (unsigned k = 0; k < steps; ++k) {
#pragma unroll
      for (unsigned t = 0; t < turns; ++t) {
        if (!has_turn(k, t)) continue;
#pragma unroll
        for (unsigned b = 0; b < Walk::turn; ++b) {
          load_row(from, c, node_of(p, k, t, b), f.x[k][t][b]);
        }
      }
    }
  }

  /// use(s, x) for the edges that are there: what their slots found, and their features.
  template <unsigned per, class Use>
  __device__ void visit(const WarpPlace& p, const Real (&found)[steps], const Features<per>& f, const Use& use) const {
#pragma unroll
    for (unsigned k = 0; k < steps; ++k) {
#pragma unroll
      for (unsigned t = 0; t < turns; ++t) {
        if (!has_turn(k, t)) continue;
#pragma unroll
        for (unsigned b = 0; b < Walk::turn; ++b) {
          const Real s = __shfl_sync(~0u, found[k], int(slot_of(p, t, b) + p.head));
          Real x[per];  // a row that does not count may hold NaN
#pragma unroll
          for (unsigned n = 0; n < per; ++n) x[n] = s == 0 ? Real(0) : f.x[k][t][b][n];
          use(s, x);
        }
      }
    }
  }

  /// Dropout's multipliers of the slots' edges and heads. `first`: the place of the warp's first edge; ends(node): the target and
  /// the source of an edge with that other end.
  template <class Ends>
  __device__ void multipliers(const WarpPlace& p, const Dropout& d, const CsrView& rows, std::size_t first, const Ends& ends,
                              Real (&m)[steps]) const {
    if (d.frozen || d.threshold == 0) {
#pragma unroll
      for (unsigned k = 0; k < steps; ++k) {
        const std::size_t e = first + base + k * slots + p.slot_edge;
        m[k] = d.frozen && there(p, k) ? d.frozen[edge_at(rows, e) * heads + p.slot_head] : Real(1);
      }
      return;
    }
    constexpr unsigned fours = heads < 4 ? 1 : heads / 4;  // draws of an edge
    static_assert(steps * slots * fours == 32);            // one a lane
    const unsigned own = p.lane / fours;
    const auto [target, source] = ends(node_at(own));
    const std::size_t place = first + (base + own < count ? base + own : count - 1);
    const unsigned kept = kept_words(d, words_at(d, edge_address(d, rows, place, target, source, p.lane % fours)));
#pragma unroll
    for (unsigned k = 0; k < steps; ++k) {
      const unsigned of_edge = __shfl_sync(~0u, kept, int((k * slots + p.slot_edge) * fours + p.slot_head / 4));
      m[k] = of_edge >> p.slot_head % 4 & 1 ? d.scale : Real(0);
    }
  }
};

/// Whether a kernel's Walk is one for few edges. Its rows are ShortRows::dealt_by_list then.
template <class Walk>
inline constexpr bool has_few_edges = Walk::Lanes::unroll > 1;

/// Whether a matrix has a list of its long rows, which share_rows() will keep.
inline bool has_list(const CsrView& rows) { return rows.longest_short > 0 && rows.num_slots <= CudaState::num_counters; }

/// with_columns_and_walk(), and such walks for what most layers in small graphs have: eight heads of eight channels, and one head
/// of as many channels as there are classes.
template <class Work>
void with_columns_and_any_walk(const HeadLanes& s, const CsrView& rows, std::size_t heads, bool whole, const Work& work) {
  if (!has_list(rows)) return with_columns_and_walk(s, whole, work);
  if (s.per == 2 && s.lanes == 4 && s.heads == 8 && heads == 8 && s.channels == 8 && whole)
    return work(std::integral_constant<unsigned, 2>(), std::true_type(), Walk<4, 4, false, FixedHeadLanes<4, 8>>());
  if (s.per == 1 && s.lanes == 8 && s.heads == 1 && heads == 1)
    return work(std::integral_constant<unsigned, 1>(), std::true_type(), Walk<1, 4, false, FixedHeadLanes<8, 1>>());
  with_columns_and_walk(s, whole, work);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
