// SPDX-License-Identifier: Apache-2.0
#include <graphs/parallel.hpp>

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

// oneTBB's library is not built with the thread sanitizer, which then cannot see how its threads hand over to each
// other. So this file is left out of the sanitizer too (see CMakeLists.txt), and says itself what oneTBB promises: what
// was written before the call is seen by the pieces, and what these write is seen after it.
#ifdef GNN_THREAD_SANITIZER
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#else
#define __tsan_acquire(address) ((void)(address))
#define __tsan_release(address) ((void)(address))
#endif

namespace gnn::graphs {

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& work) {
  if (count == 1) return work(0);
  char begin = 0, end = 0;
  __tsan_release(&begin);
  oneapi::tbb::parallel_for(oneapi::tbb::blocked_range<std::size_t>(0, count), [&](const auto& range) {
    __tsan_acquire(&begin);
    for (std::size_t k = range.begin(); k != range.end(); ++k) work(k);
    __tsan_release(&end);
  });
  __tsan_acquire(&end);
}

std::size_t parallel_threads() { return std::size_t(oneapi::tbb::this_task_arena::max_concurrency()); }

}  // namespace gnn::graphs
