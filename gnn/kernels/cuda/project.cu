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
  const std::uint64_t first = place * masks;
#pragma unroll 1
  for (std::uint64_t address = first / 4; address <= (first + masks - 1) / 4; ++address) {
    const uint4 words = philox_words(make_uint4(std::uint32_t(address), std::uint32_t(address >> 32), d.stream, step),
                                     std::uint32_t(d.seed), std::uint32_t(d.seed >> 32));
    const std::uint32_t kept = unsigned(words.x >= d.threshold) | unsigned(words.y >= d.threshold) << 1 |
                               unsigned(words.z >= d.threshold) << 2 | unsigned(words.w >= d.threshold) << 3;
    const int mask = int(address * 4 - first);  // of the address's first word; below 0 these are another number's
    bits |= mask < 0 ? kept >> -mask : kept << mask;
  }
  return masks < 32 ? bits & ((1u << masks) - 1) : bits;
}

template <unsigned per, bool whole>
__device__ PlainSums<per> sum_nonzeros(const Projection& a, const LaneColumns& c, std::size_t i, EdgeRange range) {
  PlainSums<per> sum;
  const CsrView& p = a.rows.pattern;
  const std::size_t width = std::size_t(a.transposed ? p.num_rows : p.num_columns);
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
      column = p.columns[e];
      value = a.rows.values[e] * a.dropout.scale;
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
      a.rows.pattern, a.shared, [&](std::size_t i, EdgeRange range) { return sum_nonzeros<per, whole>(a, c, i, range); }, AddSums(),
      [&](std::size_t i, const PlainSums<per>& sum, const RowPart&) { write_row<per, whole>(a, c, i, sum, numbers[threadIdx.x / 32]); });
}

constexpr std::size_t widest = 512 / sizeof(Real), most_weights = 4096, most_tile_rows = 16;

// How many rows a block of a dense product has. Of few rows, it has few: then all blocks are at work at once, and this is what
// each takes.
std::size_t tile_rows(std::size_t rows) { return rows <= 2048 ? most_tile_rows / 2 : most_tile_rows; }

struct Tile {
  std::size_t first;
  unsigned rows;
  __device__ Tile(std::size_t all, unsigned most)
      : first(std::size_t(blockIdx.x) * most), rows(all - first < most ? unsigned(all - first) : most) {}
};

// A block owns a tile of rows. `parts` threads share a number of the result, each with its part of the sum.
__global__ void __launch_bounds__(block_size) project_dense_tile(Projection a, unsigned most_rows, unsigned parts) {
  __shared__ Real masked[most_tile_rows][widest], w[most_weights], y[most_tile_rows][widest];
  const unsigned in = unsigned(a.dense.cols), out = unsigned(a.y.cols);
  const Tile tile(a.dense.rows, most_rows);
  for (unsigned t = threadIdx.x; t < in * out; t += block_size) w[t] = row(a.w, t / out)[t % out];
#pragma unroll 1
  for (unsigned t = threadIdx.x; t < tile.rows * in; t += block_size) {
    const std::size_t i = tile.first + t / in, id = a.ids ? std::size_t(a.ids[i]) : i;
    masked[t / in][t % in] = row(a.dense, i)[t % in] * feature_multiplier(a.dropout, std::uint64_t(id) * in + t % in);
  }
  __syncthreads();
  const unsigned numbers = tile.rows * out, part = threadIdx.x % parts;
#pragma unroll 1
  for (unsigned base = 0; base < numbers; base += block_size / parts) {
    const unsigned t = base + threadIdx.x / parts, r = t / out, c = t % out;
    Real sum = 0;
    if (t < numbers) {
#pragma unroll 4
      for (unsigned k = part; k < in; k += parts) sum += masked[r][k] * w[k * out + c];
    }
    sum = sum_lanes(sum, 1, parts);
    if (t >= numbers || part != 0) continue;
    y[r][c] = sum;
    row(a.y, tile.first + r)[c] = sum;
  }
  __syncthreads();
  const ProjectedScores& s = a.scores;
  if (s.value.data) {
#pragma unroll 1
    for (unsigned t = threadIdx.x; t < numbers; t += block_size) {
      const std::size_t i = tile.first + t / out, id = a.ids ? std::size_t(a.ids[i]) : i;
      row(s.value, i)[t % out] = y[t / out][t % out] * feature_multiplier(s.dropout, std::uint64_t(id) * out + t % out);
    }
  }
  if (!s.source_score.data) return;
  const unsigned heads = unsigned(s.source_vector.rows), channels = unsigned(s.source_vector.cols);
#pragma unroll 1
  for (unsigned t = threadIdx.x; t < tile.rows * 2 * heads; t += block_size) {
    const unsigned r = t / (2 * heads), h = t % heads;
    const std::size_t i = tile.first + r;
    const bool of_target = t % (2 * heads) >= heads;
    if (of_target && i >= s.target_score.rows) continue;
    const Real* vector = (of_target ? s.target_vector.data : s.source_vector.data) + h * channels;
    const ConstMat& bias = of_target ? s.target_bias : s.source_bias;
    Real score = 0;
#pragma unroll 4
    for (unsigned n = 0; n < channels; ++n) score += y[r][h * channels + n] * vector[n];
    row(of_target ? s.target_score : s.source_score, i)[h] = score + (bias.data ? bias.data[h] : Real(0));
  }
}

// A block owns a tile of rows: their dx, and their piece of dw.
__global__ void __launch_bounds__(block_size) dense_backward_tile(ConstMat x, ConstMat w, ConstMat dy, Dropout dropout, const NodeId* ids,
                                                                  unsigned most_rows, Mat dx, Mat pieces) {
  __shared__ Real masked[most_tile_rows][widest], multiplier[most_tile_rows][widest], gradient[most_tile_rows][widest];
  const unsigned in = unsigned(x.cols), out = unsigned(dy.cols);
  const Tile tile(x.rows, most_rows);
  for (unsigned t = threadIdx.x; t < tile.rows * out; t += block_size) gradient[t / out][t % out] = row(dy, tile.first + t / out)[t % out];
#pragma unroll 1
  for (unsigned t = threadIdx.x; t < tile.rows * in; t += block_size) {
    const std::size_t i = tile.first + t / in, id = ids ? std::size_t(ids[i]) : i;
    const Real number = row(x, i)[t % in], m = feature_multiplier(dropout, std::uint64_t(id) * in + t % in);
    multiplier[t / in][t % in] = m;
    masked[t / in][t % in] = m * number;
  }
  __syncthreads();
#pragma unroll 1
  for (unsigned t = threadIdx.x; t < tile.rows * in && dx.data; t += block_size) {
    const unsigned r = t / in, k = t % in;
    Real sum = 0;
#pragma unroll 4
    for (unsigned c = 0; c < out; ++c) sum += gradient[r][c] * row(w, k)[c];
    row(dx, tile.first + r)[k] = multiplier[r][k] * sum;
  }
#pragma unroll 1
  for (unsigned t = threadIdx.x; t < in * out; t += block_size) {
    Real sum = 0;
#pragma unroll 4
    for (unsigned r = 0; r < tile.rows; ++r) sum += masked[r][t / out] * gradient[r][t % out];
    row(pieces, blockIdx.x)[t] = sum;
  }
}

unsigned lane_width(std::size_t width) {
  return width <= 32 ? 1 : width <= 64 ? 2 : width < 256 || most_per_lane < 8 ? 4 : 8;
}

}  // namespace

void project_sparse(Context& ctx, SparseView x, ConstMat w, Dropout dropout, std::size_t masks, const NodeId* ids, bool transposed,
                    Mat y, ProjectedScores scores) {
  SharedRows shared;
  HeadLanes shape;
  shape.per = lane_width(y.cols);
  const std::size_t slices = ceil_divide(y.cols, 32 * shape.per);
  const Tensor memory = share_rows(ctx, x.pattern, slices, shape.per, shared);
  with_columns(shape.per, whole_packs(shape, y.cols, {w, y, scores.value}), [&](auto per, auto whole) {
    launch_blocks(ctx, project_sparse_rows<per(), whole()>, dim3(unsigned(num_row_blocks(x.pattern)), unsigned(slices)),
                  Projection{x, shared, {}, w, dropout, masks, ids, transposed, y, scores});
  });
}

void project_dense(Context& ctx, ConstMat x, ConstMat w, Dropout dropout, const NodeId* ids, Mat y, ProjectedScores scores) {
  const std::size_t rows = tile_rows(x.rows);
  unsigned parts = 1;
  while (parts < 8 && 2 * parts * rows * y.cols <= block_size) parts *= 2;
  launch_blocks(ctx, project_dense_tile, dim3(unsigned(ceil_divide(x.rows, rows))),
                Projection{{}, {}, x, w, dropout, 1, ids, false, y, scores}, unsigned(rows), parts);
}

bool is_small_projection(std::size_t rows, std::size_t in, std::size_t out) {
  return rows <= 8192 && in <= widest && out <= widest && in * out <= most_weights;
}

std::size_t num_projection_pieces(std::size_t rows) { return ceil_divide(rows, tile_rows(rows)); }

void project_dense_backward(Context& ctx, ConstMat x, ConstMat w, ConstMat dy, Dropout dropout, const NodeId* ids, Mat dx,
                            Mat dw_pieces) {
  launch_blocks(ctx, dense_backward_tile, dim3(unsigned(dw_pieces.rows)), x, w, dy, dropout, ids, unsigned(tile_rows(x.rows)), dx, dw_pieces);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
