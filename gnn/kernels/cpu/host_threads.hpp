// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <optional>

#include <gnn/kernels/context.hpp>

namespace gnn::inline GNN_PRECISION {

struct HostThreads {
  explicit HostThreads(int num_threads);

  std::optional<oneapi::tbb::global_control> more_workers;
  oneapi::tbb::task_arena arena;
};

}  // namespace gnn::inline GNN_PRECISION
