// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/state.hpp>

namespace gnn::inline GNN_PRECISION::cuda {

/// What the context's stream is given from now on comes after all that `stream`, of the caller's, has been given so far.
/// Throws Error(device) when that cannot be.
void follow(CudaState& state, void* stream);

/// What `stream` is given from now on comes after all that the context's has been given so far. No errors: where CUDA refuses,
/// the host waits for the context's stream.
void lead(CudaState& state, void* stream);

/// Throws Error(input) unless kernels on the GPU may read `data`, as far as CUDA can tell.
void check_memory(int ordinal, const void* data);

}  // namespace gnn::inline GNN_PRECISION::cuda
