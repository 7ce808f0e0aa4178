// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>

#include <gnn/kernels/cuda/block_rows.cuh>

// Sums over the edges of rows, whose parts are found by those that block_rows.cuh names. What they found meets in the order of the
// edges: the same bits every time.
namespace gnn::inline GNN_PRECISION::cuda {

/// Where blocks that share a row leave their sums, and count how many have. See CsrView's slots.
struct SharedRows {
  Real* sums = nullptr;
  unsigned* arrived = nullptr;
};

/// Memory for one launch with so many slices (blockIdx.y) and numbers a lane. A matrix whose parts are more than there are
/// counters is walked without: then a block has each long row. `rows` says so to the kernel.
inline Tensor share_rows(Context& ctx, CsrView& rows, std::size_t slices, std::size_t numbers, SharedRows& shared) {
  if (rows.num_slots * slices > CudaState::num_counters) {
    rows.parts = nullptr;
    rows.num_parts = rows.num_slots = 0;
    rows.longest_short = 0;
  }
  const Tensor memory = ctx.tensor(rows.num_slots * slices, numbers * 32);
  shared = {memory.data(), ctx.cuda().counters};
  return memory;
}

/// For warp 0: what all warps of the block have, lane by lane, by merge(sums, those of a later warp), half of the warps to the other
/// half until there is one. All threads call it.
template <class Sums, class Merge>
__device__ void meet_warps(Sums& sums, const Merge& merge) {
  constexpr unsigned n = sizeof(Sums) / sizeof(Real);
  __shared__ Real shared[n][warps_of_block / 2][32];
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  Real x[n];
#pragma unroll 1
  for (unsigned half = warps_of_block / 2; half > 0; half /= 2) {
    if (warp >= half && warp < 2 * half) {
      memcpy(x, &sums, sizeof sums);
#pragma unroll
      for (unsigned k = 0; k < n; ++k) shared[k][warp - half][lane] = x[k];
    }
    __syncthreads();
    if (warp < half) {
#pragma unroll
      for (unsigned k = 0; k < n; ++k) x[k] = shared[k][warp][lane];
      Sums other;
      memcpy(&other, x, sizeof other);
      merge(sums, other);
    }
    __syncthreads();
  }
}

/// How many have arrived before. What the caller has seen until here, all see who arrive after it, without full fences around the
/// addition.
__device__ inline unsigned arrive_in_order(unsigned* arrived) {
#ifdef __CUDA_ARCH__
  unsigned before;
  asm volatile("atom.add.acq_rel.gpu.global.u32 %0, [%1], 1;" : "=r"(before) : "l"(__cvta_generic_to_global(arrived)) : "memory");
  return before;
#else
  return atomicAdd(arrived, 1u);
#endif
}

/// Whether this block is the last one to bring its part of a row; its sums are those of all parts then. One warp calls it.
template <class Sums, class Merge>
__device__ bool meet_blocks(const SharedRows& shared, const RowPart& part, Sums& sums, const Merge& merge) {
  constexpr unsigned n = sizeof(Sums) / sizeof(Real);
  const unsigned lane = threadIdx.x % 32;
  const std::size_t first = std::size_t(part.slot) * gridDim.y + std::size_t(blockIdx.y) * part.parts;
  Real x[n];
  memcpy(x, &sums, sizeof sums);
#pragma unroll
  for (unsigned k = 0; k < n; ++k) shared.sums[((first + part.part) * n + k) * 32 + lane] = x[k];
  __syncwarp();
  unsigned before = 0;
  if (lane == 0) before = arrive_in_order(&shared.arrived[first]);
  if (__shfl_sync(~0u, before, 0) + 1 < part.parts) return false;
  if (lane == 0) shared.arrived[first] = 0;
  __syncwarp();
  constexpr unsigned at_once = n <= 4 ? 4 : 1;  // parts that are read together, as far as registers go
#pragma unroll 1
  for (unsigned k = 0; k < part.parts; k += at_once) {
    Real y[at_once][n];
#pragma unroll
    for (unsigned b = 0; b < at_once; ++b) {
      const std::size_t from = first + (k + b < part.parts ? k + b : k);
#pragma unroll
      for (unsigned m = 0; m < n; ++m) y[b][m] = __ldcg(&shared.sums[(from * n + m) * 32 + lane]);
    }
#pragma unroll
    for (unsigned b = 0; b < at_once; ++b) {
      Sums other;
      memcpy(&other, y[b], sizeof other);
      if (k + b == 0) {
        sums = other;
      } else if (k + b < part.parts) {
        merge(sums, other);
      }
    }
  }
  return true;
}

/// write(i, sums, part) for every row, by one warp, with what gather(i, edges) finds in all of its edges. Sums: a struct of
/// Reals, of which each lane has one. The part is the whole row, or one of several: then nobody knows which of their blocks
/// writes, and what depends on the block must not see it. Sums over rows need short rows that are dealt. All threads call it.
template <class Sums, ShortRows short_rows = ShortRows::handed_out, class Gather, class Merge, class Write>
__device__ void sum_rows(const CsrView& rows, const SharedRows& shared, const Gather& gather, const Merge& merge, const Write& write) {
  for_rows<short_rows>(rows, [&](const RowPart& part, EdgeRange range, bool together) {
    Sums sums = gather(std::size_t(part.row), range);
    bool writes = true;
    if (together) {
      meet_warps(sums, merge);
      writes = threadIdx.x < 32 && (part.parts == 1 || meet_blocks(shared, part, sums, merge));
    }
    if (writes) write(std::size_t(part.row), sums, part);
  });
}

/// Plain sums a lane, for sum_rows().
template <unsigned n>
struct PlainSums {
  Real x[n] = {};
};
struct AddSums {
  template <unsigned n>
  __device__ void operator()(PlainSums<n>& a, const PlainSums<n>& b) const {
#pragma unroll
    for (unsigned k = 0; k < n; ++k) a.x[k] += b.x[k];
  }
};

}  // namespace gnn::inline GNN_PRECISION::cuda
