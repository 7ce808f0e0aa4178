// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/interop.hpp>

#include <gnn/kernels/cuda/launch.cuh>

namespace gnn::inline GNN_PRECISION::cuda {

void follow(CudaState& state, void* stream) {
  use_device(state.ordinal);
  const auto callers = static_cast<cudaStream_t>(stream);
  cudaStreamCaptureStatus recording = cudaStreamCaptureStatusNone;
  cudaError_t error = cudaStreamIsCapturing(callers, &recording);
  if (error == cudaSuccess && recording != cudaStreamCaptureStatusNone) {
    fail(ErrorKind::device, "stream: expected one that runs its work, found one that records a graph");
  }
  if (error == cudaSuccess) error = put_in_order(callers, state.stream);
  state.after_others = true;
  if (error == cudaSuccess) return;
  cudaGetLastError();
  fail(ErrorKind::device, "stream: expected a living stream of cuda:", state.ordinal, ", found one that CUDA refuses: ",
       cudaGetErrorString(error));
}

void lead(CudaState& state, void* stream) {
  if (cudaSetDevice(state.ordinal) == cudaSuccess && put_in_order(state.stream, static_cast<cudaStream_t>(stream)) == cudaSuccess)
    return;
  if (cudaStreamSynchronize(state.stream) != cudaSuccess) cudaGetLastError();
}

void check_memory(int ordinal, const void* data) {
  use_device(ordinal);
  cudaPointerAttributes found = {};
  const cudaError_t error = cudaPointerGetAttributes(&found, data);
  if (error != cudaSuccess) cudaGetLastError();
  if (error != cudaSuccess || found.type == cudaMemoryTypeUnregistered) {
    fail(ErrorKind::input, "memory: expected memory of cuda:", ordinal,
         ", found a pointer that CUDA does not know: it was freed, or is the host's");
  }
  if (found.type == cudaMemoryTypeHost) {
    fail(ErrorKind::input, "memory: expected memory of cuda:", ordinal, ", found memory of the host");
  }
  if (found.type == cudaMemoryTypeDevice && found.device != ordinal) {
    fail(ErrorKind::input, "memory: expected memory of cuda:", ordinal, ", found memory of cuda:", found.device);
  }
}

}  // namespace gnn::inline GNN_PRECISION::cuda
