// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/head_lanes.cuh>
#include <gnn/kernels/gatv2_attention.hpp>

namespace gnn::inline GNN_PRECISION::cuda {

struct Signs {
  std::uint8_t* data;
  std::size_t bytes, bytes_of_head;  /// of one edge
  __device__ std::uint8_t* at(std::size_t edge, std::size_t head) const { return data + edge * bytes + head * bytes_of_head; }
};

/// Whether lanes take turns with the columns: where a head's number of channels keeps them from being read several at a time.
/// That depends on the shape only, as the place of a sign does.
__host__ __device__ inline bool columns_in_turn(const HeadLanes& s) { return (s.channels & (s.per - 1)) != 0 && s.lanes >= 8; }

/// The signs of a lane's columns for one edge and head: channel c is bit c % 8 of byte c / 8.
template <unsigned per>
__device__ void store_signs(const WarpPlace& p, const LaneColumns& c, const HeadLanes& s, std::uint8_t* signs, unsigned bits, bool there) {
  static_assert(per <= 8);
  if (columns_in_turn(s)) {
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      const unsigned all = __ballot_sync(~0u, bits >> n & 1), channel = n * s.lanes + p.part;
      if (there && p.part % 8 == 0 && channel < s.channels) signs[channel / 8] = std::uint8_t(all >> p.lane);
    }
    return;
  }
  const unsigned first = p.part * per % 8, lanes_of_byte = s.lanes < 8 / per ? s.lanes : 8 / per;
  bits <<= first;
  for (unsigned step = 1; step < lanes_of_byte; step *= 2) bits |= __shfl_xor_sync(~0u, bits, int(step));
  if (there && first == 0 && c.count > 0) signs[p.part * per / 8] = std::uint8_t(bits);
}

template <unsigned per>
__device__ unsigned load_signs(const WarpPlace& p, const LaneColumns& c, const HeadLanes& s, const std::uint8_t* signs) {
  if (!columns_in_turn(s)) return unsigned(signs[p.part * per / 8]) >> (p.part * per % 8);
  unsigned bits = 0;
#pragma unroll
  for (unsigned n = 0; n < per; ++n) {
    if (n < c.count) bits |= (unsigned(signs[(n * s.lanes + p.part) / 8]) >> (p.part % 8) & 1) << n;
  }
  return bits;
}

inline Signs signs_of(const PairAttentionState& state, ConstMat a) {
  return {state.positive, sign_bytes(a.rows, a.cols), (a.cols + 7) / 8};
}

}  // namespace gnn::inline GNN_PRECISION::cuda
