// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/project.hpp>
#include <gnn/kernels/cuda/row_sums.cuh>

// A warp owns a row of the result, or a block's warps a row with many non-zeros. Each lane makes one non-zero ready, with the bits
// of its masks; then the warp walks over these together, each lane with its own columns of w.
namespace gnn::inline GNN_PRECISION::cuda {

/// A launch: y = (mask o x) w, or with `transposed` y += x (mask o w), see project_sparse().
struct Projection {
  SparseView rows;
  SharedRows shared;
  ConstMat w;
  Dropout dropout;
  std::size_t masks;
  unsigned lane_bits;  // 2^lane_bits lanes share a row of y
  const NodeId* ids;
  bool transposed;
  Mat y;
  ProjectedScores scores;
};

/// Bit g: whether mask g keeps a number.
__device__ inline std::uint32_t kept_bits(const Dropout& d, std::uint32_t step, std::uint64_t place, std::size_t masks) {
  if (d.threshold == 0) return ~0u;
  std::uint32_t bits = 0;
  const std::uint64_t first = place * masks;
  const auto kept_of = [&](std::uint64_t four) { return kept_words(d, words_at(d, feature_address(d, four, step))); };
  if (masks == 8) return kept_of(first / 4) | kept_of(first / 4 + 1) << 4;  // side by side
#pragma unroll 1
  for (std::uint64_t address = first / 4; address <= (first + masks - 1) / 4; ++address) {
    const std::uint32_t kept = kept_of(address);
    const int mask = int(address * 4 - first);  // of the address's first word; below 0 these are another number's
    bits |= mask < 0 ? kept >> -mask : kept << mask;
  }
  return masks < 32 ? bits & ((1u << masks) - 1) : bits;
}

/// The columns of y that a lane has, and those who share a non-zero's row of w: the groups of a warp take turns with non-zeros.
struct ColumnShare {
  unsigned lane_bits, mask;  // mask: that of the lane's columns, which is one for all of them
  LaneColumns c;

  __device__ ColumnShare(const Projection& a, unsigned per)
      : lane_bits(a.lane_bits), mask(0), c((std::size_t(blockIdx.y) << a.lane_bits) * per + (threadIdx.x & (1u << a.lane_bits) - 1) * per, 0) {
    if (c.first >= a.y.cols) return;
    c.count = a.y.cols - c.first < per ? unsigned(a.y.cols - c.first) : per;
    if (a.masks > 1) mask = c.first / (unsigned(a.y.cols) / unsigned(a.masks));
  }
  __device__ unsigned groups() const { return 32 >> lane_bits; }
  __device__ unsigned group() const { return threadIdx.x % 32 >> lane_bits; }
};

/// A non-zero that its lane has made ready for all lanes.
struct alignas(16) ReadyNonzero {
  NodeId column;
  std::uint32_t kept;  // bit g: mask g keeps it
  Real value;
};

/// A lane's columns of row i of y, from those of its non-zeros that stand at `range`, for one warp.
template <unsigned per, bool whole>
__device__ PlainSums<per> sum_nonzeros(const Projection& a, const ColumnShare& s, std::size_t i, EdgeRange range, ReadyNonzero (&ready)[32]) {
  PlainSums<per> sum;
  const CsrView& p = a.rows.pattern;
  const std::size_t width = std::size_t(a.transposed ? p.num_rows : p.num_columns);
  const std::uint32_t step = step_of(a.dropout);
  const unsigned group = s.group(), groups = s.groups(), lane = threadIdx.x % 32, all = unsigned(range.last - range.first);
  const NodeId* columns = p.columns + range.first;
  const Real* values = a.rows.values + range.first;
  for (unsigned base = 0; base < all; base += 32) {
    ReadyNonzero own{};
    if (base + lane < all) {
      own.column = columns[base + lane];
      own.value = values[base + lane] * a.dropout.scale;
      const std::size_t node = a.transposed ? std::size_t(own.column) : i, feature = a.transposed ? i : std::size_t(own.column);
      own.kept = kept_bits(a.dropout, step, std::uint64_t(a.ids ? std::size_t(a.ids[node]) : node) * width + feature, a.masks);
    }
    __syncwarp();  // the last turn has been read
    ready[lane] = own;
    __syncwarp();
    const unsigned count = all - base < 32 ? all - base : 32;
    // All loads of a turn are under way before the first one is used.
    constexpr unsigned at_once = per == 8 ? 4 : 8;
#pragma unroll 1
    for (unsigned first = group; first < count + group; first += at_once * groups) {
      Real x[at_once][per], v[at_once];
#pragma unroll
      for (unsigned b = 0; b < at_once; ++b) {
        const unsigned from = first + b * groups;
        const ReadyNonzero& r = ready[from & 31];
        const bool is_kept = from < count && (r.kept >> s.mask & 1) && s.c.count > 0;
        const Real* at = row_of(a.w, r.column);
        v[b] = is_kept ? r.value : Real(0);
#pragma unroll
        for (unsigned k = 0; k < per; ++k) x[b][k] = 0;
        if (is_kept) load_columns<whole>(at, s.c, x[b]);
      }
#pragma unroll
      for (unsigned b = 0; b < at_once; ++b) {
#pragma unroll
        for (unsigned k = 0; k < per; ++k) sum.x[k] += v[b] * x[b][k];
      }
    }
  }
  sum_lanes(sum.x, 1u << s.lane_bits, 32);
  return sum;
}

/// How many columns a lane has: one mask's.
inline unsigned columns_of_lane(std::size_t width, std::size_t masks) {
  unsigned per = width < 256 || most_per_lane < 8 ? 4 : 8;
  while (masks > 1 && width / masks % per != 0) per /= 2;
  return per;
}

/// How many lanes have a row, or a warp's slice of one.
inline unsigned lanes_of_row(std::size_t width, unsigned per) { return std::min(32u, power_of_two_from(ceil_divide(width, per))); }

/// A projection and how its launch is shaped.
struct ProjectionLaunch {
  Projection projection;
  HeadLanes shape;  ///< its `per` only
  std::size_t slices;
  Tensor memory;    ///< kept until the launch

  ProjectionLaunch(Context& ctx, SparseView x, ConstMat w, const Dropout& dropout, std::size_t masks, const NodeId* ids, bool transposed,
                   Mat y, const ProjectedScores& scores) {
    shape.per = columns_of_lane(y.cols, masks);
    const unsigned lanes = lanes_of_row(y.cols, shape.per);
    slices = ceil_divide(y.cols, lanes * shape.per);
    SharedRows shared;
    memory = share_rows(ctx, x.pattern, slices, shape.per, shared);
    projection = {x, shared, w, dropout, masks, bits_of(lanes), ids, transposed, y, scores};
  }

  const CsrView& rows() const { return projection.rows.pattern; }
  bool whole(std::initializer_list<ConstMat> matrices) const { return whole_packs(shape, projection.y.cols, matrices); }
  /// Whether the rows are few, and a list says which of them are long: ShortRows::dealt_by_list.
  bool is_small() const { return row_turns(rows()) == 1 && rows().longest_short > 0; }
  unsigned blocks() const { return unsigned(num_row_blocks(rows())); }
};

}  // namespace gnn::inline GNN_PRECISION::cuda
