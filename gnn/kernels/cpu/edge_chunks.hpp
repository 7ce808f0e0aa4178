// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <gnn/core/adjacency.hpp>
#include <gnn/kernels/cpu/parallel.hpp>
#include <gnn/kernels/cpu/simd.hpp>

namespace gnn::inline GNN_PRECISION::cpu {

/// Edges that are treated at once. Short rows are put together, so that vector code has work; long rows are cut.
inline constexpr std::size_t edge_chunk = draw_lanes;

/// A run of edges [first, first + count) with both ends spelled out.
struct EdgeChunk {
  std::size_t first = 0, count = 0;
  std::uint32_t row[edge_chunk];     ///< of the matrix that is walked
  std::uint32_t target[edge_chunk];  ///< = row when rows are targets
  std::uint32_t source[edge_chunk];
};

/// The end of a chunk's run of edges that share the row of edge k.
inline std::size_t run_end(const EdgeChunk& chunk, std::size_t k) {
  const std::uint32_t row = chunk.row[k];
  while (k < chunk.count && chunk.row[k] == row) ++k;
  return k;
}

/// Fills the chunk that starts at edge `first`, which lies in row `row` or, when that has ended, in a later one.
inline void load_chunk(const CsrView& rows, std::size_t first, std::size_t end, std::size_t row, bool rows_are_targets,
                       EdgeChunk& chunk) {
  chunk.first = first;
  chunk.count = std::min(edge_chunk, end - first);
  for (std::size_t k = 0; k < chunk.count; ++k) {
    while (first + k >= std::size_t(rows.offsets[row + 1])) ++row;
    const std::uint32_t column = std::uint32_t(rows.columns[first + k]);
    chunk.row[k] = std::uint32_t(row);
    chunk.target[k] = rows_are_targets ? std::uint32_t(row) : column;
    chunk.source[k] = rows_are_targets ? column : std::uint32_t(row);
  }
}

/// multiplier[k, h] = dropout's multiplier of the chunk's edge k and head h: 0 or scale. count x heads.
void draw_edges(const Dropout& d, const CsrView& rows, const EdgeChunk& chunk, std::size_t heads, Real* multiplier);

/// Calls work(chunk) for the chunks of block b of the rows, in their order.
template <class Work>
void for_chunks_of_block(const CsrView& rows, std::size_t b, bool rows_are_targets, const Work& work) {
  EdgeChunk chunk;
  std::size_t row = std::size_t(rows.blocks[b]);
  const std::size_t last = std::size_t(rows.offsets[rows.blocks[b + 1]]);
  for (std::size_t e = std::size_t(rows.offsets[row]); e < last; e += edge_chunk) {
    load_chunk(rows, e, last, row, rows_are_targets, chunk);
    work(chunk);
    row = chunk.row[chunk.count - 1];
  }
}

/// For every block of rows, and every chunk of edges in it: work(chunk, state). state = begin(first_row, last_row) is made
/// before the first chunk of a block, and end(first_row, last_row) called after its last.
template <class Begin, class Work, class End>
void for_edge_chunks(Context& ctx, const CsrView& rows, bool rows_are_targets, const Begin& begin, const Work& work,
                     const End& end) {
  parallel_blocks(ctx, rows.num_blocks, [&](std::size_t b) {
    const std::size_t first_row = std::size_t(rows.blocks[b]), last_row = std::size_t(rows.blocks[b + 1]);
    auto state = begin(first_row, last_row);
    for_chunks_of_block(rows, b, rows_are_targets, [&](const EdgeChunk& chunk) { work(chunk, state); });
    end(first_row, last_row);
  });
}

}  // namespace gnn::inline GNN_PRECISION::cpu
