// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/links.hpp>

#include <gnn/kernels/cuda/link_score.cuh>
#include <gnn/kernels/cuda/reduce.cuh>
#include <gnn/kernels/cuda/row_softmax.cuh>

// Plan: see row_sums.cuh for who owns a row of pairs; the lanes of a warp share the columns of its features. Rows of pairs without
// an edge are short, because every node is drawn as often as any other.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

// A loss's pairs by rows, and the columns of features as one head's.
struct LinkRows {
  CsrView rows;
  SharedRows shared;
  HeadLanes shape;
  ConstMat source, target;
  LinkLogit kind;
};

// coefficient and loss of pair e.
__device__ void score_pair(const LinkSet& set, std::size_t e, Real logit, Mat loss) {
  const Real kept = set.kept.data ? set.kept.data[e] : Real(1);
  const PairLoss pair = pair_loss(set.label > 0 ? -logit : logit);
  loss.data[e] = kept * pair.loss;
  set.coefficient.data[e] = set.label > 0 ? -kept * pair.share : kept * pair.share;
}

// coefficient and loss of a row's pairs.
template <unsigned per, bool whole, unsigned edges>
__device__ void score_pairs(const LinkRows& a, const LinkSet& set, Real scale, Mat loss, const WarpPlace& p, const LaneColumns& c,
                            std::size_t i, EdgeRange range) {
  Real to[per] = {};
  if (c.count > 0) load_columns<whole>(row(a.target, i), c, to);
  for_edges_of_group<edges>(a.shape, p, a.rows, range, [&](const std::size_t (&e)[edges], const NodeId (&j)[edges]) {
    Real from[edges][per] = {};
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      if (j[k] >= 0 && c.count > 0) load_columns<whole>(row_of(a.source, j[k]), c, from[k]);
    }
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      Real sum = 0;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) sum += a.kind == LinkLogit::product ? from[k][n] * to[n] : from[k][n] + to[n];
      const Real logit = scale * sum_head(sum, a.shape.lanes);
      if (j[k] >= 0 && p.part == 0) score_pair(set, e[k], logit, loss);
    }
  });
}

template <unsigned per, bool whole, unsigned edges>
__global__ void __launch_bounds__(block_size) link_loss_rows(Follows before, LinkRows a, LinkSet set, Real scale, Mat loss) {
  before.wait();
  const WarpPlace p(a.shape);
  const LaneColumns c(a.shape, p, 1);
  for_rows<ShortRows::handed_out>(a.rows, [&](const RowPart& part, EdgeRange range, bool) {
    score_pairs<per, whole, edges>(a, set, scale, loss, p, c, std::size_t(part.row), range);
  });
}

// Each block's share of the losses and of the pairs kept.
__global__ void link_loss_blocks(Follows before, ConstMat loss, ConstMat kept, double* partial) {
  before.wait();
  double sum = 0, count = 0;
  for (std::size_t e = thread_index(); e < loss.rows; e += std::size_t(gridDim.x) * block_size) {
    sum += double(loss.data[e]);
    count += kept.data ? double(kept.data[e]) : 1;
  }
  sum = block_sum(sum);
  count = block_sum(count);
  if (threadIdx.x != 0) return;
  partial[2 * blockIdx.x] = sum;
  partial[2 * blockIdx.x + 1] = count;
}

__global__ void link_loss_total(Follows before, const double* partial, std::size_t blocks, Real scale, Real factor,
                                Mat result) {
  before.wait();
  double sum = 0, count = 0;
  for (std::size_t b = threadIdx.x; b < blocks; b += block_size) {
    sum += partial[2 * b];
    count += partial[2 * b + 1];
  }
  sum = block_sum(sum);
  count = block_sum(count);
  if (threadIdx.x != 0) return;
  result.data[0] = count > 0 ? Real(double(factor) * sum / count) : Real(0);
  result.data[1] = count > 0 ? Real(double(factor) * double(scale) / count) : Real(0);
}

// The sum over a row's pairs of coefficient y[other end,:], or of coefficient alone.
template <unsigned per, bool whole, unsigned edges>
__device__ PlainSums<per> sum_pairs(const LinkRows& a, ConstMat coefficient, const WarpPlace& p, const LaneColumns& c, EdgeRange range) {
  PlainSums<per> sum;
  for_edges_of_group<edges>(a.shape, p, a.rows, range, [&](const std::size_t (&e)[edges], const NodeId (&j)[edges]) {
    Real y[edges][per], k_of[edges] = {};
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
#pragma unroll
      for (unsigned n = 0; n < per; ++n) y[k][n] = 1;
      if (j[k] < 0 || c.count == 0) continue;
      k_of[k] = coefficient.data[edge_at(a.rows, e[k])];
      if (a.kind == LinkLogit::product) load_columns<whole>(row_of(a.source, j[k]), c, y[k]);
    }
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
#pragma unroll
      for (unsigned n = 0; n < per; ++n) sum.x[n] += k_of[k] * y[k][n];
    }
  });
  sum_lanes(sum.x, a.shape.lanes, 32);
  return sum;
}

// dx[i,:] += dloss result[1] times a row's sum; a.source is the other end's features.
template <unsigned per, bool whole, unsigned edges>
__global__ void __launch_bounds__(block_size) add_link_gradients(Follows before, LinkRows a, ConstMat coefficient,
                                                                 ConstMat result, ConstMat dloss, Mat dx) {
  before.wait();
  const WarpPlace p(a.shape);
  const LaneColumns c(a.shape, p, 1);
  const Real factor = dloss.data[0] * result.data[1];
  sum_rows<PlainSums<per>>(
      a.rows, a.shared, [&](std::size_t, EdgeRange range) { return sum_pairs<per, whole, edges>(a, coefficient, p, c, range); }, AddSums(),
      [&](std::size_t i, const PlainSums<per>& sum, const RowPart&) {
        if (p.group != 0) return;
#pragma unroll
        for (unsigned n = 0; n < per; ++n) {
          if (n < c.count) row(dx, i)[c.first + n] += factor * sum.x[n];
        }
      });
}

// The same two for features that are too wide for a warp's registers: a warp owns a row and walks over its columns.
__global__ void wide_link_loss_rows(Follows before, LinkSet set, ConstMat source, ConstMat target, LinkLogit kind, Real scale,
                                    Mat loss) {
  before.wait();
  const LaneGroup group(32);
  const std::size_t i = group.index();
  if (i >= std::size_t(set.in.num_rows)) return;
  const EdgeRange range = edges_of(set.in, i);
  for (std::size_t e = range.first; e < range.last; ++e) {
    const Real *from = row(source, std::size_t(set.in.columns[e])), *to = row(target, i);
    Real sum = 0;
    for (std::size_t c = group.lane; c < source.cols; c += 32) sum += kind == LinkLogit::product ? from[c] * to[c] : from[c] + to[c];
    const Real logit = scale * group.sum(sum);
    if (group.lane == 0) score_pair(set, e, logit, loss);
  }
}

__global__ void wide_link_gradients(Follows before, CsrView rows, ConstMat coefficient, ConstMat result, ConstMat dloss,
                                    ConstMat y, LinkLogit kind, Mat dx) {
  before.wait();
  const LaneGroup group(32);
  const std::size_t i = group.index();
  if (i >= std::size_t(rows.num_rows)) return;
  const EdgeRange range = edges_of(rows, i);
  const Real factor = dloss.data[0] * result.data[1];
  for (std::size_t c = group.lane; c < y.cols; c += 32) {
    Real sum = 0;
    for (std::size_t p = range.first; p < range.last; ++p) {
      const Real k = factor * coefficient.data[edge_at(rows, p)];
      sum += kind == LinkLogit::product ? k * row(y, std::size_t(rows.columns[p]))[c] : k;
    }
    row(dx, i)[c] += sum;
  }
}

}  // namespace

void link_loss(Context& ctx, LinkSet positive, LinkSet negative, ConstMat source, ConstMat target,
               LinkLogit logit, Real scale, Real factor, Mat result) {
  constexpr std::size_t most_blocks = 512;
  const Buffer buffer(ctx.pool(), 4 * most_blocks * sizeof(double));
  double* partial = static_cast<double*>(buffer.data());
  HeadLanes shape;
  const bool narrow = share_heads(1, source.cols, shape), is_whole = narrow && whole_packs(shape, source.cols, {source, target});
  std::size_t blocks = 0;
  for (const LinkSet& set : {positive, negative}) {
    const std::size_t pairs = std::size_t(set.in.num_edges);
    const Tensor loss = ctx.tensor(pairs, 1);
    const std::size_t rows = std::size_t(set.in.num_rows);
    if (narrow) {
      with_columns_and_edges(shape.per, is_whole, rows, [&](auto per, auto whole, auto edges) {
        launch_blocks(ctx, link_loss_rows<per(), whole(), edges()>, dim3(unsigned(num_row_blocks(set.in))),
                      LinkRows{set.in, {}, shape, source, target, logit}, set, scale, loss);
      });
    } else {
      launch(ctx, wide_link_loss_rows, rows * 32, set, source, target, logit, scale, loss);
    }
    const std::size_t own = std::min<std::size_t>(most_blocks, ceil_divide(pairs, block_size));
    launch_blocks(ctx, link_loss_blocks, dim3(unsigned(own)), loss, set.kept, partial + 2 * blocks);
    blocks += own;
  }
  launch_blocks(ctx, link_loss_total, dim3(1), partial, blocks, scale, factor, result);
}

void link_loss_backward(Context& ctx, CsrView in, CsrView out, ConstMat coefficient, ConstMat result,
                        ConstMat dloss, ConstMat source, ConstMat target, LinkLogit logit, Mat dsource,
                        Mat dtarget) {
  HeadLanes shape;
  const bool narrow = share_heads(1, source.cols, shape);
  const auto add = [&](const CsrView& rows, ConstMat other, Mat dx) {
    if (!dx.data) return;
    const std::size_t count = std::size_t(rows.num_rows);
    if (!narrow) return launch(ctx, wide_link_gradients, count * 32, rows, coefficient, result, dloss, other, logit, dx);
    LinkRows a{rows, {}, shape, other, {}, logit};
    with_columns_and_edges(shape.per, whole_packs(shape, other.cols, {other}), count, [&](auto per, auto whole, auto edges) {
      const Tensor memory = share_rows(ctx, a.rows, 1, per(), a.shared);
      launch_blocks(ctx, add_link_gradients<per(), whole(), edges()>, dim3(unsigned(num_row_blocks(a.rows))), a, coefficient, result, dloss, dx);
    });
  };
  add(in, source, dtarget);
  add(out, target, dsource);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
