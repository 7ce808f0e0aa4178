// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/supergat.hpp>

#include <gnn/kernels/cuda/row_softmax.cuh>
#include <gnn/kernels/cuda/supergat_rows.hpp>
#include <gnn/kernels/cuda/supergat_score.cuh>
#include <gnn/kernels/cuda/supergat_wide.cuh>

// Plan: see row_sums.cuh for who owns a row. The dot product of an edge is the sum over the lanes of a
// head, which then have the features for the weighted sum at hand. Heads with more channels than a warp has registers for are
// left to supergat_wide.cuh; the way back is in supergat_backward.cu.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct Forward {
  CsrView in;
  SharedRows shared;
  HeadLanes shape;
  SimilarityScore score;
  Dropout dropout;
  Mat out;
  SoftmaxState state;
  Mat products;  // of edges and heads; empty: not wanted
  GatEnd end;
  bool of_mean;
};


template <unsigned per, bool whole, unsigned edges>
__device__ RowSoftmax<per> sum_edges(const Forward& f, const WarpPlace& p, const LaneColumns& c, std::size_t i, EdgeRange range) {
  const std::size_t heads = f.score.heads, h = p.first_head + p.head;
  const bool scores = f.score.source_score.data != nullptr;
  const Real own_score = scores && h < heads ? row_of(f.score.target_score, NodeId(i))[h] : Real(0);
  Real own[per] = {};
  if (c.count > 0) load_columns<whole>(row_of(f.score.z, NodeId(i)), c, own);
  RowSoftmax<per> r;
  for_edges_of_group<edges>(f.shape, p, f.in, range, [&](const std::size_t (&e)[edges], const NodeId (&j)[edges]) {
    Real x[edges][per] = {}, logit[edges], multiplier[edges], score[edges] = {};
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      if (j[k] < 0 || h >= heads) continue;
      if (scores) score[k] = row_of(f.score.source_score, j[k])[h];
      if (c.count > 0) load_columns<whole>(row_of(f.score.z, j[k]), c, x[k]);
    }
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      Real g = 0;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) g += x[k][n] * own[n];
      g = sum_head(g, f.shape.lanes);
      const bool there = j[k] >= 0 && h < heads;
      if (there && p.part == 0 && f.products.data) row(f.products, e[k])[h] = g;
      logit[k] = there ? edge_score(f.score, g, score[k] + own_score).logit : -INFINITY;
      multiplier[k] = there ? edge_multiplier(f.dropout, f.in, e[k], i, std::size_t(j[k]), h, heads) : Real(0);
    }
    r.add(logit, multiplier, x);
  });
  r.meet_groups(f.shape.heads * f.shape.lanes);
  return r;
}

// The end of a layer, for row i of which all lanes have out's columns: each group takes some of them, for ELU takes longer than the
// sums.
template <unsigned per>
__device__ void write_end(const Forward& f, const WarpPlace& p, const LaneColumns& c, std::size_t i, Real (&y)[per]) {
  std::size_t first = c.first;
  bool writes = c.count > 0;
  if (f.of_mean) {
    sum_lanes(y, f.shape.lanes, f.shape.lanes * f.shape.heads);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) y[n] /= Real(f.score.heads);
    writes = writes && p.head == 0;
  }
  if (!writes) return;
  const unsigned share = per > f.shape.groups ? per / f.shape.groups : 1, begin = p.group * share;
#pragma unroll 1
  for (unsigned k = begin; k < begin + share && k < c.count; ++k) {
    Real x = y[0];
#pragma unroll
    for (unsigned n = 1; n < per; ++n) x = n == k ? y[n] : x;
    x += f.end.bias[first + k];
    const Real below = f.end.elu ? expm1(x > 0 ? Real(0) : x) : x;
    row_of(f.end.y, NodeId(i))[first + k] = x > 0 ? x : below;
  }
}

template <unsigned per, bool whole, unsigned edges>
__global__ void __launch_bounds__(block_size, blocks_at_once<edges>) supergat_rows_kernel(Follows before, Forward f) {
  before.wait();
  const WarpPlace p(f.shape);
  const std::size_t h = p.first_head + p.head;
  const LaneColumns c(f.shape, p, f.score.heads);
  const auto write = [&](std::size_t i, const RowSoftmax<per>& r, const RowPart&) {
    if (p.group == 0 && p.part == 0 && h < f.score.heads && f.state.maximum.data) {
      row_of(f.state.maximum, NodeId(i))[h] = r.most == -INFINITY ? Real(0) : r.most;
      row_of(f.state.sum, NodeId(i))[h] = r.total;
    }
    const Real inverse = r.inverse();
    Real y[per];
#pragma unroll
    for (unsigned n = 0; n < per; ++n) y[n] = r.sum[n] * inverse;
    if (p.group == 0 && c.count > 0 && f.out.data) store_columns<whole>(row_of(f.out, NodeId(i)), c, y);
    if (f.end.y.data) write_end(f, p, c, i, y);
  };
  sum_rows<RowSoftmax<per>, short_rows_of<edges>>(
      f.in, f.shared, [&](std::size_t i, EdgeRange range) { return sum_edges<per, whole, edges>(f, p, c, i, range); }, AddSoftmax(), write);
}

// The logits must be those of the forward pass to the last bit, for near 1000 a bit is 1e-4 of a weight.
template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size) supergat_weights(Follows before, Forward f, Mat alpha) {
  before.wait();
  const WarpPlace p(f.shape);
  const std::size_t h = p.first_head + p.head, i = std::size_t(blockIdx.x) * warps_of_block + threadIdx.x / 32;
  const LaneColumns c(f.shape, p, f.score.heads);
  if (i >= std::size_t(f.in.num_rows)) return;
  Real own[per] = {};
  if (c.count > 0) load_columns<whole>(row(f.score.z, i), c, own);
  for_edges_of_group<edges_at_once>(f.shape, p, f.in, edges_of(f.in, i), [&](const std::size_t (&e)[edges_at_once], const NodeId (&j)[edges_at_once]) {
#pragma unroll
    for (unsigned k = 0; k < edges_at_once; ++k) {
      Real x[per] = {}, g = 0;
      if (j[k] >= 0 && c.count > 0) load_columns<whole>(row_of(f.score.z, j[k]), c, x);
#pragma unroll
      for (unsigned n = 0; n < per; ++n) g += x[n] * own[n];
      g = sum_head(g, f.shape.lanes);
      if (j[k] < 0 || p.part != 0 || h >= f.score.heads) continue;
      const Real logit = edge_score(f.score, g, std::size_t(j[k]), i, h).logit;
      row(alpha, e[k])[h] = exp(logit - row(f.state.maximum, i)[h]) / row(f.state.sum, i)[h];
    }
  });
}

}  // namespace

bool supergat_rows_fit(std::size_t heads, std::size_t channels) {
  HeadLanes unused;
  return share_heads(heads, channels, unused);
}

void supergat_attention(Context& ctx, CsrView in, SimilarityScore score, Dropout dropout, Mat out,
                        SoftmaxState state) {
  if (!supergat_rows_fit(score.heads, score.z.cols / score.heads)) return wide_supergat(ctx, in, score, dropout, out, state);
  supergat_rows(ctx, in, score, dropout, out, state, Mat{}, GatEnd{}, false);
}

void supergat_rows(Context& ctx, CsrView in, SimilarityScore score, Dropout dropout, Mat out, SoftmaxState state, Mat products,
                   GatEnd end, bool of_mean) {
  HeadLanes shape;
  const std::size_t channels = score.z.cols / score.heads;
  share_heads(score.heads, channels, shape);
  // The mean of heads that are not all in one warp is taken from out.
  const bool apart = of_mean && shape.slices > 1;
  const Tensor unread = apart && !out.data ? ctx.tensor(std::size_t(in.num_rows), score.z.cols) : Tensor();
  if (unread.defined()) out = unread;
  const bool is_whole = whole_packs(shape, channels, {score.z, out});
  with_columns_and_edges(shape.per, is_whole, std::size_t(in.num_rows), [&](auto per, auto whole, auto edges) {
    SharedRows shared;
    const Tensor memory = share_rows(ctx, in, shape.slices, sizeof(RowSoftmax<per()>) / sizeof(Real), shared);
    launch_blocks(ctx, supergat_rows_kernel<per(), whole(), edges()>, dim3(unsigned(num_row_blocks(in)), shape.slices),
                  Forward{in, shared, shape, score, dropout, out, state, products, apart ? GatEnd{} : end, of_mean});
  });
  if (apart) gat_mean_end(ctx, out, score.heads, end);
}

void supergat_attention_backward(Context& ctx, CsrView in, CsrView out_edges, SimilarityScore score,
                                 Dropout dropout, ConstMat out, SoftmaxState state, ConstMat dout, Mat dz,
                                 Mat dsource_score, Mat dtarget_score) {
  if (!supergat_rows_fit(score.heads, score.z.cols / score.heads)) {
    return wide_supergat_backward(ctx, in, out_edges, score, dropout, out, state, dout, dz, dsource_score, dtarget_score);
  }
  supergat_rows_backward(ctx, in, out_edges, score, dropout, out, state, dout, nullptr, dz, dsource_score, dtarget_score);
}

void supergat_attention_weights(Context& ctx, CsrView in, SimilarityScore score, SoftmaxState state,
                                Mat alpha) {
  HeadLanes shape;
  const std::size_t channels = score.z.cols / score.heads;
  if (!share_heads(score.heads, channels, shape)) return wide_supergat_weights(ctx, in, score, state, alpha);
  const bool is_whole = whole_packs(shape, channels, {score.z});
  with_columns(shape.per, is_whole, [&](auto per, auto whole) {
    launch_blocks(ctx, supergat_weights<per(), whole()>, dim3(unsigned(ceil_divide(std::size_t(in.num_rows), warps_of_block)), shape.slices),
                  Forward{in, {}, shape, score, Dropout{}, {}, state, {}, {}, false}, alpha);
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
