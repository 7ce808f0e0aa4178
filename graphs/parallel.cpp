// SPDX-License-Identifier: Apache-2.0
#include <graphs/parallel.hpp>

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

namespace gnn::graphs {

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& work) {
  if (count == 1) return work(0);
  oneapi::tbb::parallel_for(std::size_t(0), count, work);
}

std::size_t parallel_threads() { return std::size_t(oneapi::tbb::this_task_arena::max_concurrency()); }

}  // namespace gnn::graphs
