// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include <gnn/core/adjacency.hpp>
#include <gnn/core/tensor.hpp>
#include <gnn/kernels/context.hpp>
#include <gnn/kernels/cuda/state.hpp>
#include <graphs/error.hpp>

/// Throws Error(device) when a call of CUDA fails. What a kernel does wrong while it runs appears at a later call.
#define GNN_CUDA_CHECK(call) ::gnn::cuda::check_call(call, #call)

namespace gnn::inline GNN_PRECISION::cuda {

inline void check_call(cudaError_t error, const char* call) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // CUDA remembers an error until it is asked; the next call must not see this one
  fail(ErrorKind::device, "cuda: ", call, " failed: ", cudaGetErrorString(error), " (", cudaGetErrorName(error), ")");
}

/// Lets `second` wait for what `first` has been given so far.
inline cudaError_t put_in_order(cudaStream_t first, cudaStream_t second) {
  cudaEvent_t event = nullptr;
  cudaError_t error = cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
  if (error == cudaSuccess) error = cudaEventRecord(event, first);
  if (error == cudaSuccess) error = cudaStreamWaitEvent(second, event, 0);
  if (event) cudaEventDestroy(event);  // those who wait for it go on waiting
  if (error != cudaSuccess) cudaGetLastError();
  return error;
}

/// The first parameter of a kernel that is started while the one before it still ends: its blocks take the places of those that
/// are done, instead of waiting until the last one's results are everywhere. That saves a quarter of a microsecond a kernel.
struct Follows {
  /// What such a kernel does first: until here it reads and writes nothing. Behind the first time it costs nothing.
  __device__ void wait() const {
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
  }
  /// What a kernel says first that calls wait() where it needs the kernel before it: until there it reads what that one, which has
  /// waited for those before it, does not write, and writes nothing. It is launched behind a kernel of its own step only.
  __device__ void wait_later() const {}
  /// For a kernel of a small graph, once it has waited: the next one may start where there is room, and come as far as its wait().
  __device__ void start_next() const {
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
  }
};

inline constexpr unsigned block_size = 256;  ///< threads of every block

template <class... Parameters>
inline constexpr bool follows = false;
template <class... Parameters>
inline constexpr bool follows<Follows, Parameters...> = true;

constexpr std::size_t ceil_divide(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

/// Blocks of a launch, their threads, and how much more shared memory each has than the kernel declares.
struct Grid {
  dim3 blocks;
  unsigned threads = block_size;
  std::size_t shared_bytes = 0;
  bool cluster = false;  ///< all blocks are one, see cluster.cuh
};

/// That so many blocks are a cluster.
inline cudaLaunchAttribute cluster_of(unsigned blocks) {
  cudaLaunchAttribute cluster = {};
  cluster.id = cudaLaunchAttributeClusterDimension;
  cluster.val.clusterDim.x = blocks;
  cluster.val.clusterDim.y = cluster.val.clusterDim.z = 1;
  return cluster;
}

/// Runs a kernel on the context's stream. Kernels say with Follows how they begin.
template <class... Parameters, class... Arguments>
void launch_grid(Context& ctx, void (*kernel)(Parameters...), const Grid& grid, const Arguments&... arguments) {
  CudaState& state = ctx.cuda();
  use_device(state.ordinal);
  cudaLaunchConfig_t config = {};
  config.gridDim = grid.blocks;
  config.blockDim = dim3(grid.threads);
  config.dynamicSmemBytes = grid.shared_bytes;
  config.stream = state.stream;
  cudaLaunchAttribute attributes[2] = {};
  config.attrs = attributes;
  if (grid.cluster) attributes[config.numAttrs++] = cluster_of(grid.blocks.x);
  if constexpr (follows<Parameters...>) {
    if (state.starts_early && !state.after_others) {
      cudaLaunchAttribute& early = attributes[config.numAttrs++];
      early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
      early.val.programmaticStreamSerializationAllowed = 1;
    }
    check_call(cudaLaunchKernelEx(&config, kernel, Follows(), arguments...), "a kernel's launch");
  } else {
    check_call(cudaLaunchKernelEx(&config, kernel, arguments...), "a kernel's launch");
  }
  state.after_others = false;
  ++state.launched;
}

/// The same with block_size threads each. An empty grid is no error here: nothing is to be done.
template <class... Parameters, class... Arguments>
void launch_blocks(Context& ctx, void (*kernel)(Parameters...), dim3 blocks, const Arguments&... arguments) {
  if (blocks.x == 0 || blocks.y == 0 || blocks.z == 0) return;
  launch_grid(ctx, kernel, Grid{blocks}, arguments...);
}

/// Runs a kernel with at least `threads` threads. They see their number as thread_index().
template <class... Parameters, class... Arguments>
void launch(Context& ctx, void (*kernel)(Parameters...), std::size_t threads, const Arguments&... arguments) {
  const std::size_t blocks = ceil_divide(threads, block_size);
  if (blocks > 0x7FFFFFFF) fail(ErrorKind::device, "cuda: ", threads, " threads are more than a launch can hold");
  launch_blocks(ctx, kernel, dim3(unsigned(blocks)), arguments...);
}

__device__ inline std::size_t thread_index() { return std::size_t(blockIdx.x) * block_size + threadIdx.x; }

/// Row i, as Mat::row() gives it on the host.
__device__ inline const Real* row(const ConstMat& m, std::size_t i) { return m.data + i * m.stride; }
__device__ inline Real* row(const Mat& m, std::size_t i) { return m.data + i * m.stride; }

/// The same of a node, for inner loops: one multiplication. A row is shorter than 2^32.
__device__ inline const Real* row_of(const ConstMat& m, NodeId i) { return m.data + std::size_t(unsigned(i)) * unsigned(m.stride); }
__device__ inline Real* row_of(const Mat& m, NodeId i) { return m.data + std::size_t(unsigned(i)) * unsigned(m.stride); }

/// The places of row i's edges: first to last - 1.
struct EdgeRange {
  std::size_t first, last;
};
__device__ inline EdgeRange edges_of(const CsrView& rows, std::size_t i) {
  return {std::size_t(rows.offsets[i]), std::size_t(rows.offsets[i + 1])};
}

/// Where the edge at place e has its numbers: its place in the rows by target.
__device__ inline std::size_t edge_at(const CsrView& rows, std::size_t e) {
  return rows.edge ? std::size_t(rows.edge[e]) : e;
}

/// How many lanes should share `width` numbers: a power of two, at most a warp.
inline unsigned lanes_for(std::size_t width) {
  unsigned lanes = 1;
  while (lanes < 32 && lanes < width) lanes *= 2;
  return lanes;
}

/// A part of a warp that works on one thing, so that a warp holds several narrow ones. Sums meet in a fixed order, and
/// every lane gets the same bits. All lanes of a group call sum() and maximum() together; groups need not agree.
struct LaneGroup {
  unsigned lanes;  ///< a power of two, at most 32
  unsigned lane;   ///< the caller's place in the group
  unsigned mask;   ///< the group's lanes in the warp

  __device__ explicit LaneGroup(unsigned lanes_)
      : lanes(lanes_),
        lane(threadIdx.x & (lanes_ - 1)),
        mask((~0u >> (32 - lanes_)) << (threadIdx.x % 32 & ~(lanes_ - 1))) {}

  /// The group's number among all groups of the launch.
  __device__ std::size_t index() const { return thread_index() >> (__ffs(int(lanes)) - 1); }

  template <class T>
  __device__ T sum(T x) const {
    for (unsigned step = lanes / 2; step > 0; step /= 2) x += __shfl_xor_sync(mask, x, int(step));
    return x;
  }
  template <class T>
  __device__ T maximum(T x) const {
    for (unsigned step = lanes / 2; step > 0; step /= 2) {
      const T other = __shfl_xor_sync(mask, x, int(step));
      x = other > x ? other : x;
    }
    return x;
  }
};

// <x, y> over n channels, for every lane of the group.
__device__ inline Real dot_product(const LaneGroup& group, const Real* x, const Real* y, std::size_t n) {
  Real sum = 0;
  for (std::size_t c = group.lane; c < n; c += group.lanes) sum += x[c] * y[c];
  return group.sum(sum);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
