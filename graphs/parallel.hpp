// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace gnn::graphs {

/// Calls work(k) for every k below `count`, in parallel on oneTBB's current arena and in no particular order. Callers
/// cut their work into pieces whose bounds depend on sizes only, so that results do not depend on the threads. What
/// `work` throws comes out of the call.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& work);

/// How many threads parallel_for may use.
std::size_t parallel_threads();

}  // namespace gnn::graphs
