// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gatv2_few.hpp>

#include <gnn/kernels/cuda/few_fours.cuh>
#include <gnn/kernels/cuda/row_softmax.cuh>

namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct Rows {
  CsrView in;
  SharedRows shared;
  HeadLanes shape;
  ConstMat source, target, a;
  Real slope;
  Dropout dropout;
  Mat out;
  FewState state;
  GatEnd end;
};

template <unsigned per, class Lanes>
__device__ RowSoftmax<per> sum_edges(const Rows& f, const WarpPlace& p, const FewColumns<per, Lanes>& c, const Real (&weights)[per],
                                     std::size_t i, EdgeRange range) {
  using Edges = FewFours<Lanes>;
  constexpr unsigned turns = Edges::turns;
  RowSoftmax<per> r;
  Real to[per];
  c.load(row(f.target, i), to);
  const unsigned count = unsigned(range.last - range.first);
  for (unsigned base = 0; base < count; base += Edges::at_once) {
    const Edges edges(p, f.in.columns + range.first, base, count);
    typename Edges::template Features<per> features;
    edges.load(p, c.read, f.source, features);
    Real multiplier[turns], logit[turns], most = -INFINITY;
    edges.multipliers(p, f.dropout, f.in, range.first, [i](NodeId j) { return EdgeEnds{i, std::size_t(j)}; }, multiplier);
#pragma unroll
    for (unsigned t = 0; t < turns; ++t) {
      logit[t] = -INFINITY;
      if (!edges.has_turn(t)) continue;
      Real part[four_edges] = {};
#pragma unroll
      for (unsigned k = 0; k < four_edges; ++k) {
#pragma unroll
        for (unsigned n = 0; n < per; ++n) part[k] += weights[n] * leaky(features.x[t][k][n] + to[n], f.slope);
      }
      const Real found = sum_own_edge(part, Lanes::lanes);
      const unsigned e = edges.own_edge(p, t);
      if (!edges.there(e)) continue;
      logit[t] = found;
      if (f.state.logits.data && p.part < four_edges) row(f.state.logits, range.first + base + e)[p.head] = found;
    }
    __syncwarp();
#pragma unroll
    for (unsigned t = 0; t < turns; ++t) most = logit[t] > most ? logit[t] : most;
    r.scale_to_larger(Edges::largest(most));
#pragma unroll
    for (unsigned t = 0; t < turns; ++t) {
      if (!edges.has_turn(t)) continue;
      const Real weight = logit[t] == -INFINITY ? Real(0) : exp(logit[t] - r.most), share = weight * multiplier[t];
      r.total += weight;
#pragma unroll
      for (unsigned k = 0; k < four_edges; ++k) {
        const Real s = of_edge(share, k);
#pragma unroll
        for (unsigned n = 0; n < per; ++n) r.sum[n] += s * (s == 0 ? Real(0) : features.x[t][k][n]);
      }
    }
  }
  r.total = Edges::sum(r.total);
  sum_lanes<Lanes::unroll>(r.sum, Lanes::heads * Lanes::lanes, 32);
  return r;
}

template <unsigned per, class Lanes>
__device__ void write_row(const Rows& f, const WarpPlace& p, const FewColumns<per, Lanes>& c, std::size_t i, const RowSoftmax<per>& r) {
  if (!c.writes(p)) return;
  if (f.state.maximum.data && p.part == 0) {
    row(f.state.maximum, i)[p.head] = r.total > 0 ? r.most : Real(0);
    row(f.state.sum, i)[p.head] = r.total;
  }
  const Real inverse = r.inverse();
  Real x[per], y[per];
#pragma unroll
  for (unsigned n = 0; n < per; ++n) {
    x[n] = r.sum[n] * inverse;
    y[n] = x[n] + (f.end.bias ? f.end.bias[c.own.first + n] : Real(0)) + (f.end.second_bias ? f.end.second_bias[c.own.first + n] : Real(0));
    if (f.end.elu) y[n] = elu_of(y[n]);
  }
  if (f.out.data) store_columns<true>(row(f.out, i), c.own, x);
  store_columns<true>(row(f.end.y, i), c.own, y);
}

template <unsigned per, class Lanes>
__global__ void __launch_bounds__(block_size, 2) gatv2_few_rows(Follows before, Rows f) {
  before.wait();
  const Lanes lanes(f.shape);
  const WarpPlace p(lanes);
  const FewColumns<per, Lanes> c(lanes, p);
  Real weights[per];
  c.load(f.a.data, weights);
  sum_rows<RowSoftmax<per>, ShortRows::dealt_by_list>(
      f.in, f.shared, [&](std::size_t i, EdgeRange range) { return sum_edges<per, Lanes>(f, p, c, weights, i, range); }, AddSoftmax(),
      [&](std::size_t i, const RowSoftmax<per>& r, const RowPart&) { write_row<per, Lanes>(f, p, c, i, r); });
}

}  // namespace

bool gatv2_few_forward(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat a, Real slope, Dropout dropout, Mat out,
                       FewState state, GatEnd end) {
  HeadLanes shape;
  if (end.through.data || dropout.frozen || !has_list(out_edges) || !share_heads_of(std::size_t(in.num_rows), a.rows, a.cols, shape)) return false;
  const bool is_whole = whole_packs(shape, a.cols, {source, target, out, end.y});
  return with_few_lanes(shape, in, a.rows, is_whole, [&](auto per, auto lanes) {
    using Lanes = typename decltype(lanes)::type;
    SharedRows shared;
    const Tensor memory = share_rows(ctx, in, 1, sizeof(RowSoftmax<per()>) / sizeof(Real), shared);
    launch_blocks(ctx, gatv2_few_rows<per(), Lanes>, dim3(unsigned(num_row_blocks(in))),
                  Rows{in, shared, shape, source, target, a, slope, dropout, out, state, end});
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
