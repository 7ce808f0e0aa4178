// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <gnn/core/pool.hpp>

struct cublasContext;  // what a cublasHandle_t points to
struct CUstream_st;  // what a cudaStream_t points to; this header is read without CUDA's own

namespace gnn::inline GNN_PRECISION {

/// What a context holds of a GPU. Every kernel of a context runs on its one stream, so kernels run in the order of
/// their calls, and memory that goes back to the pool may be handed out again while its last kernel still waits.
struct CudaState {
  /// How many counters there are.
  static constexpr std::size_t num_counters = std::size_t(1) << 18;

  CudaState(int ordinal_, unsigned processors_, CUstream_st* stream_, unsigned* counters_)
      : ordinal(ordinal_), processors(processors_), stream(stream_), counters(counters_) {}
  ~CudaState();
  CudaState(const CudaState&) = delete;
  CudaState& operator=(const CudaState&) = delete;

  int ordinal;
  unsigned processors;  ///< multiprocessors of the GPU
  CUstream_st* stream;
  bool starts_early = false;   ///< whether the GPU can start a kernel before another has ended, see Follows
  bool after_others = true;    ///< the next kernel waits for more than the one before it, and starts when all have ended
  std::size_t launched = 0;    ///< kernels, so far
  unsigned* counters;  ///< on the GPU: 0 between kernels, see is_last_block() and row_sums.cuh
  cublasContext* blas = nullptr;  ///< made when it is first needed, see blas.cu
  void* blas_workspace = nullptr;
};

namespace cuda {

/// What a stream waits for by itself: copies, which are made on the default stream, or only what it is told to.
enum class Waits { for_copies, for_events };

/// Opens a GPU. Throws Error(device) that says whether driver, device or its kernels are missing.
std::shared_ptr<CudaState> open_device(int ordinal, Waits waits = Waits::for_copies);

/// Frees what products hold.
void close_blas(CudaState& state);

/// Memory of the GPU. A copy waits for the kernels before it, and kernels after it wait for the copy.
const MemorySource& memory();

/// The same for what is recorded as a graph: a copy to or from the host throws Error(internal), for it would run once, now.
const MemorySource& captured_memory();

/// Makes a GPU the calling thread's current one. It stays so: restoring the one before would open a GPU that nobody
/// has asked for. A program with CUDA code of its own on another GPU selects that again after a call of this library.
void use_device(int ordinal);

/// How many GPUs can be used; 0 where there is no driver. No errors.
int num_devices();

/// One line for people: "driver 13.0, runtime 13.0, 1 GPU: NVIDIA H200 (140 GiB)", or why there is none. No errors.
std::string describe_devices();

}  // namespace cuda
}  // namespace gnn::inline GNN_PRECISION
