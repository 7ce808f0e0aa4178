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

/// Whether lanes take turns with the columns of a head: where their number keeps a lane from reading several at a time, and the
/// lanes' signs, in their order, take no more bytes than the channels'. That depends on the shape only, as the signs' places do.
__device__ inline bool columns_in_turn(const HeadLanes& s) {
  return (s.channels & (s.per - 1)) != 0 && s.lanes * s.per <= (s.channels + 7) / 8 * 8;
}

/// The same columns of the first head, for what all heads share.
__device__ inline LaneColumns in_first_head(const HeadLanes& s, const WarpPlace& p, LaneColumns c) {
  c.first -= (p.first_head + p.head) * s.channels;
  return c;
}

/// The signs of a lane's columns for one edge and head: column n of lane `part` is bit c % 8 of byte c / 8, c = part per + n.
template <unsigned per>
__device__ void store_signs(const WarpPlace& p, const LaneColumns& c, const HeadLanes& s, std::uint8_t* signs, unsigned bits, bool there) {
  static_assert(per <= 8);
  const unsigned first = p.part * per % 8, lanes_of_byte = s.lanes < 8 / per ? s.lanes : 8 / per;
  bits <<= first;
  for (unsigned step = 1; step < lanes_of_byte; step *= 2) bits |= __shfl_xor_sync(~0u, bits, int(step));
  if (there && first == 0 && c.count > 0) signs[p.part * per / 8] = std::uint8_t(bits);
}

/// `bits` moved up by one, below them whether x is less than zero: one instruction, where a comparison takes three.
__device__ inline unsigned add_sign(unsigned bits, float x) { return __funnelshift_l(__float_as_uint(x), bits, 1); }

template <unsigned per>
__device__ unsigned load_signs(const WarpPlace& p, const std::uint8_t* signs) {
  return unsigned(signs[p.part * per / 8]) >> (p.part * per % 8);
}

inline Signs signs_of(const PairAttentionState& state, ConstMat a) {
  return {state.positive, sign_bytes(a.rows, a.cols), (a.cols + 7) / 8};
}

}  // namespace gnn::inline GNN_PRECISION::cuda
