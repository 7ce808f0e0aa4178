// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/few_edges.cuh>
#include <gnn/kernels/cuda/four_edges.cuh>

namespace gnn::inline GNN_PRECISION::cuda {

/// few_edges.cuh for GATv2, whose logits are sums over the lanes of a head: up to 16 of a warp's edges, by fours as four_edges.cuh
/// says. Number (t, k) is edge k of a lane's group in turn t. `count`: how many edges the warp has; at least one.
template <class Lanes>
struct FewFours {
  static constexpr unsigned at_once = 16, groups = Lanes::groups, of_turn = four_edges * groups, turns = at_once / of_turn;

  unsigned base, count;
  NodeId other;  ///< of the edge that is the lane's number, modulo 16

  __device__ FewFours(const WarpPlace& p, const NodeId* columns, unsigned base_, unsigned count_) : base(base_), count(count_) {
    const unsigned e = base + p.lane % at_once;
    other = columns[e < count ? e : count - 1];
  }
  __device__ static unsigned edge(const WarpPlace& p, unsigned t, unsigned k) { return (t * four_edges + k) * groups + p.group; }
  __device__ static unsigned own_edge(const WarpPlace& p, unsigned t) { return edge(p, t, edge_of_lane()); }
  __device__ bool there(unsigned e) const { return base + e < count; }
  /// Whether a turn has an edge at all; the same for all lanes.
  __device__ bool has_turn(unsigned t) const { return base + t * of_turn < count; }
  /// The other end of an edge; of one that is not there, that of one that is. All lanes of the warp call it.
  __device__ NodeId node(unsigned e) const { return __shfl_sync(~0u, other, int(e)); }

  template <unsigned per>
  struct Features {
    Real x[turns][four_edges][per];
  };
  template <unsigned per>
  __device__ void load(const WarpPlace& p, const LaneColumns& c, const ConstMat& from, Features<per>& f) const {
#pragma unroll
    for (unsigned t = 0; t < turns; ++t) {
      if (!has_turn(t)) continue;
#pragma unroll
      for (unsigned k = 0; k < four_edges; ++k) load_row(from, c, node(edge(p, t, k)), f.x[t][k]);
    }
  }

  /// Dropout's multipliers of the lanes' own edges and heads, which are not frozen; see FewEdges.
  template <class Ends>
  __device__ void multipliers(const WarpPlace& p, const Dropout& d, const CsrView& rows, std::size_t first, const Ends& ends,
                              Real (&m)[turns]) const {
#pragma unroll
    for (unsigned t = 0; t < turns; ++t) m[t] = 1;
    if (d.threshold == 0) return;
    constexpr unsigned fours = Lanes::heads < 4 ? 1 : Lanes::heads / 4;  // draws of an edge
    static_assert(at_once * fours <= 32);
    const unsigned drawn = p.lane / fours % at_once;
    const auto [target, source] = ends(node(drawn));
    const std::size_t place = first + (there(drawn) ? base + drawn : count - 1);
    const unsigned kept = kept_words(d, words_at(d, edge_address(d, rows, place, target, source, p.lane % fours)));
#pragma unroll
    for (unsigned t = 0; t < turns; ++t) {
      const unsigned of_edge = __shfl_sync(~0u, kept, int(own_edge(p, t) * fours + p.head / 4));
      m[t] = of_edge >> p.head % 4 & 1 ? d.scale : Real(0);
    }
  }

  /// The largest of the lanes' own edges and groups, and the sum, for each head.
  __device__ static Real largest(Real x) {
    x = max_lanes<Lanes::unroll>(x, 1, four_edges);
    return max_lanes<Lanes::unroll>(x, Lanes::heads * Lanes::lanes, 32);
  }
  __device__ static Real sum(Real x) {
    x = sum_lanes<Lanes::unroll>(x, 1, four_edges);
    return sum_lanes<Lanes::unroll>(x, Lanes::heads * Lanes::lanes, 32);
  }
};

/// A lane's columns, and those it reads where it has none.
template <unsigned per, class Lanes>
struct FewColumns {
  LaneColumns own, read;
  __device__ FewColumns(const Lanes& lanes, const WarpPlace& p) : own(lanes, p, Lanes::heads, per, false), read(own) {
    if (own.count == 0) read.first = 0;
  }
  __device__ bool writes(const WarpPlace& p) const { return p.group == 0 && own.count > 0; }
  /// Numbers of a row, or zeros without columns.
  __device__ void load(const Real* from, Real (&x)[per]) const {
    load_columns<true>(from, read, x);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) x[n] = own.count > 0 ? x[n] : Real(0);
  }
};

/// Calls work(per, lanes) with constants for the shapes of few_edges.cuh; false when it is none of them. whole: see whole_packs().
template <class Work>
bool with_few_lanes(const HeadLanes& s, const CsrView& rows, std::size_t heads, bool whole, const Work& work) {
  bool done = false;
  with_columns_and_any_walk(s, rows, heads, whole, [&](auto per, auto, auto walk) {
    if constexpr (has_few_edges<decltype(walk)>) {
      work(per, std::type_identity<typename decltype(walk)::Lanes>());
      done = true;
    }
  });
  return done;
}

}  // namespace gnn::inline GNN_PRECISION::cuda
