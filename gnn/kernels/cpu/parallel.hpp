// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>

#include <gnn/kernels/context.hpp>

namespace gnn::inline GNN_PRECISION {
namespace cpu {

/// work(block) for every block, on the threads of `host`.
void run_blocks(HostThreads& host, std::size_t num_blocks, const std::function<void(std::size_t)>& work);

/// Calls work(block) for every block. Which thread runs which block is open, so a block must own what it writes.
template <class Work>
void parallel_blocks(Context& ctx, std::size_t num_blocks, const Work& work) {
  if (ctx.num_threads() == 1 || num_blocks <= 1) {
    for (std::size_t b = 0; b < num_blocks; ++b) work(b);
  } else {
    run_blocks(ctx.host(), num_blocks, std::cref(work));  // one pointer: no copy, nothing allocated
  }
}

/// Calls work(first, last) for ranges that cut [0, count) into pieces of `piece`. Pieces depend on sizes only.
template <class Work>
void parallel_ranges(Context& ctx, std::size_t count, std::size_t piece, const Work& work) {
  parallel_blocks(ctx, (count + piece - 1) / piece,
                  [&](std::size_t b) { work(b * piece, std::min(count, (b + 1) * piece)); });
}

/// Rows a piece, so that a piece holds about 32,768 numbers: enough to be worth a hand-over.
inline std::size_t rows_per_piece(std::size_t cols) { return std::max<std::size_t>(1, 16384 / std::max<std::size_t>(1, cols)); }

}  // namespace cpu
}  // namespace gnn::inline GNN_PRECISION
