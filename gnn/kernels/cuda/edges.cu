// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/edges.hpp>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/row_softmax.cuh>

// Plan of every kernel here: a row has one owner, a group of lanes or a thread for each column; for propagation and dropout
// see row_sums.cuh. What is summed per source walks the rows by source, whose `edge` array says where an edge's numbers lie.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr unsigned warp = 32;      // lanes of a row whose edges x heads are walked as one list
constexpr unsigned edge_lanes = 8;  // lanes of a row and head that share its edges

__global__ void edge_scores_rows(Follows before, CsrView in, ConstMat source_score, ConstMat target_score, Mat score) {
  before.wait();
  const LaneGroup group(warp);
  const std::size_t i = group.index(), heads = score.cols;
  if (i >= target_score.rows) return;
  const EdgeRange range = edges_of(in, i);
  for (std::size_t k = range.first * heads + group.lane; k < range.last * heads; k += warp) {
    const std::size_t e = k / heads, h = k % heads;
    row(score, e)[h] = row(source_score, std::size_t(in.columns[e]))[h] + row(target_score, i)[h];
  }
}

// sum[i,h] += sum over row i's edges of x[e,h].
__global__ void add_edge_sums_rows(Follows before, CsrView rows, ConstMat x, Mat sum) {
  before.wait();
  const LaneGroup group(edge_lanes);
  if (group.index() >= sum.rows * x.cols) return;
  const std::size_t i = group.index() / x.cols, h = group.index() % x.cols;
  const EdgeRange range = edges_of(rows, i);
  Real total = 0;
  for (std::size_t e = range.first + group.lane; e < range.last; e += edge_lanes) total += row(x, edge_at(rows, e))[h];
  total = group.sum(total);
  if (group.lane == 0) row(sum, i)[h] += total;
}

__global__ void edge_softmax_rows(Follows before, CsrView in, ConstMat score, Mat alpha) {
  before.wait();
  const LaneGroup group(edge_lanes);
  if (group.index() >= std::size_t(in.num_rows) * score.cols) return;
  const std::size_t i = group.index() / score.cols, h = group.index() % score.cols;
  const EdgeRange range = edges_of(in, i);
  if (range.first == range.last) return;
  // Pass 1: row maximum, so that exp cannot overflow.
  Real most = row(score, range.first)[h];
  for (std::size_t e = range.first + group.lane; e < range.last; e += edge_lanes) {
    most = row(score, e)[h] > most ? row(score, e)[h] : most;
  }
  most = group.maximum(most);
  // Pass 2: weights and their sum. A lane divides in pass 3 what it wrote itself, so nothing needs to be waited for.
  Real sum = 0;
  for (std::size_t e = range.first + group.lane; e < range.last; e += edge_lanes) {
    sum += row(alpha, e)[h] = exp(row(score, e)[h] - most);
  }
  sum = group.sum(sum);
  for (std::size_t e = range.first + group.lane; e < range.last; e += edge_lanes) row(alpha, e)[h] /= sum;
}

__global__ void edge_softmax_backward_rows(Follows before, CsrView in, ConstMat alpha, ConstMat dalpha, Mat dscore) {
  before.wait();
  const LaneGroup group(edge_lanes);
  if (group.index() >= std::size_t(in.num_rows) * alpha.cols) return;
  const std::size_t i = group.index() / alpha.cols, h = group.index() % alpha.cols;
  const EdgeRange range = edges_of(in, i);
  Real along = 0;
  for (std::size_t e = range.first + group.lane; e < range.last; e += edge_lanes) along += row(alpha, e)[h] * row(dalpha, e)[h];
  along = group.sum(along);
  for (std::size_t e = range.first + group.lane; e < range.last; e += edge_lanes) {
    row(dscore, e)[h] += row(alpha, e)[h] * (row(dalpha, e)[h] - along);
  }
}

// add: y += m x, else y = m x.
__global__ void edge_dropout_rows(Follows before, CsrView in, ConstMat x, Dropout dropout, bool add, Mat y) {
  before.wait();
  const std::size_t heads = x.cols;
  for_rows<ShortRows::handed_out>(in, [&](const RowPart& part, EdgeRange range, bool) {
    const std::size_t i = std::size_t(part.row);
    for (std::size_t k = range.first * heads + threadIdx.x % warp; k < range.last * heads; k += warp) {
      const std::size_t e = k / heads, h = k % heads;
      const Real m = edge_multiplier(dropout, in, e, i, std::size_t(in.columns[e]), h, heads);
      row(y, e)[h] = add ? row(y, e)[h] + m * row(x, e)[h] : m * row(x, e)[h];
    }
  });
}

struct Propagation {
  CsrView rows;
  SharedRows shared;
  HeadLanes shape;
  ConstMat weight, x;
  bool add;
  Mat y;
};

// y[i,h,:] (+)= sum over row i's edges of weight[e,h] x[column,h,:].
template <unsigned per, bool whole, unsigned edges>
__global__ void __launch_bounds__(block_size) propagate_rows(Follows before, Propagation a) {
  before.wait();
  const WarpPlace p(a.shape);
  const std::size_t heads = a.weight.cols, h = p.first_head + p.head;
  const LaneColumns c(a.shape, p, heads, !whole);
  const auto gather = [&](std::size_t, EdgeRange range) {
    PlainSums<per> sum;
    for_edges_of_group<edges>(a.shape, p, a.rows, range, [&](const std::size_t (&e)[edges], const NodeId (&j)[edges]) {
      Real x[edges][per] = {}, weight[edges] = {};
#pragma unroll
      for (unsigned k = 0; k < edges; ++k) {
        if (j[k] < 0 || c.count == 0) continue;
        weight[k] = row(a.weight, edge_at(a.rows, e[k]))[h];
        load_columns<whole>(row_of(a.x, j[k]), c, x[k]);
      }
#pragma unroll
      for (unsigned k = 0; k < edges; ++k) {
#pragma unroll
        for (unsigned n = 0; n < per; ++n) sum.x[n] += weight[k] * x[k][n];
      }
    });
    sum_lanes(sum.x, a.shape.heads * a.shape.lanes, 32);
    return sum;
  };
  sum_rows<PlainSums<per>>(a.rows, a.shared, gather, AddSums(), [&](std::size_t i, const PlainSums<per>& sum, const RowPart&) {
    if (p.group != 0 || c.count == 0) return;
    Real y[per] = {};
    if (a.add) load_columns<whole>(row(a.y, i), c, y);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) y[n] += sum.x[n];
    store_columns<whole>(row(a.y, i), c, y);
  });
}

// y[i,h,:] (+)= sum over row i's edges of weight[e,h] x[column,h,:], a thread for each number of y: for heads that are
// too wide for a warp's registers.
__global__ void propagate_elements(Follows before, CsrView rows, ConstMat weight, ConstMat x, bool add, Mat y) {
  before.wait();
  const std::size_t k = thread_index();
  if (k >= y.rows * y.cols) return;
  const std::size_t i = k / y.cols, c = k % y.cols, h = c / (y.cols / weight.cols);
  const EdgeRange range = edges_of(rows, i);
  Real sum = 0;
  for (std::size_t e = range.first; e < range.last; ++e) {
    sum += row(weight, edge_at(rows, e))[h] * row(x, std::size_t(rows.columns[e]))[c];
  }
  row(y, i)[c] = add ? row(y, i)[c] + sum : sum;
}

// A group owns a row and head; its lanes share the channels.
__global__ void propagate_weight_gradient_rows(Follows before, CsrView in, ConstMat x, ConstMat dy, Mat dweight,
                                               unsigned lanes) {
  before.wait();
  const LaneGroup group(lanes);
  const std::size_t heads = dweight.cols, channels = x.cols / heads;
  if (group.index() >= dy.rows * heads) return;
  const std::size_t i = group.index() / heads, h = group.index() % heads;
  const Real* gradient = row(dy, i) + h * channels;
  const EdgeRange range = edges_of(in, i);
  for (std::size_t e = range.first; e < range.last; ++e) {
    const Real* from = row(x, std::size_t(in.columns[e])) + h * channels;
    Real dot = 0;
    for (std::size_t c = group.lane; c < channels; c += lanes) dot += gradient[c] * from[c];
    dot = group.sum(dot);
    if (group.lane == 0) row(dweight, e)[h] += dot;
  }
}

void propagate(Context& ctx, CsrView rows, ConstMat weight, ConstMat x, bool add, Mat y) {
  HeadLanes shape;
  const std::size_t channels = x.cols / weight.cols;
  if (!share_heads(weight.cols, channels, shape)) return launch(ctx, propagate_elements, y.size(), rows, weight, x, add, y);
  const bool is_whole = whole_packs(shape, channels, {x, y});
  with_columns_and_edges(shape.per, is_whole, y.rows, [&](auto per, auto whole, auto edges) {
    SharedRows shared;
    const Tensor memory = share_rows(ctx, rows, shape.slices, per(), shared);
    launch_blocks(ctx, propagate_rows<per(), whole(), edges()>, dim3(unsigned(num_row_blocks(rows)), shape.slices),
                  Propagation{rows, shared, shape, weight, x, add, y});
  });
}

}  // namespace

void edge_scores(Context& ctx, CsrView in, ConstMat source_score, ConstMat target_score, Mat score) {
  launch(ctx, edge_scores_rows, target_score.rows * warp, in, source_score, target_score, score);
}

void edge_scores_backward(Context& ctx, CsrView in, CsrView out, ConstMat dscore, Mat dsource_score, Mat dtarget_score) {
  launch(ctx, add_edge_sums_rows, dtarget_score.rows * dscore.cols * edge_lanes, in, dscore, dtarget_score);
  launch(ctx, add_edge_sums_rows, dsource_score.rows * dscore.cols * edge_lanes, out, dscore, dsource_score);
}

void edge_softmax(Context& ctx, CsrView in, ConstMat score, Mat alpha) {
  launch(ctx, edge_softmax_rows, std::size_t(in.num_rows) * score.cols * edge_lanes, in, score, alpha);
}

void edge_softmax_backward(Context& ctx, CsrView in, ConstMat alpha, ConstMat dalpha, Mat dscore) {
  launch(ctx, edge_softmax_backward_rows, std::size_t(in.num_rows) * alpha.cols * edge_lanes, in, alpha, dalpha, dscore);
}

void edge_dropout_forward(Context& ctx, CsrView in, ConstMat x, Dropout dropout, Mat y) {
  launch_blocks(ctx, edge_dropout_rows, dim3(unsigned(num_row_blocks(in))), in, x, dropout, false, y);
}

void edge_dropout_backward(Context& ctx, CsrView in, ConstMat dy, Dropout dropout, Mat dx) {
  launch_blocks(ctx, edge_dropout_rows, dim3(unsigned(num_row_blocks(in))), in, dy, dropout, true, dx);
}

void propagate(Context& ctx, CsrView in, ConstMat weight, ConstMat x, Mat y) {
  propagate(ctx, in, weight, x, false, y);
}

void propagate_input_gradient(Context& ctx, CsrView out, ConstMat weight, ConstMat dy, Mat dx) {
  propagate(ctx, out, weight, dy, true, dx);
}

void propagate_weight_gradient(Context& ctx, CsrView in, ConstMat x, ConstMat dy, Mat dweight) {
  const unsigned lanes = lanes_for(x.cols / dweight.cols);
  launch(ctx, propagate_weight_gradient_rows, dy.rows * dweight.cols * lanes, in, x, dy, dweight, lanes);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
