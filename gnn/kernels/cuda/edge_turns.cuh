// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/row_sums.cuh>

namespace gnn::inline GNN_PRECISION::cuda {

/// The edges from `base` to `last` that a warp has looked at in walk.steps times its slots: what each slot found, and its edge's
/// other end. Calls use(found, x) for turns of walk.turn edges a group, with `found` as the columns see it and x the edge's row
/// of `features`; all loads of a turn are under way before the first one is used. An edge that found 0 reads nothing.
template <unsigned per, bool whole, class Walk, class Use>
__device__ void for_turns(const HeadLanes& shape, const WarpPlace& p, const LaneColumns& c, const ConstMat& features,
                          std::size_t base, std::size_t last, const Real (&found)[Walk::steps], const NodeId (&node)[Walk::steps],
                          const Use& use) {
  constexpr unsigned edges = Walk::turn;
  const unsigned slots = shape.slots();
  Real s[edges], x[edges][per];
  NodeId from[edges];
  const auto turn = [&] {
#pragma unroll
    for (unsigned b = 0; b < edges; ++b) {
      if (s[b] == 0 || c.count == 0) {
#pragma unroll
        for (unsigned n = 0; n < per; ++n) x[b][n] = 0;
      } else {
        load_columns<whole>(row_of(features, from[b]), c, x[b]);
      }
    }
    use(s, x);
  };
  if constexpr (Walk::in_steps) {
    static_assert(Walk::steps == edges);
#pragma unroll 1
    for (unsigned q = 0; q < slots && base + q < last; q += shape.groups) {
      const unsigned slot = (q + p.group) * shape.heads;
#pragma unroll
      for (unsigned b = 0; b < edges; ++b) {
        s[b] = __shfl_sync(~0u, found[b], int(slot + p.head));
        from[b] = __shfl_sync(~0u, node[b], int(slot));
      }
      turn();
    }
  } else {
#pragma unroll
    for (unsigned k = 0; k < Walk::steps; ++k) {
#pragma unroll 1
      for (unsigned q = 0; q < slots && base + k * slots + q < last; q += edges * shape.groups) {
#pragma unroll
        for (unsigned b = 0; b < edges; ++b) {
          const unsigned slot = (q + b * shape.groups + p.group) * shape.heads;
          s[b] = __shfl_sync(~0u, found[k], int(slot + p.head));
          from[b] = __shfl_sync(~0u, node[k], int(slot));
        }
        turn();
      }
    }
  }
}

}  // namespace gnn::inline GNN_PRECISION::cuda
