// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/adaptive_hops.hpp>

#include <utility>

#include <gnn/autograd/edges.hpp>
#include <gnn/kernels/adaptive_hops.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/head_scores.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

void check_shapes(const Adjacency& adjacency, const Var& z, const Var& w, const Var& b) {
  check(adjacency.num_targets() == adjacency.num_sources() && z.rows() == adjacency.num_targets(),
        "adaptive_hops: z has ", z.rows(), " rows, the graph ", adjacency.num_targets(), " targets and ",
        adjacency.num_sources(), " sources");
  check(w.rows() == 1 && w.cols() == z.cols() && b.rows() == 1 && b.cols() == 1,
        "adaptive_hops: expected w of 1x", z.cols(), " and b of 1x1, got ", w.rows(), "x", w.cols(), " and ",
        b.rows(), "x", b.cols());
}

}  // namespace

Var adaptive_hops(const Adjacency& adjacency, const Var& z, const Var& w, const Var& b, std::size_t hops) {
  check_shapes(adjacency, z, w, b);
  Tape& tape = z.tape();
  Context& ctx = tape.context();
  const std::size_t nodes = z.rows(), cols = z.cols();
  const bool train = z.needs_grad() || w.needs_grad() || b.needs_grad();
  const Tensor a = symmetric_weights(ctx, adjacency), out = ctx.tensor(nodes, cols);

  // All hops one below the other; without gradients two that take turns.
  const std::size_t kept = train ? hops + 1 : 2;
  const Tensor all = ctx.tensor(kept * nodes, cols), score = ctx.tensor(kept * nodes, 1);
  const auto h = [=](std::size_t k) { return all.part(k % kept * nodes * cols, nodes, cols); };
  const auto s = [=](std::size_t k) { return score.part(k % kept * nodes, nodes, 1); };
  kernels::copy(ctx, z.value(), h(0));
  kernels::retain(ctx, h(0), w.value(), b.value(), s(0), out);
  for (std::size_t k = 1; k <= hops; ++k) {
    kernels::adaptive_hop(ctx, adjacency.in(), a, h(k - 1), w.value(), b.value(), h(k), s(k), out);
  }

  return tape.record(out, {z, w, b}, [=, &tape, &ctx](const Tensor& dout) {
    // From the last hop to the first: what has come down so far takes one step over the edges and is added
    // to, so that each hop is walked once.
    const Tensor q = ctx.tensor(kept * nodes, 1);
    Tensor dh, dy;
    for (std::size_t k = hops + 1; k-- > 0;) {
      std::swap(dh, dy);
      if (!dh.defined()) dh = ctx.tensor(nodes, cols);
      kernels::adaptive_hop_backward(ctx, adjacency.out(), a, h(k), s(k), w.value(), dout, dy,
                                     q.part(k * nodes, nodes, 1), dh);
    }
    if (w.needs_grad()) kernels::head_scores_backward(ctx, all, w.value(), q, Mat{}, tape.grad(w));
    if (b.needs_grad()) kernels::add_column_sums(ctx, q, tape.grad(b));
    if (z.needs_grad()) tape.add_grad(z, dh);
  });
}

}  // namespace gnn::inline GNN_PRECISION
