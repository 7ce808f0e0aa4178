// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cpu/host_threads.hpp>

#include <gnn/kernels/cpu/parallel.hpp>
#include <graphs/parallel.hpp>

namespace gnn::inline GNN_PRECISION {

HostThreads::HostThreads(int num_threads) : arena(num_threads) {
  // oneTBB makes no more workers than there are processors, and says so on stderr, unless it is told to.
  using oneapi::tbb::global_control;
  const std::size_t wanted = std::size_t(num_threads);
  if (wanted > global_control::active_value(global_control::max_allowed_parallelism)) {
    more_workers.emplace(global_control::max_allowed_parallelism, wanted);
  }
}

std::shared_ptr<HostThreads> start_host_threads(int num_threads) { return std::make_shared<HostThreads>(num_threads); }

void Context::run(const std::function<void()>& work) {
  if (num_threads_ == 1) return work();
  host_->arena.execute(work);
}

namespace cpu {

void run_blocks(HostThreads& host, std::size_t num_blocks, const std::function<void(std::size_t)>& work) {
  host.arena.execute([&] { graphs::parallel_for(num_blocks, work); });
}

}  // namespace cpu
}  // namespace gnn::inline GNN_PRECISION
