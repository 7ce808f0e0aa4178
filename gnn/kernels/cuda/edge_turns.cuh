// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/row_sums.cuh>

namespace gnn::inline GNN_PRECISION::cuda {

/// The edges from `base` to `last` that a warp has looked at in Walk::steps times its slots: what each slot found, and its edge's
/// other end. Calls use(found, x) for turns of Walk::turn edges a group, with `found` as the columns see it and x the edge's row
/// of `features`; all loads of a turn are under way before the first one is used. find() fills in `found`. Where an edge that
/// found 0 may well be one of many, `eager` is false, and such an edge reads nothing; else the first turn's features are under
/// way while the slots find, which takes more registers: may_be_eager says that there are enough.
template <unsigned per, bool whole, bool may_be_eager, class Walk, class Find, class Use>
__device__ void for_turns(const HeadLanes& shape, const WarpPlace& p, const LaneColumns& c, const ConstMat& features, unsigned base,
                          unsigned last, bool wants_eager, const Real (&found)[Walk::steps], const NodeId (&node)[Walk::steps],
                          const Find& find, const Use& use) {
  constexpr unsigned edges = Walk::turn;
  const bool eager = may_be_eager && wants_eager;
  const unsigned slots = shape.slots();
  Real s[edges], x[edges][per];
  NodeId from[edges];
  // step_of(b), slot_of(b): where edge b of the turn was looked at.
  const auto turn = [&](bool first, const auto& step_of, const auto& slot_of) {
#pragma unroll
    for (unsigned b = 0; b < edges; ++b) {
      from[b] = __shfl_sync(~0u, node[step_of(b)], int(slot_of(b)));
      s[b] = eager ? Real(1) : __shfl_sync(~0u, found[step_of(b)], int(slot_of(b) + p.head));
    }
    // Loads follow on one another, without a shuffle between them.
#pragma unroll
    for (unsigned b = 0; b < edges; ++b) {
      if (s[b] == 0 || (may_be_eager && from[b] < 0) || c.count == 0) {
#pragma unroll
        for (unsigned n = 0; n < per; ++n) x[b][n] = 0;
      } else {
        load_columns<whole>(row_of(features, from[b]), c, x[b]);
      }
    }
    if (eager) {
      if (first) find();
#pragma unroll
      for (unsigned b = 0; b < edges; ++b) s[b] = __shfl_sync(~0u, found[step_of(b)], int(slot_of(b) + p.head));
    }
    use(s, x);
  };
  if (!eager) find();
  if constexpr (Walk::in_steps) {
    static_assert(Walk::steps == edges);
#pragma unroll 1
    for (unsigned q = 0; q < slots && base + q < last; q += shape.groups) {
      turn(q == 0, [](unsigned b) { return b; }, [&](unsigned) { return (q + p.group) * shape.heads; });
    }
  } else {
#pragma unroll
    for (unsigned k = 0; k < Walk::steps; ++k) {
#pragma unroll 1
      for (unsigned q = 0; q < slots && base + k * slots + q < last; q += edges * shape.groups) {
        turn(k == 0 && q == 0, [k](unsigned) { return k; },
             [&](unsigned b) { return (q + b * shape.groups + p.group) * shape.heads; });
      }
    }
  }
}

}  // namespace gnn::inline GNN_PRECISION::cuda
