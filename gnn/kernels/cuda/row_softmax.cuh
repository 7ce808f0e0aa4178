// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/four_edges.cuh>
#include <gnn/kernels/cuda/row_sums.cuh>

namespace gnn::inline GNN_PRECISION::cuda {

/// Edges of a group whose loads are under way together: in a small graph fewer, see Walk.
inline constexpr unsigned edges_at_once = 4, few_edges = 2;

/// Calls work(per, whole, edges), all as constants.
template <class Work>
void with_columns_and_edges(unsigned per, bool whole, std::size_t rows, const Work& work) {
  with_columns(per, whole, [&](auto columns, auto is_whole) {
    if (rows < small_graph) return work(columns, is_whole, std::integral_constant<unsigned, few_edges>());
    work(columns, is_whole, std::integral_constant<unsigned, edges_at_once>());
  });
}

/// Calls work(per, whole, edges, by_fours), all as constants.
template <class Work>
void with_columns_and_fours(const HeadLanes& s, bool whole, std::size_t rows, const Work& work) {
  if constexpr (most_per_lane == 8) {
    if (edges_go_by_fours(s, whole)) {
      return work(std::integral_constant<unsigned, 8>(), std::true_type(), std::integral_constant<unsigned, four_edges>(), std::true_type());
    }
  }
  with_columns_and_edges(s.per, whole, rows, [&](auto per, auto is_whole, auto edges) { work(per, is_whole, edges, std::false_type()); });
}

/// A softmax over edges and the sum that it weighs, taken along the way: a larger logit scales down what was summed. Each
/// group of lanes has one for its own edges, and they meet at the end. See head_lanes.cuh.
template <unsigned per>
struct RowSoftmax {
  Real most = -INFINITY, total = 0, sum[per] = {};

  /// Logits of edges that are not there are -INFINITY. A NaN stays: it fails every comparison, and its weight is NaN.
  template <unsigned edges>
  __device__ void add(const Real (&logit)[edges], const Real (&multiplier)[edges], const Real (&x)[edges][per]) {
    Real next = most;
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) next = logit[k] > next ? logit[k] : next;
    scale_to(next);
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      if (logit[k] == -INFINITY) continue;
      const Real weight = exp(logit[k] - most), share = weight * multiplier[k];
      total += weight;
#pragma unroll
      for (unsigned n = 0; n < per; ++n) sum[n] += share * x[k][n];
    }
  }

  /// A lane's own one of four edges, see four_edges.cuh; total is the lane's share of it, too. Returns what multiplies the edge's x.
  __device__ Real add_own(Real logit, Real multiplier) {
    Real next = logit > most ? logit : most;
    next = max_lanes(next, 1, four_edges);
    scale_to(next);
    const Real weight = logit == -INFINITY ? Real(0) : exp(logit - most);
    total += weight;
    return weight * multiplier;
  }

  /// What comes next has logits of up to this.
  __device__ void scale_to_larger(Real logit) { scale_to(logit > most ? logit : most); }

  __device__ void add(const RowSoftmax& other) {
    const Real next = other.most > most ? other.most : most;
    scale_to(next);
    const Real down = other.most == -INFINITY ? Real(0) : exp(other.most - next);
    total += down * other.total;
#pragma unroll
    for (unsigned n = 0; n < per; ++n) sum[n] += down * other.sum[n];
  }

  /// All lanes get what their group and the others have, which differ in lane bits from `from` on. Sums are scaled to the largest
  /// logit of all before they meet, so that one weight is computed and not one for each pair of groups.
  __device__ void meet_groups(unsigned from) {
    scale_to(max_lanes(most, from, 32));
    total = sum_lanes(total, from, 32);
    sum_lanes(sum, from, 32);
  }

  /// 1 / total; 0 without edges, and NaN stays.
  __device__ Real inverse() const { return total > 0 ? 1 / total : total; }

 private:
  __device__ void scale_to(Real next) {
    if (most == next || (most == -INFINITY && next == -INFINITY)) return;
    const Real down = most == -INFINITY ? Real(0) : exp(most - next);
    total *= down;
#pragma unroll
    for (unsigned n = 0; n < per; ++n) sum[n] *= down;
    most = next;
  }
};

/// For sum_rows().
struct AddSoftmax {
  template <unsigned per>
  __device__ void operator()(RowSoftmax<per>& a, const RowSoftmax<per>& b) const {
    a.add(b);
  }
};

/// Calls visit(e, j) for a group's edges of a range, n at a time: e[k] is the edge's place, j[k] its other end, negative where
/// there is no edge. The other ends of the next ones are read meanwhile.
template <unsigned n, class Visit>
__device__ void for_edges_of_group(const HeadLanes& s, const WarpPlace& p, const CsrView& rows, EdgeRange range, const Visit& visit) {
  NodeId next[n];
  const auto read = [&](std::size_t base) {
#pragma unroll
    for (unsigned k = 0; k < n; ++k) {
      const std::size_t e = base + k * s.groups + p.group;
      next[k] = e < range.last ? rows.columns[e] : NodeId(-1);
    }
  };
  read(range.first);
  for (std::size_t base = range.first; base < range.last; base += n * s.groups) {
    std::size_t e[n];
    NodeId j[n];
#pragma unroll
    for (unsigned k = 0; k < n; ++k) {
      e[k] = base + k * s.groups + p.group;
      j[k] = next[k];
    }
    read(base + n * s.groups);
    visit(e, j);
  }
}

/// sums[n] of all warps of a block to the columns of row `piece` of `pieces`; those of group 0 count. All threads call it.
template <unsigned per, class Place>
__device__ void write_column_piece(const Place& p, const LaneColumns& c, const Real (&sums)[per], const Mat& pieces,
                                   std::size_t piece) {
  __shared__ Real shared[warps_of_block][per][32];
  __shared__ unsigned column[per][32];  // and whether a lane has one
  const unsigned warp = threadIdx.x / 32;
  __syncthreads();  // the call before may still be read
#pragma unroll
  for (unsigned n = 0; n < per; ++n) {
    shared[warp][n][p.lane] = sums[n];
    if (warp == 0) column[n][p.lane] = p.group == 0 && n < c.count ? unsigned(c.at(n)) : ~0u;
  }
  __syncthreads();
  // A thread for each column: at most as many as there are threads.
  static_assert(per * 32 <= block_size);
  if (threadIdx.x >= per * 32) return;
  const unsigned n = threadIdx.x / 32, at = column[n][p.lane];
  if (at == ~0u) return;
  Real total = 0;
#pragma unroll
  for (unsigned w = 0; w < warps_of_block; ++w) total += shared[w][n][p.lane];
  row(pieces, piece)[at] = total;
}

/// The same of a row that several blocks share: it has pieces of its own, from row `first` on at its slot, so that it does not
/// matter which block calls. The first gets the sums, the others zeros. One warp calls it.
template <unsigned per>
__device__ void write_shared_row_piece(const WarpPlace& p, const LaneColumns& c, const Real (&sums)[per], const Mat& pieces,
                                       std::size_t first, const RowPart& part) {
  if (p.group != 0) return;
  for (std::size_t k = 0; k < part.parts; ++k) {
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      if (n < c.count) row(pieces, first + part.slot + k)[c.at(n)] = k == 0 ? sums[n] : Real(0);
    }
  }
}

/// How many blocks share the rows of a sum over nodes, each writing a piece.
inline std::size_t num_row_pieces(std::size_t rows) {
  return std::max<std::size_t>(1, std::min<std::size_t>(512, ceil_divide(rows, warps_of_block)));
}
/// The same of a matrix, whose parts of long rows have blocks of their own.
inline std::size_t num_row_pieces(const CsrView& rows) { return num_row_pieces(rows.num_parts * warps_of_block + std::size_t(rows.num_rows)); }

}  // namespace gnn::inline GNN_PRECISION::cuda
