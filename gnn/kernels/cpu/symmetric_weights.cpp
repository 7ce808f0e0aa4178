// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/symmetric_weights.hpp>

#include <cmath>

#include <gnn/kernels/cpu/parallel.hpp>

namespace gnn::inline GNN_PRECISION::cpu {
namespace {

// Calls work(row, first edge, last edge) for every row; blocks of rows have one owner each.
template <class Work>
void for_rows(Context& ctx, const CsrView& rows, const Work& work) {
  parallel_blocks(ctx, rows.num_blocks, [&](std::size_t b) {
    for (std::size_t i = std::size_t(rows.blocks[b]); i < std::size_t(rows.blocks[b + 1]); ++i) {
      work(i, std::size_t(rows.offsets[i]), std::size_t(rows.offsets[i + 1]));
    }
  });
}

}  // namespace

void symmetric_weights(Context& ctx, CsrView in, Mat weight) {
  // Pass 1: 1 / sqrt(d) of every node.
  const Tensor scale = ctx.tensor(std::size_t(in.num_rows), 1);
  for_rows(ctx, in, [&](std::size_t i, std::size_t first, std::size_t last) {
    Real degree = in.weights ? 0 : Real(last - first);
    for (std::size_t e = first; in.weights && e < last; ++e) degree += in.weights[e];
    scale.data()[i] = degree > 0 ? 1 / std::sqrt(degree) : 0;
  });
  // Pass 2: both ends of every edge.
  for_rows(ctx, in, [&](std::size_t i, std::size_t first, std::size_t last) {
    for (std::size_t e = first; e < last; ++e) {
      const Real own = in.weights ? in.weights[e] : Real(1);
      weight.row(e)[0] = own * scale.data()[i] * scale.data()[std::size_t(in.columns[e])];
    }
  });
}

}  // namespace gnn::inline GNN_PRECISION::cpu
