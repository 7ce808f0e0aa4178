// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <optional>

#include <gnn/kernels/context.hpp>

namespace gnn::inline GNN_PRECISION {

struct HostThreads {
  explicit HostThreads(int num_threads) : count(num_threads), arena(num_threads) {
    // oneTBB makes no more workers than there are processors, and says so on stderr, unless it is told to.
    const std::size_t wanted = std::size_t(num_threads);
    if (wanted > oneapi::tbb::global_control::active_value(oneapi::tbb::global_control::max_allowed_parallelism)) {
      more_workers.emplace(oneapi::tbb::global_control::max_allowed_parallelism, wanted);
    }
  }
  int count;
  std::optional<oneapi::tbb::global_control> more_workers;
  oneapi::tbb::task_arena arena;
};

namespace cpu {

/// Calls work(block) for every block. Which thread runs which block is open, so a block must own what it writes.
template <class Work>
void parallel_blocks(Context& ctx, std::size_t num_blocks, const Work& work) {
  HostThreads& host = ctx.host();
  if (host.count == 1 || num_blocks <= 1) {
    for (std::size_t b = 0; b < num_blocks; ++b) work(b);
    return;
  }
  host.arena.execute([&] {
    oneapi::tbb::parallel_for(
        oneapi::tbb::blocked_range<std::size_t>(0, num_blocks), [&](const auto& range) {
          for (std::size_t b = range.begin(); b != range.end(); ++b) work(b);
        });
  });
}

/// Calls work(first, last) for ranges that cut [0, count) into pieces of `piece`. Pieces depend on sizes only.
template <class Work>
void parallel_ranges(Context& ctx, std::size_t count, std::size_t piece, const Work& work) {
  parallel_blocks(ctx, (count + piece - 1) / piece,
                  [&](std::size_t b) { work(b * piece, std::min(count, (b + 1) * piece)); });
}

/// Rows a piece, so that a piece holds about 32,768 numbers: enough to be worth a hand-over.
inline std::size_t rows_per_piece(std::size_t cols) { return std::max<std::size_t>(1, 32768 / std::max<std::size_t>(1, cols)); }

}  // namespace cpu
}  // namespace gnn::inline GNN_PRECISION
