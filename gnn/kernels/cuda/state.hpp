// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <gnn/core/pool.hpp>

namespace gnn::inline GNN_PRECISION {

struct CudaState;

namespace cuda {

/// Opens a GPU. Throws Error(device) that says whether driver, device or memory is missing.
std::shared_ptr<CudaState> open_device(int ordinal);

/// Memory of the GPU.
const MemorySource& memory();

}  // namespace cuda
}  // namespace gnn::inline GNN_PRECISION
