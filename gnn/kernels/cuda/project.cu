// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/project.hpp>

#include <gnn/kernels/cuda/project_rows.cuh>
#include <gnn/kernels/cuda/row_scores.cuh>

// Plan: see project_rows.cuh.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

// A row of y, by one warp.
template <unsigned per, bool whole, class WriteScores>
__device__ void write_row(const Projection& a, const ColumnShare& share, std::size_t i, const PlainSums<per>& sums, const WriteScores& write_scores) {
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
    const std::uint64_t first = wide_product(a.ids ? unsigned(a.ids[i]) : unsigned(i), unsigned(a.y.cols)) + c.first;
    feature_multipliers<per, whole>(s.dropout, first, value);
#pragma unroll
    for (unsigned k = 0; k < per; ++k) value[k] *= sum[k];
    store_columns<whole>(row(s.value, i), c, value);
  }
  write_scores(sum, writes);
}

// With rows dealt_by_list, which may begin early, scores are found by columns, if at all; or else they are found if there are any.
template <unsigned per, bool whole, ShortRows short_rows, bool scored>
__global__ void __launch_bounds__(block_size, scored ? 3 : 4) project_sparse_rows(Follows before, Projection a) {
  before.wait_later();
  if constexpr (short_rows != ShortRows::dealt_by_list) before.wait();
  __shared__ ReadyNonzero ready[warps_of_block][33];
  const ColumnShare s(a, per);
  const unsigned warp = threadIdx.x / 32;
  if (threadIdx.x % 32 == 0) ready[warp][0] = ReadyNonzero{};  // for lanes that have no non-zero left
  const auto sum_up = [&](const auto& waited, const auto& write_scores) {
    sum_rows<PlainSums<per>, short_rows>(
        a.rows.pattern, a.shared,
        [&](std::size_t i, EdgeRange range) { return sum_nonzeros<per, whole>(a, before, s, i, range, ready[warp], waited, [] {}); }, AddSums(),
        [&](std::size_t i, const PlainSums<per>& sum, const RowPart&) {
          write_row<per, whole>(a, s, i, sum, [&](const Real (&y)[per], bool writes) { write_scores(i, y, writes); });
        });
  };
  const auto nothing = [] {};
  if constexpr (!scored) {
    sum_up(nothing, [](std::size_t, const Real (&)[per], bool) {});
  } else if constexpr (short_rows == ShortRows::dealt_by_list) {
    ColumnScores<per> score;
    sum_up(
        [&] {
          before.start_next();
          score = ColumnScores<per>(a.scores, s.c, s.group());
        },
        [&](std::size_t i, const Real (&y)[per], bool) { score.write(i, y); });
  } else {
    __shared__ Real numbers[warps_of_block][32 * per];
    const bool scores = a.scores.source_score.data;
    const ScoreLane score = scores ? ScoreLane(a.scores, threadIdx.x % 32) : ScoreLane();
    sum_up(nothing, [&](std::size_t i, const Real (&y)[per], bool writes) {
      if (!scores) return;
      __syncwarp();
      if (writes) {
#pragma unroll
        for (unsigned k = 0; k < per; ++k) numbers[warp][s.c.first + k] = y[k];
      }
      __syncwarp();
      write_scores(a.scores, score, i, numbers[warp]);
    });
  }
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
      const bool scored = scores.source_score.data, by_columns = p.projection.lane_bits < 5 && ColumnScores<per()>::fit(scores);
      if (p.is_small() && (!scored || by_columns)) {
        const auto kernel = scored ? project_sparse_rows<per(), whole(), ShortRows::dealt_by_list, true>
                                   : project_sparse_rows<per(), whole(), ShortRows::dealt_by_list, false>;
        return launch_blocks(ctx, kernel, blocks, p.projection);
      }
    }
    launch_blocks(ctx, project_sparse_rows<per(), whole(), ShortRows::handed_out, true>, blocks, p.projection);
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
