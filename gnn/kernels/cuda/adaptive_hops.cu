// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/adaptive_hops.hpp>

#include <gnn/kernels/cuda/head_lanes.cuh>

// Plan: a warp owns a row. It is cut into groups of as many lanes as there are channels, up to 32; the groups
// take turns with the row's edges, and their sums meet in a fixed order. Rows are targets forward and sources
// backward.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned warp = 32;

// The warp's share of a row: lanes of a group have a channel each, groups every groups-th edge.
struct RowWarp {
  std::size_t row;
  unsigned lanes, lane, group, groups;

  __device__ explicit RowWarp(unsigned lanes_)
      : row(thread_index() / warp),
        lanes(lanes_),
        lane(threadIdx.x % warp % lanes_),
        group(threadIdx.x % warp / lanes_),
        groups(warp / lanes_) {}

  // The sum over the row's edges of a x[column, c], for every group.
  __device__ Real weighted_sum(const CsrView& rows, const Real* a, const ConstMat& x, std::size_t c) const {
    const EdgeRange range = edges_of(rows, row);
    Real sum = 0;
    if (c < x.cols) {
      // All loads of a turn are under way before the first one is used.
      constexpr unsigned at_once = 8;
      for (std::size_t e = range.first + group; e < range.last; e += at_once * groups) {
        Real weight[at_once], other[at_once];
#pragma unroll
        for (unsigned k = 0; k < at_once; ++k) {
          const std::size_t at = e + k * groups;
          weight[k] = at < range.last ? a[edge_at(rows, at)] : Real(0);
          other[k] = at < range.last ? cuda::row(x, std::size_t(rows.columns[at]))[c] : Real(0);
        }
#pragma unroll
        for (unsigned k = 0; k < at_once; ++k) sum += weight[k] * other[k];
      }
    }
    for (unsigned step = lanes; step < warp; step *= 2) sum += __shfl_xor_sync(~0u, sum, int(step));
    return sum;
  }
};

__device__ Real sigmoid(Real x) {
  return 1 / (1 + exp(-x));
}

__global__ void retain_rows(Follows before, ConstMat h, ConstMat w, ConstMat b, Mat score, Mat out, unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t i = group.index();
  if (i >= h.rows) return;
  const Real s = sigmoid(dot_product(group, row(h, i), w.data, h.cols) + b.data[0]);
  for (std::size_t c = group.lane; c < h.cols; c += lanes) row(out, i)[c] = s * row(h, i)[c];
  if (group.lane == 0) score.data[i] = s;
}

__global__ void adaptive_hop_rows(Follows before, CsrView in, ConstMat a, ConstMat h, ConstMat w, ConstMat b, Mat y, Mat score,
                                  Mat out, unsigned lanes) {
  before.wait();
  const RowWarp own(lanes);
  if (own.row >= y.rows) return;
  Real dot = 0;
  for (std::size_t begin = 0; begin < y.cols; begin += lanes) {
    const std::size_t c = begin + own.lane;
    const Real sum = own.weighted_sum(in, a.data, h, c);
    if (c >= y.cols) continue;
    dot += w.data[c] * sum;
    if (own.group == 0) row(y, own.row)[c] = sum;
  }
  const Real s = sigmoid(sum_lanes(dot, 1, lanes) + b.data[0]);
  if (own.group != 0) return;
  for (std::size_t c = own.lane; c < y.cols; c += lanes) row(out, own.row)[c] += s * row(y, own.row)[c];
  if (own.lane == 0) score.data[own.row] = s;
}

__global__ void adaptive_hop_backward_rows(Follows before, CsrView out_edges, ConstMat a, ConstMat h, ConstMat score,
                                           ConstMat w, ConstMat dout, ConstMat dy, Mat q, Mat dh, unsigned lanes) {
  before.wait();
  const RowWarp own(lanes);
  if (own.row >= h.rows) return;
  const std::size_t i = own.row;
  const Real s = score.data[i];
  Real along = 0;
  for (std::size_t c = own.lane; c < h.cols; c += lanes) along += row(dout, i)[c] * row(h, i)[c];
  const Real dv = sum_lanes(along, 1, lanes) * s * (1 - s);
  for (std::size_t begin = 0; begin < h.cols; begin += lanes) {
    const std::size_t c = begin + own.lane;
    const Real sum = dy.data ? own.weighted_sum(out_edges, a.data, dy, c) : Real(0);
    if (c < h.cols && own.group == 0) row(dh, i)[c] = sum + s * row(dout, i)[c] + dv * w.data[c];
  }
  if (threadIdx.x % warp == 0) q.data[i] = dv;
}

}  // namespace

void retain(Context& ctx, ConstMat h, ConstMat w, ConstMat b, Mat score, Mat out) {
  const unsigned lanes = lanes_for(h.cols);
  launch(ctx, retain_rows, h.rows * lanes, h, w, b, score, out, lanes);
}

void adaptive_hop(Context& ctx, CsrView in, ConstMat a, ConstMat h, ConstMat w, ConstMat b, Mat y, Mat score,
                  Mat out) {
  launch(ctx, adaptive_hop_rows, y.rows * warp, in, a, h, w, b, y, score, out, lanes_for(h.cols));
}

void adaptive_hop_backward(Context& ctx, CsrView out_edges, ConstMat a, ConstMat h, ConstMat score,
                           ConstMat w, ConstMat dout, ConstMat dy, Mat q, Mat dh) {
  launch(ctx, adaptive_hop_backward_rows, h.rows * warp, out_edges, a, h, score, w, dout, dy, q, dh,
         lanes_for(h.cols));
}

}  // namespace gnn::inline GNN_PRECISION::cuda
