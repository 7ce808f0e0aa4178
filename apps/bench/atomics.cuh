// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/sparse_matrix.hpp>
#include <gnn/kernels/cuda/block_rows.cuh>

// What the library's backward kernels do, done with atomics, as fast as they get: a pass over the rows that are there already, which
// adds to the rows of the other ends, four numbers at a time. Rows are shared among warps and blocks as in the library. What they add
// comes in another order every time, and so do the last bits of the result.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

inline constexpr Real atomics_slope = Real(0.2);  // of leaky_relu

// Four numbers at once, where the machine can.
__device__ void add_four(Real* to, const Real (&x)[4]) {
#if __CUDA_ARCH__ >= 900
  asm volatile("red.global.add.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(to), "f"(x[0]), "f"(x[1]), "f"(x[2]), "f"(x[3]) : "memory");
#else
  for (unsigned n = 0; n < 4; ++n) atomicAdd(to + n, x[n]);
#endif
}

struct Attention {
  CsrView in;
  ConstMat source_score, target_score, value, out, maximum, sum, dout;
  Mat dsource_score, dtarget_score, dvalue;
};

// GAT's way back in one pass over the edges by target, with no need of the edges by source: a warp has a row, or its part of a long
// one, and adds to the rows of its sources. `fours`: of four columns, that a lane has; the lanes of a row's fours are side by side,
// and what is left of a warp takes other edges.
template <unsigned fours, unsigned lanes_of_head>
__global__ void __launch_bounds__(block_size) attention_atomics(Attention a) {
  const unsigned lanes = unsigned(a.value.cols) / (4 * fours), groups = 32 / lanes;
  const unsigned lane = threadIdx.x % 32, group = lane / lanes, place = lane % lanes;
  for_rows<ShortRows::handed_out>(a.in, [&](const RowPart& part, EdgeRange range, bool) {
    const std::size_t i = std::size_t(part.row);
    Real d[fours][4], along_out[fours], to[fours], most[fours], inverse[fours], dtarget[fours] = {};
    unsigned column[fours], head[fours];
#pragma unroll
    for (unsigned q = 0; q < fours; ++q) {
      column[q] = 4 * (q * lanes + place);
      head[q] = column[q] / (4 * lanes_of_head);
      Real own = 0;
#pragma unroll
      for (unsigned n = 0; n < 4; ++n) {
        d[q][n] = row(a.dout, i)[column[q] + n];
        own += d[q][n] * row(a.out, i)[column[q] + n];
      }
      along_out[q] = sum_lanes(own, 1, lanes_of_head);
      to[q] = row(a.target_score, i)[head[q]];
      most[q] = row(a.maximum, i)[head[q]];
      inverse[q] = 1 / row(a.sum, i)[head[q]];
    }
    for (std::size_t base = range.first; base < range.last; base += groups) {
      const std::size_t e = base + group;
      const bool there = e < range.last;
      const NodeId j = a.in.columns[there ? e : range.first];
#pragma unroll
      for (unsigned q = 0; q < fours; ++q) {
        const Pack<4> x = *reinterpret_cast<const Pack<4>*>(row_of(a.value, j) + column[q]);
        const Real u = row_of(a.source_score, j)[head[q]] + to[q], derivative = u > 0 ? Real(1) : atomics_slope;
        Real along = 0;
#pragma unroll
        for (unsigned n = 0; n < 4; ++n) along += x.x[n] * d[q][n];
        along = sum_lanes(along, 1, lanes_of_head);
        if (!there) continue;
        const Real alpha = exp(u * derivative - most[q]) * inverse[q], du = alpha * (along - along_out[q]) * derivative;
        Real share[4];
#pragma unroll
        for (unsigned n = 0; n < 4; ++n) share[n] = alpha * d[q][n];
        add_four(row_of(a.dvalue, j) + column[q], share);
        if (place % lanes_of_head == 0) atomicAdd(row_of(a.dsource_score, j) + head[q], du);
        dtarget[q] += du;
      }
    }
#pragma unroll
    for (unsigned q = 0; q < fours; ++q) {
      dtarget[q] = sum_lanes(dtarget[q], lanes, 32);
      if (group == 0 && place % lanes_of_head == 0) atomicAdd(row(a.dtarget_score, i) + head[q], dtarget[q]);
    }
  });
}

// What is left of a layer behind that: dz = dvalue + dsource_score a_s + dtarget_score a_t, and the gradients of these vectors.
struct LayerEnd {
  ConstMat z, dvalue, dsource_score, dtarget_score, source_vector, target_vector;
  Mat dz, dsource_vector, dtarget_vector;
};
__global__ void __launch_bounds__(block_size) layer_end_atomics(LayerEnd a) {
  const std::size_t channels = a.source_vector.cols, step = std::size_t(gridDim.x) * (block_size / 64);
  for (std::size_t c = threadIdx.x % 64; c < a.z.cols; c += 64) {
    const std::size_t h = c / channels;
    const Real of_source = a.source_vector.data[c], of_target = a.target_vector.data[c];
    Real source = 0, target = 0;
    for (std::size_t i = std::size_t(blockIdx.x) * (block_size / 64) + threadIdx.x / 64; i < a.z.rows; i += step) {
      const Real s = row(a.dsource_score, i)[h], t = row(a.dtarget_score, i)[h], z = row(a.z, i)[c];
      row(a.dz, i)[c] = row(a.dvalue, i)[c] + s * of_source + t * of_target;
      source += s * z;
      target += t * z;
    }
    atomicAdd(a.dsource_vector.data + c, source);
    atomicAdd(a.dtarget_vector.data + c, target);
  }
}

// dw = x^T dy of a sparse x by its rows: a warp adds a row's share to the row of w of each of its features.
__global__ void __launch_bounds__(block_size) weight_atomics(SparseView x, ConstMat dy, Mat dw) {
  const unsigned lanes = unsigned(dy.cols) / 4, groups = 32 / lanes, lane = threadIdx.x % 32;
  for_rows<ShortRows::handed_out>(x.pattern, [&](const RowPart& part, EdgeRange range, bool) {
    const Pack<4> d = *reinterpret_cast<const Pack<4>*>(row(dy, std::size_t(part.row)) + 4 * (lane % lanes));
    for (std::size_t e = range.first + lane / lanes; e < range.last; e += groups) {
      Real share[4];
#pragma unroll
      for (unsigned n = 0; n < 4; ++n) share[n] = x.values[e] * d.x[n];
      add_four(row_of(dw, x.pattern.columns[e]) + 4 * (lane % lanes), share);
    }
  });
}

// The sums of x's columns: a block sums up some rows, and adds them to the result.
__global__ void __launch_bounds__(block_size) column_atomics(ConstMat x, Mat result) {
  for (std::size_t c = threadIdx.x % 64; c < x.cols; c += 64) {
    Real sum = 0;
    for (std::size_t i = std::size_t(blockIdx.x) * (block_size / 64) + threadIdx.x / 64; i < x.rows; i += std::size_t(gridDim.x) * (block_size / 64)) {
      sum += row(x, i)[c];
    }
    atomicAdd(result.data + c, sum);
  }
}

}  // namespace
}  // namespace gnn::inline GNN_PRECISION::cuda
