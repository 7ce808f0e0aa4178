// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <gnn/core/adjacency.hpp>
#include <gnn/core/tensor.hpp>
#include <gnn/kernels/cpu/parallel.hpp>

// Walks over the rows of a sparse matrix in its blocks of about equal work, one owner each.
namespace gnn::inline GNN_PRECISION::cpu {

/// Calls work(block, first row, last row) for every block.
template <class Work>
void for_blocks(Context& ctx, const CsrView& rows, const Work& work) {
  parallel_blocks(ctx, rows.num_blocks, [&](std::size_t b) {
    work(b, std::size_t(rows.blocks[b]), std::size_t(rows.blocks[b + 1]));
  });
}

/// Calls work(row) for every row.
template <class Work>
void for_rows(Context& ctx, const CsrView& rows, const Work& work) {
  for_blocks(ctx, rows, [&](std::size_t, std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) work(i);
  });
}

inline void clear_row(Mat m, std::size_t i) { std::fill_n(m.row(i), m.cols, Real(0)); }

}  // namespace gnn::inline GNN_PRECISION::cpu
