// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/adjacency.hpp>
#include <gnn/kernels/aero_edges.hpp>
#include <gnn/kernels/cpu/simd.hpp>

// What the kernels of AERO-GNN do in one row: loops over its edges, and in them over the channels, which is
// where vector code is. For formulas see kernels/aero_hops.hpp.
namespace gnn::inline GNN_PRECISION::cpu {

/// Edges whose numbers are made ready at once.
inline constexpr std::size_t aero_chunk = 256;

/// ELU and its derivative, both made of e^min(x, 0) - 1. A NaN stays one.
struct Elu {
  Real value, slope;
};
GNN_INLINE Elu elu_of(Real x) {
  const Real below = exponential_minus_one(x > 0 ? 0 : x);
  return {(x > 0 ? x : 0) + below, 1 + below};
}

/// <w, ELU(decay x)> over n channels.
Real elu_dot(const Real* w, const Real* x, Real decay, std::size_t n);

/// score[e,h] = <w[h], ELU(decay (z_i + z_j))> for the edges of row i.
void score_edges(const CsrView& in, std::size_t i, ConstMat z, Real decay, ConstMat w, Mat score);

/// Turns the scores of row i's edges into their weights, and gives the row's scale.
void weigh_edges(const CsrView& in, std::size_t i, Mat at, Real* scale);

/// h = scale_i sum over row i's edges of at scale_j previous_j. scratch: aero_chunk x heads.
void gather_row(const CsrView& in, std::size_t i, ConstMat at, ConstMat scale, ConstMat previous,
                Real* scratch, Real* h);

/// gamma = <w, [ELU(h) || ELU(decay z)]> + bias; z += gamma h.
void hop_row(const Real* h, Real decay, ConstMat w, const Real* bias, Real* gamma, Real* z);

void start_gradient_row(const Real* h, const Real* gamma, ConstMat w, const Real* dz, Real* dh, Real* dw,
                        Real* dbias);
void hop_gradient_row(const Real* h, const Real* gamma, Real decay, ConstMat w, Real* z, Real* dz, Real* dh,
                      Real* dw, Real* dbias);

/// dprevious = scale_j sum over row j's edges of at scale_i dh_i; da = <dh_i, previous>. scratch: 2
/// aero_chunk x heads.
void gather_gradient_row(const CsrView& out_edges, std::size_t j, ConstMat at, ConstMat scale,
                         const Real* previous, ConstMat dh, Real* scratch, Real* dprevious, Mat da);

void score_gradient_row(const CsrView& in, std::size_t i, ConstMat at, ConstMat scale, const Real* ddegree,
                        Mat da);

/// to = the numbers of `count` edges from place `begin` of the rows on.
void copy_edge_values(const CsrView& rows, std::size_t begin, std::size_t count, ConstMat values, Real* to);

/// dv = the gradients of `count` edges of row i together with those of their reverses.
void both_score_gradients(const CsrView& in, const EdgeOffset* reverse, std::size_t i, std::size_t begin,
                          std::size_t count, ConstMat at, ConstMat scale, ConstMat ddegree, ConstMat da,
                          Real* dv);

/// slopes += dv ELU'(decay (z_i + z_j)), values += dv ELU(...), over some edges. dv: count x heads.
void add_edge_slopes(const NodeId* columns, std::size_t count, const Real* own, ConstMat z, Real decay,
                     std::size_t heads, const Real* dv, Real* slopes, Real* values);

/// dz += decay w o slopes.
void add_slopes(Real decay, ConstMat w, const Real* slopes, Real* dz);

/// Back through row i's scores; read(begin, count, to) gives the gradients of some of its edges. The row's
/// share of w's gradient is added to `values`.
template <class Read>
void edge_gradient_row(const CsrView& rows, std::size_t i, ConstMat z, Real decay, ConstMat w,
                       const Read& read, Real* scratch, Real* slopes, Real* values, Real* dz) {
  std::fill_n(slopes, z.cols, Real(0));
  const std::size_t last = std::size_t(rows.offsets[i + 1]);
  for (std::size_t e = std::size_t(rows.offsets[i]); e < last; e += aero_chunk) {
    const std::size_t count = std::min(aero_chunk, last - e);
    read(e, count, scratch);
    add_edge_slopes(rows.columns + e, count, z.row(i), z, decay, w.rows, scratch, slopes, values);
  }
  add_slopes(decay, w, slopes, dz);
}

void scores_gradient_row(const Real* z, Real decay, ConstMat w, const Real* dtarget, const Real* dsource,
                         Real* dz, Real* dw);

}  // namespace gnn::inline GNN_PRECISION::cpu
