// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/links.hpp>

#include <cmath>
#include <vector>

#include <gnn/kernels/cpu/row_blocks.hpp>
#include <gnn/kernels/cpu/simd.hpp>

namespace gnn::inline GNN_PRECISION::cpu {
namespace {

bool has_edge(const CsrView& rows, NodeId row, NodeId column) {
  const NodeId* columns = rows.columns;
  for (EdgeOffset e = rows.offsets[row]; e < rows.offsets[row + 1]; ++e) {
    if (columns[e] == column) return true;
  }
  return false;
}

// A number in [0, n) for a word, each as likely as any other to 2^-32 n.
std::size_t scaled(std::uint32_t word, std::size_t n) {
  return std::size_t((std::uint64_t(word) * n) >> 32);
}

PhiloxWords draw_words(const Dropout& d, std::size_t k, NodeId first_id, std::uint32_t call) {
  return philox({std::uint32_t(k), std::uint32_t(first_id), d.stream + (call << 12), d.step}, d.key0(),
                d.key1());
}

struct Sides {
  ConstMat source, target;
  LinkLogit kind;
};

// logit[e] for the pairs [first, last) of row i.
GNN_SIMD void row_logits(const CsrView& in, std::size_t i, std::size_t first, std::size_t last,
                         const Sides& x, Real scale, Real* logit) {
  const std::size_t cols = x.source.cols;
  const Real* to = x.target.row(i);
  for (std::size_t e = first; e < last; ++e) {
    const Real* from = x.source.row(std::size_t(in.columns[e]));
    Real sum = 0;
    if (x.kind == LinkLogit::product) {
      sum = dot_product(from, to, cols);
    } else {
#pragma omp simd reduction(+ : sum)
      for (std::size_t c = 0; c < cols; ++c) sum += from[c] + to[c];
    }
    logit[e] = scale * sum;
  }
}

// Puts the coefficients of the pairs [first, last) into the place of their logits; returns the sum of their
// losses.
GNN_SIMD double row_losses(const LinkSet& set, std::size_t first, std::size_t last, Real* x) {
  double total = 0;
  for (std::size_t e = first; e < last; ++e) {
    const Real kept = set.kept.data ? set.kept.data[e] : 1;
    const Real wrong = set.label > 0 ? -x[e] : x[e];  // the larger, the worse
    const Real small = exponential(wrong > 0 ? -wrong : wrong);
    total += double(kept * ((wrong > 0 ? wrong : 0) + log_one_plus(small)));
    const Real share = (wrong > 0 ? 1 : small) / (1 + small);  // sigmoid(wrong)
    x[e] = set.label > 0 ? -kept * share : kept * share;
  }
  return total;
}

// Adds the losses of a set to `loss` and the number of its pairs that count to `count`, block by block.
void set_loss(Context& ctx, const LinkSet& set, const Sides& x, Real scale, double& loss, double& count) {
  const CsrView& in = set.in;
  std::vector<double> losses(in.num_blocks), counts(in.num_blocks);
  for_blocks(ctx, in, [&](std::size_t b, std::size_t first_row, std::size_t last_row) {
    const std::size_t first = std::size_t(in.offsets[first_row]), last = std::size_t(in.offsets[last_row]);
    for (std::size_t i = first_row; i < last_row; ++i) {
      row_logits(in, i, std::size_t(in.offsets[i]), std::size_t(in.offsets[i + 1]), x, scale,
                 set.coefficient.data);
    }
    losses[b] = row_losses(set, first, last, set.coefficient.data);
    for (std::size_t e = first; e < last; ++e) counts[b] += set.kept.data ? double(set.kept.data[e]) : 1;
  });
  for (std::size_t b = 0; b < in.num_blocks; ++b) {
    loss += losses[b];
    count += counts[b];
  }
}

// dx[row,:] += factor times the sum over a row's pairs of coefficient y[other end,:], or of coefficient
// alone.
GNN_SIMD void add_row_gradient(const CsrView& rows, std::size_t row, ConstMat coefficient, Real factor,
                               ConstMat y, LinkLogit kind, Real* dx) {
  for (std::size_t p = std::size_t(rows.offsets[row]); p < std::size_t(rows.offsets[row + 1]); ++p) {
    const Real k = factor * coefficient.data[rows.edge ? std::size_t(rows.edge[p]) : p];
    if (k == 0) continue;
    const Real* other = y.row(std::size_t(rows.columns[p]));
    for (std::size_t c = 0; c < y.cols; ++c) dx[c] += k * (kind == LinkLogit::product ? other[c] : 1);
  }
}

void add_gradient(Context& ctx, const CsrView& rows, ConstMat coefficient, Real factor, ConstMat y,
                  LinkLogit kind, Mat dx) {
  if (!dx.data) return;
  for_rows(ctx, rows, [&](std::size_t i) { add_row_gradient(rows, i, coefficient, factor, y, kind, dx.row(i)); });
}

}  // namespace

void draw_non_edges(Context& ctx, CsrView in, CsrView out, PairSpace space, Dropout draw, std::size_t count,
                    NodeId* target, NodeId* source) {
  const std::size_t nodes = std::size_t(space.num_nodes);
  parallel_ranges(ctx, count, 1024, [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k) {
      if (space.non_edges) {
        const std::size_t pick = scaled(draw_words(draw, k, space.first_id, 0)[0], space.num_non_edges);
        target[k] = space.non_edges[2 * pick];
        source[k] = space.non_edges[2 * pick + 1];
        continue;
      }
      PhiloxWords words = {};
      for (std::uint32_t t = 0;; ++t) {
        if (t % 2 == 0) words = draw_words(draw, k, space.first_id, t / 2);
        const NodeId i = space.first_node + NodeId(scaled(words[2 * (t % 2)], nodes));
        const NodeId j = space.first_node + NodeId(scaled(words[2 * (t % 2) + 1], nodes));
        if (i == j || has_edge(in, i, j) || has_edge(out, i, j)) continue;
        target[k] = i;
        source[k] = j;
        break;
      }
    }
  });
}

// A counting sort by one thread: it is a small part of a step, and its order must not depend on threads.
void sort_pairs(Context&, const NodeId* row, const NodeId* column, std::size_t count, NodeId num_rows,
                EdgeOffset* offsets, NodeId* rows, NodeId* columns, EdgeOffset* number) {
  std::fill_n(offsets, std::size_t(num_rows) + 1, EdgeOffset(0));
  for (std::size_t k = 0; k < count; ++k) ++offsets[row[k] + 1];
  for (NodeId i = 0; i < num_rows; ++i) offsets[i + 1] += offsets[i];
  std::vector<EdgeOffset> next(offsets, offsets + num_rows);
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t p = std::size_t(next[std::size_t(row[k])]++);
    rows[p] = row[k];
    columns[p] = column[k];
    number[p] = EdgeOffset(k);
  }
}

void link_loss(Context& ctx, LinkSet positive, LinkSet negative, ConstMat source, ConstMat target,
               LinkLogit logit, Real scale, Real factor, Mat result) {
  double loss = 0, count = 0;
  const Sides sides{source, target, logit};
  set_loss(ctx, positive, sides, scale, loss, count);
  set_loss(ctx, negative, sides, scale, loss, count);
  result.data[0] = count > 0 ? Real(double(factor) * loss / count) : 0;
  result.data[1] = count > 0 ? Real(double(factor) * double(scale) / count) : 0;
}

void link_loss_backward(Context& ctx, CsrView in, CsrView out, ConstMat coefficient, ConstMat result,
                        ConstMat dloss, ConstMat source, ConstMat target, LinkLogit logit, Mat dsource,
                        Mat dtarget) {
  const Real factor = dloss.data[0] * result.data[1];
  add_gradient(ctx, in, coefficient, factor, source, logit, dtarget);
  add_gradient(ctx, out, coefficient, factor, target, logit, dsource);
}

}  // namespace gnn::inline GNN_PRECISION::cpu
