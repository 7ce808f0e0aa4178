// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/by_head.hpp>

#include <gnn/kernels/attention.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/gatv2_attention.hpp>
#include <gnn/kernels/head_scores.hpp>
#include <gnn/kernels/product.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

constexpr std::size_t worth_while = std::size_t(64) << 20;  // bytes; smaller arrays are gone before anyone misses them

/// Numbers first to first + count - 1 of a vector; undefined stays so.
Tensor part_of(const Var& x, std::size_t first, std::size_t count) {
  return x.defined() ? x.value().part(first, 1, count) : Tensor();
}

/// The first `rows` rows of y = x w + b for one head, whose columns of w and b begin at `first`.
void project(Context& ctx, const SparseMatrix* sparse, const Var& dense, const Var& w, const Var& b, std::size_t first, Mat y) {
  const Mat columns = w.value().mat().columns(first, y.cols);
  if (sparse) {
    kernels::sparse_matmul(ctx, sparse->view(), columns, Dropout{}, std::size_t(1), nullptr, nullptr, y);
  } else {
    kernels::matmul(ctx, dense.value().part(0, y.rows, dense.cols()), columns, y);
  }
  if (b.defined()) kernels::add_row(ctx, y, part_of(b, first, y.cols), y);
}

}  // namespace

bool goes_by_head(const Tape& tape, std::size_t rows, std::size_t heads, std::size_t channels) {
  return !tape.is_training() && tape.context().device().kind == Device::cpu && heads > 1 &&
         rows * heads * channels * sizeof(Real) >= worth_while;
}

Tensor gat_by_head(const Adjacency& adjacency, const SparseMatrix* sparse, const Var& dense, const Var& w, const Var& a_s,
                   const Var& a_t, const Var& b_s, const Var& b_t, double slope) {
  Context& ctx = w.tape().context();
  const std::size_t heads = a_s.rows(), channels = a_s.cols(), sources = adjacency.num_sources(), targets = adjacency.num_targets();
  const Tensor out = ctx.tensor(targets, heads * channels), z = ctx.tensor(sources, channels), s = ctx.tensor(sources, 1),
               t = ctx.tensor(targets, 1), maximum = ctx.tensor(targets, 1), sum = ctx.tensor(targets, 1);
  for (std::size_t h = 0; h < heads; ++h) {
    const std::size_t first = h * channels;
    project(ctx, sparse, dense, w, Var(), first, z);
    kernels::head_scores(ctx, z, part_of(a_s, first, channels), part_of(b_s, h, 1), s);
    kernels::head_scores(ctx, z.part(0, targets, channels), part_of(a_t, first, channels), part_of(b_t, h, 1), t);
    kernels::gat_attention(ctx, adjacency.in(), s, t, z, Real(slope), Dropout{}, out.mat().columns(first, channels),
                           AttentionState{maximum, sum, {}, {}});
  }
  return out;
}

Tensor gatv2_by_head(const Adjacency& adjacency, const SparseMatrix* sparse, const Var& dense, const Var& w_s, const Var& b_s,
                     const Var& w_t, const Var& b_t, bool shared, const Var& a, double slope) {
  Context& ctx = w_s.tape().context();
  const std::size_t heads = a.rows(), channels = a.cols(), sources = adjacency.num_sources(), targets = adjacency.num_targets();
  const Tensor out = ctx.tensor(targets, heads * channels), source = ctx.tensor(sources, channels);
  // A sparse product makes all rows, those of the targets come first.
  const Tensor other = shared ? source : ctx.tensor(sparse ? sources : targets, channels);
  for (std::size_t h = 0; h < heads; ++h) {
    const std::size_t first = h * channels;
    project(ctx, sparse, dense, w_s, b_s, first, source);
    if (!shared) project(ctx, sparse, dense, w_t, b_t, first, other);
    kernels::gatv2_attention(ctx, adjacency.in(), source, other.part(0, targets, channels), source, part_of(a, first, channels),
                             Real(slope), Dropout{}, out.mat().columns(first, channels), PairAttentionState{});
  }
  return out;
}

}  // namespace gnn::inline GNN_PRECISION
