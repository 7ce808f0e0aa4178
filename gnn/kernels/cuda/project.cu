// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/project.hpp>

#include <gnn/kernels/cuda/project_rows.cuh>
#include <gnn/kernels/cuda/row_scores.cuh>

// Plan: see project_rows.cuh.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

// A row of y, by one warp, and its scores.
template <unsigned per, bool whole>
__device__ void write_row(const Projection& a, const ColumnShare& share, bool scores, const ScoreLane& score, std::size_t i, const PlainSums<per>& sums,
                          Real (&numbers)[32 * per]) {
  const LaneColumns& c = share.c;
  const bool writes = share.group() == 0 && c.count > 0;
  Real sum[per];
#pragma unroll
  for (unsigned k = 0; k < per; ++k) sum[k] = sums.x[k];
  if (a.transposed && writes) {
    Real before[per];
    load_columns<whole>(row(a.y, i), c, before);
#pragma unroll
    for (unsigned k = 0; k < per; ++k) sum[k] += before[k];
  }
  if (writes) store_columns<whole>(row(a.y, i), c, sum);
  const ProjectedScores& s = a.scores;
  if (s.value.data && writes) {
    Real value[per];
    feature_multipliers(s.dropout, std::uint64_t(a.ids ? std::size_t(a.ids[i]) : i) * a.y.cols + c.first, value);
#pragma unroll
    for (unsigned k = 0; k < per; ++k) value[k] *= sum[k];
    store_columns<whole>(row(s.value, i), c, value);
  }
  if (!scores) return;
  __syncwarp();
  if (writes) {
#pragma unroll
    for (unsigned k = 0; k < per; ++k) numbers[c.first + k] = sum[k];
  }
  __syncwarp();
  write_scores(s, score, i, numbers);
}

// scored: there may be scores to find, for which registers are kept.
template <unsigned per, bool whole, ShortRows short_rows, bool scored>
__global__ void __launch_bounds__(block_size, scored ? 3 : 4) project_sparse_rows(Follows before, Projection a) {
  before.wait();
  before.start_next();
  __shared__ ReadyNonzero ready[warps_of_block][32];
  __shared__ Real numbers[warps_of_block][32 * per];
  const ColumnShare s(a, per);
  const unsigned warp = threadIdx.x / 32;
  const bool scores = scored && a.scores.source_score.data;
  const ScoreLane score = scores ? ScoreLane(a.scores, threadIdx.x % 32) : ScoreLane();
  sum_rows<PlainSums<per>, short_rows>(
      a.rows.pattern, a.shared, [&](std::size_t i, EdgeRange range) { return sum_nonzeros<per, whole>(a, s, i, range, ready[warp]); },
      AddSums(), [&](std::size_t i, const PlainSums<per>& sum, const RowPart&) { write_row<per, whole>(a, s, scores, score, i, sum, numbers[warp]); });
}

}  // namespace

bool scores_fit(std::size_t width, std::size_t masks) {
  const unsigned per = columns_of_lane(width, masks);
  return width <= lanes_of_row(width, per) * per;
}

void project_sparse(Context& ctx, SparseView x, ConstMat w, Dropout dropout, std::size_t masks, const NodeId* ids, bool transposed,
                    Mat y, ProjectedScores scores) {
  const ProjectionLaunch p(ctx, x, w, dropout, masks, ids, transposed, y, scores);
  const dim3 blocks(p.blocks(), unsigned(p.slices));
  with_columns(p.shape.per, p.whole({w, y, scores.value}), [&](auto per, auto whole) {
    if constexpr (per() == 4 && whole()) {  // many heads' columns in a small graph
      if (p.is_small()) {
        const auto kernel = scores.source_score.data ? project_sparse_rows<per(), whole(), ShortRows::dealt_by_list, true>
                                                     : project_sparse_rows<per(), whole(), ShortRows::dealt_by_list, false>;
        return launch_blocks(ctx, kernel, blocks, p.projection);
      }
    }
    launch_blocks(ctx, project_sparse_rows<per(), whole(), ShortRows::handed_out, true>, blocks, p.projection);
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
