// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/project.hpp>

#include <algorithm>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/row_sums.cuh>

// Plan: a warp owns a row of the result, or a block's warps a row with many non-zeros. Each lane makes one non-zero ready,
// with the bits of its masks; then the warp walks over these together, each lane with its own columns of w.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct Projection {
  SparseView rows;
  SharedRows shared;
  ConstMat dense;  // in place of `rows`
  ConstMat w;
  Dropout dropout;
  std::size_t masks;
  const NodeId* ids;
  bool transposed;
  Mat y;
  ProjectedScores scores;
};

// Bit g: whether mask g keeps a number.
__device__ std::uint32_t kept_bits(const Dropout& d, std::uint32_t step, std::uint64_t place, std::size_t masks) {
  if (d.threshold == 0) return ~0u;
  std::uint32_t bits = 0;
  uint4 words = {};
  for (unsigned g = 0; g < masks; ++g) {
    const std::uint64_t element = place * masks + g, address = element / 4;
    if (g == 0 || element % 4 == 0) {
      words = philox_words(make_uint4(std::uint32_t(address), std::uint32_t(address >> 32), d.stream, step), std::uint32_t(d.seed),
                           std::uint32_t(d.seed >> 32));
    }
    const unsigned which = unsigned(element % 4);
    const std::uint32_t word = which == 0 ? words.x : which == 1 ? words.y : which == 2 ? words.z : words.w;
    bits |= std::uint32_t(word >= d.threshold) << g;
  }
  return bits;
}

template <unsigned per, bool whole, bool is_dense>
__device__ PlainSums<per> sum_nonzeros(const Projection& a, const LaneColumns& c, std::size_t i, EdgeRange range) {
  PlainSums<per> sum;
  const CsrView& p = a.rows.pattern;
  const std::size_t width = is_dense ? a.dense.cols : std::size_t(a.transposed ? p.num_rows : p.num_columns);
  const unsigned columns_of_mask = unsigned(a.y.cols) / unsigned(a.masks);
  const std::uint32_t step = step_of(a.dropout);
  const bool drops = a.dropout.threshold != 0;
  unsigned group[per];
#pragma unroll
  for (unsigned k = 0; k < per; ++k) group[k] = unsigned(c.first + k) / columns_of_mask;
  for (std::size_t base = range.first; base < range.last; base += 32) {
    const std::size_t e = base + threadIdx.x % 32;
    NodeId column = 0;
    Real value = 0;
    std::uint32_t bits = 0;
    if (e < range.last) {
      column = is_dense ? NodeId(e) : p.columns[e];
      value = (is_dense ? row(a.dense, i)[e] : a.rows.values[e]) * a.dropout.scale;
      const std::size_t node = a.transposed ? std::size_t(column) : i, feature = a.transposed ? i : std::size_t(column);
      bits = kept_bits(a.dropout, step, std::uint64_t(a.ids ? std::size_t(a.ids[node]) : node) * width + feature, a.masks);
    }
    const unsigned count = range.last - base < 32 ? unsigned(range.last - base) : 32;
    // All loads of a turn are under way before the first one is used.
    constexpr unsigned at_once = per == 1 ? 16 : per == 8 ? 4 : 8;
    for (unsigned first = 0; first < count; first += at_once) {
      Real x[at_once][per], v[at_once];
      std::uint32_t kept[at_once];
#pragma unroll
      for (unsigned b = 0; b < at_once; ++b) {
        const NodeId j = __shfl_sync(~0u, column, int(first + b));
        v[b] = __shfl_sync(~0u, value, int(first + b));  // 0 behind the last
        kept[b] = drops ? __shfl_sync(~0u, bits, int(first + b)) : ~0u;
        if (first + b >= count || kept[b] == 0 || c.count == 0) {
#pragma unroll
          for (unsigned k = 0; k < per; ++k) x[b][k] = 0;
        } else {
          load_columns<whole>(row_of(a.w, j), c, x[b]);
        }
      }
#pragma unroll
      for (unsigned b = 0; b < at_once; ++b) {
#pragma unroll
        for (unsigned k = 0; k < per; ++k) sum.x[k] += !drops || (kept[b] >> (group[k] % 32) & 1) ? v[b] * x[b][k] : Real(0);
      }
    }
  }
  return sum;
}

// A row of y, by one warp, and its scores.
template <unsigned per, bool whole>
__device__ void write_row(const Projection& a, const LaneColumns& c, std::size_t i, const PlainSums<per>& sums, Real (&numbers)[32 * per]) {
  Real sum[per];
#pragma unroll
  for (unsigned k = 0; k < per; ++k) sum[k] = sums.x[k];
  if (a.transposed && c.count > 0) {
    Real before[per];
    load_columns<whole>(row(a.y, i), c, before);
#pragma unroll
    for (unsigned k = 0; k < per; ++k) sum[k] += before[k];
  }
  if (c.count > 0) store_columns<whole>(row(a.y, i), c, sum);
  const ProjectedScores& s = a.scores;
  if (s.value.data && c.count > 0) {
    Real value[per];
    feature_multipliers(s.dropout, std::uint64_t(a.ids ? std::size_t(a.ids[i]) : i) * a.y.cols + c.first, value);
#pragma unroll
    for (unsigned k = 0; k < per; ++k) value[k] *= sum[k];
    store_columns<whole>(row(s.value, i), c, value);
  }
  if (!s.source_score.data) return;
  __syncwarp();
#pragma unroll
  for (unsigned k = 0; k < per; ++k) numbers[c.first + k] = sum[k];
  __syncwarp();
  const unsigned heads = unsigned(s.source_vector.rows), channels = unsigned(s.source_vector.cols);
  for (unsigned k = threadIdx.x % 32; k < 2 * heads; k += 32) {
    const unsigned h = k % heads;
    const bool of_target = k >= heads;
    if (of_target && i >= s.target_score.rows) continue;
    const Real* vector = (of_target ? s.target_vector.data : s.source_vector.data) + h * channels;
    const ConstMat& bias = of_target ? s.target_bias : s.source_bias;
    Real score = 0;
#pragma unroll 8
    for (unsigned n = 0; n < channels; ++n) score += numbers[h * channels + n] * vector[n];
    row(of_target ? s.target_score : s.source_score, i)[h] = score + (bias.data ? bias.data[h] : Real(0));
  }
}

template <unsigned per>
__device__ LaneColumns columns_of_lane(const Projection& a) {
  const std::size_t first = std::size_t(blockIdx.y) * 32 * per + threadIdx.x % 32 * per;
  return {first, first < a.y.cols ? unsigned(a.y.cols - first < per ? a.y.cols - first : per) : 0};
}

template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size) project_sparse_rows(Projection a) {
  __shared__ Real numbers[warps_of_block][32 * per];
  const LaneColumns c = columns_of_lane<per>(a);
  sum_rows<PlainSums<per>>(
      a.rows.pattern, a.shared, [&](std::size_t i, EdgeRange range) { return sum_nonzeros<per, whole, false>(a, c, i, range); }, AddSums(),
      [&](std::size_t i, const PlainSums<per>& sum, const RowPart&) { write_row<per, whole>(a, c, i, sum, numbers[threadIdx.x / 32]); });
}

template <unsigned per, bool whole>
__global__ void __launch_bounds__(block_size) project_dense_rows(Projection a) {
  __shared__ Real numbers[warps_of_block][32 * per];
  const LaneColumns c = columns_of_lane<per>(a);
  const std::size_t i = std::size_t(blockIdx.x) * warps_of_block + threadIdx.x / 32;
  if (i >= a.y.rows) return;
  write_row<per, whole>(a, c, i, sum_nonzeros<per, whole, true>(a, c, i, EdgeRange{0, a.dense.cols}), numbers[threadIdx.x / 32]);
}

constexpr std::size_t piece_rows = 16, widest = 512 / sizeof(Real), most_weights = 4096;

// A block owns piece_rows rows: their dx, and their piece of dw.
__global__ void __launch_bounds__(block_size) dense_backward_rows(ConstMat x, ConstMat w, ConstMat dy, Dropout dropout, const NodeId* ids,
                                                                  Mat dx, Mat pieces) {
  __shared__ Real masked[piece_rows][widest], multiplier[piece_rows][widest];
  extern __shared__ unsigned char more[];
  Real* const gradient = reinterpret_cast<Real*>(more);  // piece_rows x dy.cols
  const unsigned in = unsigned(x.cols), out = unsigned(dy.cols);
  const std::size_t first = std::size_t(blockIdx.x) * piece_rows;
  const unsigned rows = x.rows - first < piece_rows ? unsigned(x.rows - first) : unsigned(piece_rows);
#pragma unroll 4
  for (unsigned t = threadIdx.x; t < rows * in; t += block_size) {
    const std::size_t i = first + t / in, id = ids ? std::size_t(ids[i]) : i;
    const Real m = feature_multiplier(dropout, std::uint64_t(id) * in + t % in);
    multiplier[t / in][t % in] = m;
    masked[t / in][t % in] = m * row(x, i)[t % in];
  }
  for (unsigned t = threadIdx.x; t < rows * out; t += block_size) gradient[t] = row(dy, first + t / out)[t % out];
  __syncthreads();
  for (unsigned t = threadIdx.x; t < in * out; t += block_size) {
    Real sum = 0;
#pragma unroll 8
    for (unsigned r = 0; r < rows; ++r) sum += masked[r][t / out] * gradient[r * out + t % out];
    row(pieces, blockIdx.x)[t] = sum;
  }
  if (!dx.data) return;
  for (unsigned t = threadIdx.x; t < rows * in; t += block_size) {
    const unsigned r = t / in, k = t % in;
    Real sum = 0;
#pragma unroll 8
    for (unsigned c = 0; c < out; ++c) sum += gradient[r * out + c] * row(w, k)[c];
    row(dx, first + r)[k] = multiplier[r][k] * sum;
  }
}

unsigned lane_width(std::size_t width) {
  return width <= 32 ? 1 : width <= 64 ? 2 : width < 256 || most_per_lane < 8 ? 4 : 8;
}

template <class Kernel>
void launch_projection(Context& ctx, Projection a, std::size_t row_blocks, const Kernel& kernel_for) {
  const unsigned per = lane_width(a.y.cols);
  HeadLanes shape;
  shape.per = per;
  const bool is_whole = whole_packs(shape, a.y.cols, {a.w, a.y, a.scores.value});
  const dim3 blocks(unsigned(row_blocks), unsigned(ceil_divide(a.y.cols, 32 * per)));
  with_columns(per, is_whole, [&](auto columns, auto whole) { launch_blocks(ctx, kernel_for(columns, whole), blocks, a); });
}

}  // namespace

void project_sparse(Context& ctx, SparseView x, ConstMat w, Dropout dropout, std::size_t masks, const NodeId* ids, bool transposed,
                    Mat y, ProjectedScores scores) {
  SharedRows shared;
  const std::size_t per = lane_width(y.cols);
  const Tensor memory = share_rows(ctx, x.pattern, ceil_divide(y.cols, 32 * per), per, shared);
  launch_projection(ctx, Projection{x, shared, {}, w, dropout, masks, ids, transposed, y, scores}, num_row_blocks(x.pattern),
                    [](auto per, auto whole) { return &project_sparse_rows<per(), whole()>; });
}

void project_dense(Context& ctx, ConstMat x, ConstMat w, Dropout dropout, const NodeId* ids, Mat y, ProjectedScores scores) {
  launch_projection(ctx, Projection{{}, {}, x, w, dropout, 1, ids, false, y, scores},
                    ceil_divide(y.rows, warps_of_block),
                    [](auto per, auto whole) { return &project_dense_rows<per(), whole()>; });
}

bool is_small_projection(std::size_t rows, std::size_t in, std::size_t out) {
  return rows <= 8192 && in <= widest && out <= widest && in * out <= most_weights;
}

std::size_t num_projection_pieces(std::size_t rows) { return ceil_divide(rows, piece_rows); }

void project_dense_backward(Context& ctx, ConstMat x, ConstMat w, ConstMat dy, Dropout dropout, const NodeId* ids, Mat dx,
                            Mat dw_pieces) {
  launch_blocks_with(ctx, dense_backward_rows, dim3(unsigned(dw_pieces.rows)), piece_rows * dy.cols * sizeof(Real), x, w, dy, dropout,
                     ids, dx, dw_pieces);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
