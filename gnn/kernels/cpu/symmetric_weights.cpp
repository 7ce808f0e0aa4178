// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/symmetric_weights.hpp>

#include <cmath>

#include <gnn/kernels/cpu/row_blocks.hpp>

namespace gnn::inline GNN_PRECISION::cpu {

void symmetric_weights(Context& ctx, CsrView in, Mat weight) {
  // Pass 1: 1 / sqrt(d) of every node.
  const Tensor scale = ctx.tensor(std::size_t(in.num_rows), 1);
  for_rows(ctx, in, [&](std::size_t i) {
    const auto first = std::size_t(in.offsets[i]), last = std::size_t(in.offsets[i + 1]);
    Real degree = in.weights ? 0 : Real(last - first);
    for (std::size_t e = first; in.weights && e < last; ++e) degree += in.weights[e];
    scale.data()[i] = degree > 0 ? 1 / std::sqrt(degree) : 0;
  });
  // Pass 2: both ends of every edge.
  for_rows(ctx, in, [&](std::size_t i) {
    for (auto e = std::size_t(in.offsets[i]); e < std::size_t(in.offsets[i + 1]); ++e) {
      const Real own = in.weights ? in.weights[e] : Real(1);
      weight.row(e)[0] = own * scale.data()[i] * scale.data()[std::size_t(in.columns[e])];
    }
  });
}

}  // namespace gnn::inline GNN_PRECISION::cpu
