// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gat_few_backward.cuh>

// In a layer: with the layer's end in front of it, and behind it what makes dz of the gradients of scores and values.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

// What the blocks sum up along their rows, for the pieces.
template <unsigned per>
struct OverNodes {
  Real of_source[per] = {}, of_target[per] = {}, bias[per] = {};  // columns
  Real of_source_bias = 0, of_target_bias = 0;                    // of the lane's head

  __device__ void add(const OverNodes& other) {
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      of_source[n] += other.of_source[n];
      of_target[n] += other.of_target[n];
      bias[n] += other.bias[n];
    }
    of_source_bias += other.of_source_bias;
    of_target_bias += other.of_target_bias;
  }
};

// Number n of a lane's OverNodes to row `piece`.
template <unsigned per>
__device__ void write_number(const Few& a, const WarpPlace& p, const LaneColumns& c, std::size_t piece, unsigned n, Real x) {
  if (p.group != 0) return;
  if (n >= 3 * per) {
    const Mat& to = n == 3 * per ? a.to.source_bias_pieces : a.to.target_bias_pieces;
    if (to.data && p.part == 0) row(to, piece)[p.head] = x;
    return;
  }
  const Mat& to = n < per ? a.to.source_pieces : n < 2 * per ? a.to.target_pieces : a.bias_pieces;
  if (n % per < c.count) row(to, piece)[c.at(n % per)] = x;
}

// Those of all warps of a block to its piece. All threads call it.
template <unsigned per>
__device__ void write_pieces(const Few& a, const WarpPlace& p, const LaneColumns& c, const OverNodes<per>& own) {
  constexpr unsigned numbers = sizeof own / sizeof(Real);
  static_assert(numbers <= warps_of_block);
  __shared__ Real shared[warps_of_block][numbers][32];
  const unsigned warp = threadIdx.x / 32;
  Real x[numbers];
  memcpy(x, &own, sizeof own);
#pragma unroll
  for (unsigned n = 0; n < numbers; ++n) shared[warp][n][p.lane] = x[n];
  __syncthreads();
  if (warp >= numbers) return;
  Real total = 0;
#pragma unroll
  for (unsigned w = 0; w < warps_of_block; ++w) total += shared[w][warp][p.lane];
  write_number<per>(a, p, c, blockIdx.x, warp, total);
}

// The same of a row that several blocks share: it has pieces of its own, so that it does not matter which block calls. The first
// gets the numbers, the others zeros.
template <unsigned per>
__device__ void write_shared_pieces(const Few& a, const WarpPlace& p, const LaneColumns& c, const OverNodes<per>& own, const RowPart& part) {
  constexpr unsigned numbers = sizeof own / sizeof(Real);
  Real x[numbers];
  memcpy(x, &own, sizeof own);
#pragma unroll 1
  for (unsigned k = 0; k < part.parts; ++k) {
#pragma unroll
    for (unsigned n = 0; n < numbers; ++n) write_number<per>(a, p, c, gridDim.x + part.slot + k, n, k == 0 ? x[n] : Real(0));
  }
}

template <unsigned per, bool elu, class Walk>
__device__ void write_row(const Few& a, const WarpPlace& p, const LaneColumns& c, std::size_t j, const Gathered<per>& r, const OwnRow<per>& own_row,
                          const RowPart& part, OverNodes<per>& all) {
  const bool has_columns = p.group == 0 && c.count > 0;
  Real d[per] = {}, kept[per];
  if (has_columns && j < a.out.rows) load_columns<true>(row(a.dy, j), c, d);
  const Real dtarget = target_gradient<per, elu, Walk>(a, own_row, d);
  if (!has_columns) return;
#pragma unroll
  for (unsigned n = 0; n < per; ++n) kept[n] = 1;
  if (a.to.dropout.threshold != 0)
    feature_multipliers(a.to.dropout, std::uint64_t(a.to.ids ? std::size_t(a.to.ids[j]) : j) * a.value.cols + c.first, kept);
  OverNodes<per> own;
  Real dz[per];
#pragma unroll
  for (unsigned n = 0; n < per; ++n) {
    dz[n] = kept[n] * r.sum[n] + r.dscore * a.to.source_vector[c.at(n)] + dtarget * a.to.target_vector[c.at(n)];
    own.of_source[n] = r.dscore * own_row.z[n];
    own.of_target[n] = dtarget * own_row.z[n];
    own.bias[n] = d[n];
  }
  store_columns<true>(row(a.to.dz, j), c, dz);
  own.of_source_bias = r.dscore;
  own.of_target_bias = dtarget;
  if (part.parts > 1) return write_shared_pieces(a, p, c, own, part);
  all.add(own);
}

template <unsigned per, bool elu, class Walk>
__global__ void __launch_bounds__(block_size, 2) gat_few_backward_rows(Follows before, Few a) {
  before.wait_later();
  if (!a.reads_early) before.wait();
  const typename Walk::Lanes lanes(a.shape);
  const WarpPlace p(lanes);
  const LaneColumns c(lanes, p, Walk::Lanes::heads, per, false);
  OverNodes<per> all;
  for_sources<per, elu, Walk>(a, before, p, c, [&](std::size_t j, const Gathered<per>& r, const OwnRow<per>& own, const RowPart& part) {
    write_row<per, elu, Walk>(a, p, c, j, r, own, part, all);
  });
  write_pieces(a, p, c, all);
}

}  // namespace

bool gat_few_backward(Context& ctx, CsrView out_edges, Real slope, Dropout dropout, ConstMat source_score, ConstMat target_score,
                      ConstMat value, ConstMat out, AttentionState state, ConstMat dy, GatEnd end, GatSources to, Mat bias_pieces,
                      std::size_t launched) {
  if (end.through.data) return false;
  const Few all{out_edges, {}, {}, slope, dropout, source_score, target_score, value, out, state, dy, end.y, to, bias_pieces,
                ctx.cuda().launched > launched};
  return launch_few(ctx, all, {value, out, state.positive_out, dy, end.y, to.z, to.dz}, [&](auto per, auto walk, const Few& a) {
    launch_blocks(ctx, end.elu ? gat_few_backward_rows<per(), true, decltype(walk)> : gat_few_backward_rows<per(), false, decltype(walk)>,
                  dim3(unsigned(to.source_pieces.rows - out_edges.num_slots)), a);
  });
}

}  // namespace gnn::inline GNN_PRECISION::cuda
