// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/project.hpp>
#include <gnn/kernels/cuda/row_sums.cuh>

// A warp owns a row of the result, or a block's warps a row with many non-zeros. Each lane makes one non-zero ready and draws its
// masks, which does not wait for the kernel before; then each lane, with its own columns of w, walks over those that its mask keeps.
namespace gnn::inline GNN_PRECISION::cuda {

/// A launch: y = (mask o x) w, or with `transposed` y += x (mask o w), see project_sparse().
struct Projection {
  SparseView rows;
  SharedRows shared;
  ConstMat w;
  Dropout dropout;
  std::size_t masks;
  unsigned lane_bits;   // 2^lane_bits lanes share a row of y
  std::uint32_t turns;  // which of 32 non-zeros the first of them look at
  unsigned mask_columns, mask_reciprocal;  // columns of a mask, and 2^32 over them, rounded down
  unsigned row_bytes;                      // of w
  const NodeId* ids;
  bool transposed;
  Mat y;
  ProjectedScores scores;
};

/// A row of w, from where `first` stands in row 0: one instruction. It has less than 2^32 bytes.
__device__ inline const Real* row_at(const Real* first, unsigned row, unsigned row_bytes) {
  return reinterpret_cast<const Real*>(reinterpret_cast<const char*>(first) + wide_product(row, row_bytes));
}

/// Bit g: whether mask g keeps a number, of at most 32.
__device__ inline std::uint32_t kept_bits(const Dropout& d, std::uint32_t step, std::uint64_t place, unsigned masks) {
  std::uint32_t bits = 0;
  const std::uint64_t first = place * masks;
#pragma unroll 1
  for (std::uint64_t address = first / 4; address <= (first + masks - 1) / 4; ++address) {
    const std::uint32_t kept = kept_words(d, words_at(d, feature_address(d, address, step)));
    const int mask = int(address * 4 - first);  // of the address's first word; below 0 these are another number's
    bits |= mask < 0 ? kept >> -mask : kept << mask;
  }
  return masks < 32 ? bits & ((1u << masks) - 1) : bits;
}

/// The columns of y that a lane has, and which of 32 non-zeros it looks at: those who have the same columns take turns.
struct ColumnShare {
  unsigned lane_bits, mask;  // mask: that of the lane's columns, which is one for all of them
  LaneColumns c;
  std::uint32_t turns = 0;  // bit k: whether non-zero k is this lane's

  __device__ ColumnShare(const Projection& a, unsigned per)
      : lane_bits(a.lane_bits), mask(0), c((blockIdx.y << a.lane_bits) * std::size_t(per) + (threadIdx.x & (1u << a.lane_bits) - 1) * per, 0) {
    if (c.first >= unsigned(a.y.cols)) return;
    const unsigned left = unsigned(a.y.cols) - c.first;
    c.count = left < per ? left : per;
    turns = a.turns << group();
    mask = __umulhi(c.first, a.mask_reciprocal);  // a division takes fifty instructions; this, or one more, is its result
    if (c.first - mask * a.mask_columns >= a.mask_columns) ++mask;
  }
  __device__ unsigned group() const { return threadIdx.x % 32 >> lane_bits; }
};

/// Bit k: whether mask `mask`, which is the caller's, keeps the number of lane k, at its place; lanes that are not `there` have none.
/// All lanes call it.
__device__ inline std::uint32_t kept_lanes(const Dropout& d, std::uint32_t step, std::uint64_t place, unsigned masks, unsigned mask, bool there) {
  if (d.threshold == 0) return __ballot_sync(~0u, there);
  if (masks == 8) {
    const uint4 a = words_at(d, feature_address(d, place * 2, step)), b = words_at(d, feature_address(d, place * 2 + 1, step));
    const std::uint32_t words[8] = {a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w};
    std::uint32_t kept[8];
#pragma unroll
    for (unsigned m = 0; m < 8; ++m) kept[m] = __ballot_sync(~0u, there && words[m] >= d.threshold);
#pragma unroll
    for (unsigned half = 4; half > 0; half /= 2) {
#pragma unroll
      for (unsigned m = 0; m < half; ++m) kept[m] = mask & half ? kept[m + half] : kept[m];
    }
    return kept[0];
  }
  const std::uint32_t bits = there ? kept_bits(d, step, place, masks) : 0;
  std::uint32_t kept = 0;
#pragma unroll 1
  for (unsigned m = 0; m < masks; ++m) {
    const std::uint32_t of_mask = __ballot_sync(~0u, bits >> m & 1);
    if (m == mask) kept = of_mask;
  }
  return kept;
}

/// A non-zero that its lane has made ready for all lanes.
struct alignas(2 * sizeof(Real)) ReadyNonzero {
  NodeId column;
  Real value;
};

/// A lane's columns of row i of y, from those of its non-zeros that stand at `range`, for one warp. Calls waited() when the kernel
/// before is done, for what is to be on its way together with w, and summed() before lanes meet, for what the row's end needs.
template <unsigned per, bool whole, class Waited, class Summed>
__device__ PlainSums<per> sum_nonzeros(const Projection& a, Follows before, const ColumnShare& s, std::size_t i, EdgeRange range,
                                       ReadyNonzero (&ready)[33], const Waited& waited, const Summed& summed) {
  PlainSums<per> sum;
  const CsrView& p = a.rows.pattern;
  const unsigned width = unsigned(a.transposed ? p.num_rows : p.num_columns);
  const std::uint32_t step = step_of(a.dropout);
  const unsigned lane = threadIdx.x % 32, all = unsigned(range.last - range.first);
  const NodeId* columns = p.columns + range.first;
  const Real* values = a.rows.values + range.first;
  const Real* w = a.w.data + s.c.first;
  const LaneColumns here(0, s.c.count);  // from there
  for (unsigned base = 0; base < all; base += 32) {
    ReadyNonzero own{};
    std::uint64_t place = 0;
    const bool there = base + lane < all;
    if (there) {
      own.column = columns[base + lane];
      own.value = values[base + lane] * a.dropout.scale;
      const unsigned node = a.transposed ? unsigned(own.column) : unsigned(i), feature = a.transposed ? unsigned(i) : unsigned(own.column);
      place = wide_product(a.ids ? unsigned(a.ids[node]) : node, width) + feature;
    }
    std::uint32_t left = kept_lanes(a.dropout, step, place, unsigned(a.masks), s.mask, there) & s.turns;
    if (base == 0) {
      before.wait();
      waited();
    }
    __syncwarp();  // the last turn has been read
    ready[lane + 1] = own;
    __syncwarp();
    // All loads of a turn are under way before the first one is used.
    constexpr unsigned at_once = 4;
    while (left != 0) {
      Real x[at_once][per], v[at_once];
      bool is_kept[at_once];
      // Who has none left reads some row and leaves it: loads that are made or not would keep their registers all along.
#pragma unroll
      for (unsigned b = 0; b < at_once; ++b) {
        is_kept[b] = left != 0;
        const unsigned from = 31 - unsigned(__clz(int(left)));
        left &= __funnelshift_l(~1u, ~1u, from);
        const ReadyNonzero r = ready[from + 1];
        v[b] = r.value;
        load_columns<whole>(row_at(w, unsigned(r.column), a.row_bytes), here, x[b]);
      }
#pragma unroll
      for (unsigned b = 0; b < at_once; ++b) {
        if (!is_kept[b]) continue;
#pragma unroll
        for (unsigned k = 0; k < per; ++k) sum.x[k] += v[b] * x[b][k];
      }
    }
  }
  if (all == 0) {
    before.wait();
    waited();
  }
  summed();
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
    const unsigned groups = 32 / lanes, mask_columns = std::max(1u, unsigned(y.cols / masks));
    const std::uint32_t turns = lanes == 1 ? 1 : ~0u / ((1u << groups) - 1);  // every so many bits
    projection = {x, shared, w, dropout, masks, bits_of(lanes), turns, mask_columns, ~0u / mask_columns, unsigned(w.stride * sizeof(Real)),
                  ids, transposed, y, scores};
  }

  const CsrView& rows() const { return projection.rows.pattern; }
  bool whole(std::initializer_list<ConstMat> matrices) const { return whole_packs(shape, projection.y.cols, matrices); }
  /// Whether the rows are few, and a list says which of them are long: ShortRows::dealt_by_list.
  bool is_small() const { return row_turns(rows()) == 1 && rows().longest_short > 0; }
  unsigned blocks() const { return unsigned(num_row_blocks(rows())); }
};

}  // namespace gnn::inline GNN_PRECISION::cuda
