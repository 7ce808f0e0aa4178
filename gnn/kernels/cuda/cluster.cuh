// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/launch.cuh>

// Blocks that run side by side and can wait for each other: a cluster, of GPUs from compute capability 9.0 on.
namespace gnn::inline GNN_PRECISION::cuda {

/// All threads of the cluster have come here, and what they wrote before is there for all of them. A wait of some 200 ns, where
/// the next kernel's beginning would be some 1200.
__device__ inline void cluster_barrier() {
#if __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
#else
  __syncthreads();  // a cluster is one block
#endif
}

/// The launch of a kernel as one cluster.
struct ClusterLaunch {
  cudaLaunchAttribute attributes[2] = {};
  cudaLaunchConfig_t config = {};

  ClusterLaunch(const CudaState& state, unsigned blocks, unsigned threads) {
    attributes[0].id = cudaLaunchAttributeClusterDimension;
    attributes[0].val.clusterDim.x = blocks;
    attributes[0].val.clusterDim.y = attributes[0].val.clusterDim.z = 1;
    attributes[1].id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attributes[1].val.programmaticStreamSerializationAllowed = 1;
    config.gridDim = dim3(blocks);
    config.blockDim = dim3(threads);
    config.stream = state.stream;
    config.attrs = attributes;
    config.numAttrs = state.starts_early && !state.after_others ? 2 : 1;
  }
  ClusterLaunch(const ClusterLaunch&) = delete;
  ClusterLaunch& operator=(const ClusterLaunch&) = delete;
};

/// How many blocks, at most `most`, a cluster of this kernel can have: every such GPU takes 8, most take 16.
template <class... Parameters>
unsigned blocks_of_cluster(Context& ctx, void (*kernel)(Parameters...), unsigned most, unsigned threads) {
  CudaState& state = ctx.cuda();
  use_device(state.ordinal);
  GNN_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1));
  for (unsigned blocks = most; blocks > 1; blocks /= 2) {
    const ClusterLaunch launch(state, blocks, threads);
    int clusters = 0;
    GNN_CUDA_CHECK(cudaOccupancyMaxActiveClusters(&clusters, kernel, &launch.config));
    if (clusters > 0) return blocks;
  }
  return 1;
}

/// Runs a kernel as one cluster of blocks_of_cluster() blocks.
template <class... Parameters, class... Arguments>
void launch_cluster(Context& ctx, void (*kernel)(Parameters...), unsigned blocks, unsigned threads, const Arguments&... arguments) {
  CudaState& state = ctx.cuda();
  use_device(state.ordinal);
  const ClusterLaunch launch(state, blocks, threads);
  check_call(cudaLaunchKernelEx(&launch.config, kernel, Follows(), arguments...), "a kernel's launch");
  state.after_others = false;
  ++state.launched;
}

}  // namespace gnn::inline GNN_PRECISION::cuda
