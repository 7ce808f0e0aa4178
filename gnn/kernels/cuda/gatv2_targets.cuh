// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/gatv2_signs.cuh>
#include <gnn/kernels/cuda/row_softmax.cuh>

// The way back of GATv2's attention along the edges into each target, which gathers nothing: signs and terms of the edges stand in
// their order.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

struct Backward {
  CsrView rows;  // by source, or by target
  SharedRows shared;
  HeadLanes shape;
  ConstMat source, target, value, a;
  Real slope;
  Dropout dropout;
  ConstMat alphas, dout, correction;
  bool of_mean;  // dout has the columns of one head
  Signs signs;
  Mat dlogit, dsource, dtarget, dvalue;
  bool fresh;  // gradients are written, and dsource is the value's, too
  Mat pieces;
  std::size_t first_piece;
};

// Per target: bits and terms of its own edges, in their order.
template <unsigned per, unsigned edges>
__device__ PlainSums<per> sum_positive(const Backward& b, const WarpPlace& p, const LaneColumns& c, EdgeRange range) {
  const std::size_t h = p.first_head + p.head;
  PlainSums<per> positive;
  for_edges_of_group<edges>(b.shape, p, b.rows, range, [&](const std::size_t (&e)[edges], const NodeId (&j)[edges]) {
    unsigned bits[edges] = {};
    Real term[edges] = {};
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
      if (j[k] < 0 || c.count == 0) continue;
      bits[k] = load_signs<per>(p, b.signs.at(e[k], h));
      term[k] = row(b.dlogit, e[k])[h];
    }
#pragma unroll
    for (unsigned k = 0; k < edges; ++k) {
#pragma unroll
      for (unsigned n = 0; n < per; ++n) positive.x[n] += (bits[k] >> n & 1) ? term[k] : Real(0);
    }
  });
  sum_lanes(positive.x, b.shape.heads * b.shape.lanes, 32);
  return positive;
}

template <unsigned per, bool whole, unsigned edges>
__global__ void __launch_bounds__(block_size) gatv2_backward_targets(Follows before, Backward b) {
  before.wait();
  const WarpPlace p(b.shape);
  const LaneColumns c(b.shape, p, b.a.rows, columns_in_turn(b.shape));
  Real da[per] = {};
  const auto write = [&](std::size_t i, const PlainSums<per>& positive, const RowPart& part) {
    if (p.group != 0 || c.count == 0) return;
    Real own[per], of_vector[per] = {};
    load_columns<whole>(row(b.target, i), c, own);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) {
      if (n >= c.count) continue;
      const Real gradient = (1 - b.slope) * positive.x[n];
      Real& to = row(b.dtarget, i)[c.at(n)];
      to = (b.fresh ? Real(0) : to) + gradient * b.a.data[c.at(n)];
      of_vector[n] = gradient * own[n];
    }
    if (part.parts > 1) return write_shared_row_piece(p, c, of_vector, b.pieces, b.first_piece + gridDim.x, part);
#pragma unroll
    for (unsigned n = 0; n < per; ++n) da[n] += of_vector[n];
  };
  sum_rows<PlainSums<per>, ShortRows::dealt_sorted>(
      b.rows, b.shared, [&](std::size_t, EdgeRange range) { return sum_positive<per, edges>(b, p, c, range); }, AddSums(), write);
  write_column_piece(p, c, da, b.pieces, b.first_piece + blockIdx.x);
}

// The same where the signs of an edge are words: a lane has the 16 columns of one, of one head. With eight columns a lane, what it
// does for an edge beside adding is most of its work; with 32, fewer warps have room.
using Word = std::uint16_t;
inline constexpr unsigned word = 8 * sizeof(Word);

bool goes_by_words(ConstMat a, std::initializer_list<ConstMat> matrices) {
  const bool fits = a.size() > word && a.cols % 8 == 0 && (a.rows == 1 || a.cols % word == 0);
  return fits && whole_packs(HeadLanes{8, 1, 1, 1, 0, 0, 1, 8}, 8, matrices);
}

// Blocks of the pass: all have room on an H100 or H200 at once.
std::size_t num_target_pieces(std::size_t rows) { return std::min<std::size_t>(384, num_row_pieces(rows)); }

HeadLanes lanes_of_words(ConstMat a) {
  const std::size_t words = ceil_divide(a.size(), word);
  const unsigned lanes = unsigned(std::min<std::size_t>(32, power_of_two_from(words)));
  return {word, lanes, 1, 32 / lanes, bits_of(lanes), 0, unsigned(ceil_divide(words, lanes)), unsigned(a.size())};
}

// n: a word. A lane without columns reads the first ones.
template <unsigned n>
__device__ PlainSums<n> sum_words(const Backward& b, const WarpPlace& p, std::size_t first_column, EdgeRange range) {
  PlainSums<n> positive;
  const unsigned groups = b.shape.groups;
  const std::size_t heads = b.a.rows, column = first_column < heads * b.a.cols ? first_column : 0, h = heads == 1 ? 0 : column / b.a.cols;
  unsigned next_bits[four_edges] = {};
  Real next_term[four_edges] = {};
  // An edge that is not there reads the last one and counts nothing.
  const auto read = [&](std::size_t base) {
#pragma unroll
    for (unsigned k = 0; k < four_edges; ++k) {
      const std::size_t e = base + k * groups + p.group, at = e < range.last ? e : range.last - 1;
      next_bits[k] = *reinterpret_cast<const Word*>(b.signs.data + at * b.signs.bytes + column / 8);
      next_term[k] = row(b.dlogit, at)[h];
      if (e >= range.last) next_term[k] = 0;
    }
  };
  if (range.first < range.last) read(range.first);
  for (std::size_t base = range.first; base < range.last; base += four_edges * groups) {
    unsigned bits[four_edges];
    Real term[four_edges];
#pragma unroll
    for (unsigned k = 0; k < four_edges; ++k) {
      bits[k] = next_bits[k];
      term[k] = next_term[k];
    }
    read(base + four_edges * groups);
    __syncwarp();  // loads stay in front of it: the compiler would put each behind what the one before is used for
#pragma unroll
    for (unsigned k = 0; k < four_edges; ++k) {
#pragma unroll
      for (unsigned m = 0; m < n; ++m) {
        if (bits[k] & 1u << m) positive.x[m] += term[k];
      }
    }
  }
  sum_lanes(positive.x, b.shape.lanes, 32);
  return positive;
}

template <unsigned n>
__global__ void __launch_bounds__(block_size, 3) gatv2_backward_target_words(Follows before, Backward b) {
  before.wait();
  constexpr unsigned per = 8, packs = n / per;
  const WarpPlace p(b.shape);
  const std::size_t first = (std::size_t(blockIdx.y) * b.shape.lanes + p.part) * n, width = b.a.rows * b.a.cols;
  const auto columns = [&](unsigned k) { return LaneColumns(first + k * per, first + k * per < width ? per : 0); };
  Real da[packs][per] = {};
  const auto write = [&](std::size_t i, const PlainSums<n>& positive, const RowPart& part) {
    if (p.group != 0) return;
#pragma unroll
    for (unsigned k = 0; k < packs; ++k) {
      const LaneColumns c = columns(k);
      if (c.count == 0) continue;
      Real own[per], a[per], to[per] = {}, of_vector[per];
      load_columns<true>(row(b.target, i), c, own);
      load_columns<false>(b.a.data, c, a);
      if (!b.fresh) load_columns<true>(row(b.dtarget, i), c, to);
#pragma unroll
      for (unsigned m = 0; m < per; ++m) {
        const Real gradient = (1 - b.slope) * positive.x[k * per + m];
        to[m] += gradient * a[m];
        of_vector[m] = gradient * own[m];
      }
      store_columns<true>(row(b.dtarget, i), c, to);
      if (part.parts > 1) {
        write_shared_row_piece(p, c, of_vector, b.pieces, b.first_piece + gridDim.x, part);
      } else {
#pragma unroll
        for (unsigned m = 0; m < per; ++m) da[k][m] += of_vector[m];
      }
    }
  };
  sum_rows<PlainSums<n>, ShortRows::dealt_sorted>(
      b.rows, b.shared, [&](std::size_t, EdgeRange range) { return sum_words<n>(b, p, first, range); }, AddSums(), write);
#pragma unroll
  for (unsigned k = 0; k < packs; ++k) write_column_piece(p, columns(k), da[k], b.pieces, b.first_piece + blockIdx.x);
}

}  // namespace
}  // namespace gnn::inline GNN_PRECISION::cuda
