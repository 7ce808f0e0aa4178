// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gat_few_backward.cuh>

// Alone: kernels::gat_attention_backward.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

// Adds to a node's gradients.
template <unsigned per, class Walk>
__device__ void add_row(const Few& a, const WarpPlace& p, const LaneColumns& c, std::size_t j, const Gathered<per>& r, const OwnRow<per>& own) {
  const bool has_columns = p.group == 0 && c.count > 0, is_target = j < a.out.rows;
  Real d[per] = {};
  if (has_columns && is_target) load_columns<true>(row(a.dy, j), c, d);
  const Real dtarget = target_gradient<per, false, Walk>(a, own, d);
  if (!has_columns) return;
  Real sum[per];
  load_columns<true>(row(a.to.dvalue, j), c, sum);
#pragma unroll
  for (unsigned n = 0; n < per; ++n) sum[n] += r.sum[n];
  store_columns<true>(row(a.to.dvalue, j), c, sum);
  if (p.part != 0) return;
  row(a.to.dsource_score, j)[p.head] += r.dscore;
  if (is_target) row(a.to.dtarget_score_sum, j)[p.head] += dtarget;
}

template <unsigned per, class Walk>
__global__ void __launch_bounds__(block_size, 2) gat_few_gradients_rows(Follows before, Few a) {
  before.wait();
  const typename Walk::Lanes lanes(a.shape);
  const WarpPlace p(lanes);
  const LaneColumns c(lanes, p, Walk::Lanes::heads, per, false);
  OwnRow<per> own;
  sum_rows<Gathered<per>, ShortRows::dealt_by_list>(
      a.out_edges, a.shared,
      [&](std::size_t j, EdgeRange range) {
        own.load(a, p, c, j, false);
        return gather<per, false, Walk>(a, before, p, c, j, range);
      },
      [](Gathered<per>& sums, const Gathered<per>& more) { sums.add(more); },
      [&](std::size_t j, const Gathered<per>& r, const RowPart&) { add_row<per, Walk>(a, p, c, j, r, own); });
}

}  // namespace

bool gat_few_gradients(Context& ctx, CsrView out_edges, Real slope, Dropout dropout, ConstMat source_score, ConstMat target_score,
                       ConstMat value, ConstMat out, AttentionState state, ConstMat dout, Mat dsource_score, Mat dtarget_score, Mat dvalue) {
  if (!state.positive_out.data) return false;
  GatSources to;
  to.dsource_score = dsource_score;
  to.dtarget_score_sum = dtarget_score;
  to.dvalue = dvalue;
  const Few all{out_edges, {}, {}, slope, dropout, source_score, target_score, value, out, state, dout, {}, to, {}, false};
  return launch_few(ctx, all, {value, out, state.positive_out, dout, dvalue}, [&](auto per, auto walk, const Few& a) {
    launch_blocks(ctx, gat_few_gradients_rows<per(), decltype(walk)>, dim3(unsigned(num_row_blocks(a.out_edges))), a);
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
