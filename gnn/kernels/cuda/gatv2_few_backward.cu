// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gatv2_few.hpp>

#include <gnn/kernels/cuda/few_fours.cuh>
#include <gnn/kernels/cuda/row_softmax.cuh>

// Plan: first over targets, each of which has all that its softmax's gradient needs, and leaves two numbers for each edge and head: what
// the value's row and what the logit's gradient is multiplied with. The pass over sources then sums up, without a product.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct Targets {
  CsrView in;
  SharedRows shared;
  HeadLanes shape;
  ConstMat source, target, a;
  Real slope;
  Dropout dropout;
  ConstMat out, dy, y;
  FewState state;  // logits become shares here
  Mat dlogit, dout, dtarget, a_pieces, bias_pieces;
};

template <unsigned per>
struct TargetSums {
  Real to[per] = {}, of_vector[per] = {};

  __device__ void add(const TargetSums& other) {
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      to[n] += other.to[n];
      of_vector[n] += other.of_vector[n];
    }
  }
};

// d = dy elu'(y) of a row.
template <unsigned per, bool elu, class Lanes>
__device__ void load_gradient(const Targets& f, const FewColumns<per, Lanes>& c, std::size_t i, Real (&d)[per]) {
  c.load(row(f.dy, i), d);
  if constexpr (elu) {
    Real y[per];
    c.load(row(f.y, i), y);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) d[n] *= elu_derivative(y[n]);
  }
}

template <unsigned per, bool elu, class Lanes>
__device__ TargetSums<per> sum_edges(const Targets& f, const WarpPlace& p, const FewColumns<per, Lanes>& c, std::size_t i, EdgeRange range) {
  using Edges = FewFours<Lanes>;
  constexpr unsigned turns = Edges::turns;
  TargetSums<per> r;
  Real to[per], out[per], d[per], along = 0;
  c.load(row(f.target, i), to);
  c.load(row(f.out, i), out);
  load_gradient<per, elu>(f, c, i, d);
  const Real most = row(f.state.maximum, i)[p.head], sum = row(f.state.sum, i)[p.head], inverse = sum > 0 ? 1 / sum : Real(0);
#pragma unroll
  for (unsigned n = 0; n < per; ++n) along += d[n] * out[n];
  along = sum_lanes<Lanes::unroll>(along, 1, Lanes::lanes);
  const unsigned count = unsigned(range.last - range.first);
  for (unsigned base = 0; base < count; base += Edges::at_once) {
    const Edges edges(p, f.in.columns + range.first, base, count);
    typename Edges::template Features<per> features;
    edges.load(p, c.read, f.source, features);
    Real logit[turns], share[turns], found[turns];
#pragma unroll
    for (unsigned t = 0; t < turns; ++t) {
      const unsigned e = edges.own_edge(p, t);
      logit[t] = edges.there(e) ? row(f.state.logits, range.first + base + e)[p.head] : -INFINITY;
    }
    edges.multipliers(p, f.dropout, f.in, range.first, [i](NodeId j) { return EdgeEnds{i, std::size_t(j)}; }, share);
#pragma unroll
    for (unsigned t = 0; t < turns; ++t) {
      found[t] = 0;
      if (!edges.has_turn(t)) continue;
      Real part[four_edges] = {};
#pragma unroll
      for (unsigned k = 0; k < four_edges; ++k) {
#pragma unroll
        for (unsigned n = 0; n < per; ++n) part[k] += d[n] * features.x[t][k][n];
      }
      const Real with_value = sum_own_edge(part, Lanes::lanes);
      const unsigned e = edges.own_edge(p, t);
      const bool there = edges.there(e);
      const Real alpha = there ? exp(logit[t] - most) * inverse : Real(0);
      share[t] *= alpha;
      found[t] = there ? share[t] * with_value - alpha * along : Real(0);
      if (!there || p.part >= four_edges) continue;
      row(f.state.logits, range.first + base + e)[p.head] = share[t];
      row(f.dlogit, range.first + base + e)[p.head] = found[t];
    }
    __syncwarp();
#pragma unroll
    for (unsigned t = 0; t < turns; ++t) {
      if (!edges.has_turn(t)) continue;
#pragma unroll
      for (unsigned k = 0; k < four_edges; ++k) {
        const Real g = of_edge(found[t], k);
        const bool counts = edges.there(edges.edge(p, t, k));
#pragma unroll
        for (unsigned n = 0; n < per; ++n) {
          const Real z = features.x[t][k][n] + to[n];
          r.to[n] += z > 0 ? g : f.slope * g;
          r.of_vector[n] += counts ? g * leaky(z, f.slope) : Real(0);
        }
      }
    }
  }
  sum_lanes<Lanes::unroll>(r.to, Lanes::heads * Lanes::lanes, 32);
  sum_lanes<Lanes::unroll>(r.of_vector, Lanes::heads * Lanes::lanes, 32);
  return r;
}

template <unsigned per, bool elu, class Lanes>
__global__ void __launch_bounds__(block_size, 2) gatv2_few_targets(Follows before, Targets f) {
  before.wait();
  const Lanes lanes(f.shape);
  const WarpPlace p(lanes);
  const FewColumns<per, Lanes> c(lanes, p);
  Real of_vector[per] = {}, bias[per] = {};
  const auto write = [&](std::size_t i, const TargetSums<per>& r, const RowPart& part) {
    if (!c.writes(p)) return;
    Real a[per], d[per], to[per];
    c.load(f.a.data, a);
    load_gradient<per, elu>(f, c, i, d);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) to[n] = r.to[n] * a[n];
    store_columns<true>(row(f.dtarget, i), c.own, to);
    if constexpr (elu) store_columns<true>(row(f.dout, i), c.own, d);
    if (part.parts > 1) {
      write_shared_row_piece(p, c.own, r.of_vector, f.a_pieces, gridDim.x, part);
      write_shared_row_piece(p, c.own, d, f.bias_pieces, gridDim.x, part);
      return;
    }
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      of_vector[n] += r.of_vector[n];
      bias[n] += d[n];
    }
  };
  sum_rows<TargetSums<per>, ShortRows::dealt_by_list>(
      f.in, f.shared, [&](std::size_t i, EdgeRange range) { return sum_edges<per, elu, Lanes>(f, p, c, i, range); },
      [](TargetSums<per>& sums, const TargetSums<per>& more) { sums.add(more); }, write);
  write_column_piece(p, c.own, of_vector, f.a_pieces, blockIdx.x);
  write_column_piece(p, c.own, bias, f.bias_pieces, blockIdx.x);
}

struct Sources {
  CsrView out_edges;
  SharedRows shared;
  HeadLanes shape;
  ConstMat source, target, a;
  Real slope;
  ConstMat dout, share, dlogit, dtarget;  // dtarget: what is added, or empty
  Mat dsource;
};

template <unsigned per, class Lanes>
__device__ PlainSums<per> sum_edges(const Sources& f, const WarpPlace& p, const FewColumns<per, Lanes>& c, const Real (&a)[per],
                                    std::size_t j, EdgeRange range) {
  using Edges = FewFours<Lanes>;
  constexpr unsigned turns = Edges::turns;
  PlainSums<per> r;
  Real own[per];
  c.load(row(f.source, j), own);
  const unsigned count = unsigned(range.last - range.first);
  for (unsigned base = 0; base < count; base += Edges::at_once) {
    const Edges edges(p, f.out_edges.columns + range.first, base, count);
    Real share[turns] = {}, found[turns] = {};
#pragma unroll
    for (unsigned t = 0; t < turns; ++t) {
      const unsigned e = edges.own_edge(p, t);
      if (!edges.there(e)) continue;
      const std::size_t at = edge_at(f.out_edges, range.first + base + e);
      share[t] = row(f.share, at)[p.head];
      found[t] = row(f.dlogit, at)[p.head];
    }
    typename Edges::template Features<per> dout, to;
    edges.load(p, c.read, f.dout, dout);
    edges.load(p, c.read, f.target, to);
#pragma unroll
    for (unsigned t = 0; t < turns; ++t) {
      if (!edges.has_turn(t)) continue;
#pragma unroll
      for (unsigned k = 0; k < four_edges; ++k) {
        const Real s = of_edge(share[t], k), g = of_edge(found[t], k);
        const bool counts = edges.there(edges.edge(p, t, k));
#pragma unroll
        for (unsigned n = 0; n < per; ++n) {
          const Real of_logit = own[n] + to.x[t][k][n] > 0 ? g : f.slope * g;
          r.x[n] += s * (counts ? dout.x[t][k][n] : Real(0)) + of_logit * a[n];
        }
      }
    }
  }
  sum_lanes<Lanes::unroll>(r.x, Lanes::heads * Lanes::lanes, 32);
  return r;
}

template <unsigned per, class Lanes>
__global__ void __launch_bounds__(block_size, 2) gatv2_few_sources(Follows before, Sources f) {
  before.wait();
  const Lanes lanes(f.shape);
  const WarpPlace p(lanes);
  const FewColumns<per, Lanes> c(lanes, p);
  Real a[per];
  c.load(f.a.data, a);
  sum_rows<PlainSums<per>, ShortRows::dealt_by_list>(
      f.out_edges, f.shared, [&](std::size_t j, EdgeRange range) { return sum_edges<per, Lanes>(f, p, c, a, j, range); }, AddSums(),
      [&](std::size_t j, const PlainSums<per>& r, const RowPart&) {
        if (!c.writes(p)) return;
        Real x[per], more[per] = {};
        if (f.dtarget.data && j < f.dtarget.rows) c.load(row(f.dtarget, j), more);
#pragma unroll
        for (unsigned n = 0; n < per; ++n) x[n] = r.x[n] + more[n];
        store_columns<true>(row(f.dsource, j), c.own, x);
      });
}

}  // namespace

void gatv2_few_backward(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat a, Real slope,
                        Dropout dropout, ConstMat out, FewState state, ConstMat dy, GatEnd end, Mat dout, Mat dsource, Mat dtarget,
                        bool same, Mat a_pieces, Mat bias_pieces) {
  HeadLanes shape;
  share_heads_of(std::size_t(in.num_rows), a.rows, a.cols, shape);
  const Tensor dlogit = ctx.tensor(std::size_t(in.num_edges), a.rows);
  with_few_lanes(shape, in, a.rows, true, [&](auto per, auto lanes) {
    using Lanes = typename decltype(lanes)::type;
    SharedRows shared;
    const Tensor of_targets = share_rows(ctx, in, 1, sizeof(TargetSums<per()>) / sizeof(Real), shared);
    launch_blocks(ctx, end.elu ? gatv2_few_targets<per(), true, Lanes> : gatv2_few_targets<per(), false, Lanes>,
                  dim3(unsigned(a_pieces.rows - in.num_slots)),
                  Targets{in, shared, shape, source, target, a, slope, dropout, out, dy, end.y, state, dlogit, dout, dtarget, a_pieces, bias_pieces});
    const Tensor of_sources = share_rows(ctx, out_edges, 1, per(), shared);
    launch_blocks(ctx, gatv2_few_sources<per(), Lanes>, dim3(unsigned(num_row_blocks(out_edges))),
                  Sources{out_edges, shared, shape, source, target, a, slope, end.elu ? ConstMat(dout) : dy, state.logits, dlogit,
                          same ? ConstMat(dtarget) : ConstMat{}, dsource});
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
