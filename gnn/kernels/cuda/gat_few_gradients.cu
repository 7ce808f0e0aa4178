// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gat_few_backward.cuh>

// Alone: kernels::gat_attention_backward.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

// What is added to.
struct Gradients {
  Mat source_score, target_score, value;
};

// Adds to a node's gradients.
template <unsigned per, class Walk>
__device__ void add_row(const Few& a, const Gradients& to, const WarpPlace& p, const LaneColumns& c, std::size_t j, const Gathered<per>& r, const OwnRow<per>& own) {
  const bool has_columns = p.group == 0 && c.count > 0, is_target = j < a.out.rows;
  Real d[per] = {};
  if (has_columns && is_target) load_columns<true>(row(a.dy, j), c, d);
  const Real dtarget = target_gradient<per, false, Walk>(a, own, d);
  if (!has_columns) return;
  Real sum[per];
  load_columns<true>(row(to.value, j), c, sum);
#pragma unroll
  for (unsigned n = 0; n < per; ++n) sum[n] += r.sum[n];
  store_columns<true>(row(to.value, j), c, sum);
  if (p.part != 0) return;
  row(to.source_score, j)[p.head] += r.dscore;
  if (is_target) row(to.target_score, j)[p.head] += dtarget;
}

template <unsigned per, class Walk>
__global__ void __launch_bounds__(block_size, 2) gat_few_gradients_rows(Follows before, Few a, Gradients to) {
  before.wait();
  const typename Walk::Lanes lanes(a.shape);
  const WarpPlace p(lanes);
  const LaneColumns c(lanes, p, Walk::Lanes::heads, per, false);
  for_sources<per, false, Walk>(a, before, p, c, [&](std::size_t j, const Gathered<per>& r, const OwnRow<per>& own, const RowPart&) {
    add_row<per, Walk>(a, to, p, c, j, r, own);
  });
}

}  // namespace

bool gat_few_gradients(Context& ctx, CsrView out_edges, Real slope, Dropout dropout, ConstMat source_score, ConstMat target_score,
                       ConstMat value, ConstMat out, AttentionState state, ConstMat dout, Mat dsource_score, Mat dtarget_score, Mat dvalue) {
  if (!state.positive_out.data) return false;
  const Few all{out_edges, {}, {}, slope, dropout, source_score, target_score, value, out, state, dout, {}, {}, {}, false};
  return launch_few(ctx, all, {value, out, state.positive_out, dout, dvalue}, [&](auto per, auto walk, const Few& a) {
    launch_blocks(ctx, gat_few_gradients_rows<per(), decltype(walk)>, dim3(unsigned(num_row_blocks(a.out_edges))), a,
                  Gradients{dsource_score, dtarget_score, dvalue});
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
