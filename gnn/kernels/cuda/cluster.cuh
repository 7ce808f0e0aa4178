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

/// How many blocks, at most `most`, a cluster of this kernel can have: every such GPU takes 8, most take 16.
template <class... Parameters>
unsigned blocks_of_cluster(Context& ctx, void (*kernel)(Parameters...), unsigned most, unsigned threads) {
  use_device(ctx.cuda().ordinal);
  GNN_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1));
  for (unsigned blocks = most; blocks > 1; blocks /= 2) {
    cudaLaunchAttribute cluster = cluster_of(blocks);
    cudaLaunchConfig_t config = {};
    config.gridDim = dim3(blocks);
    config.blockDim = dim3(threads);
    config.attrs = &cluster;
    config.numAttrs = 1;
    int clusters = 0;
    GNN_CUDA_CHECK(cudaOccupancyMaxActiveClusters(&clusters, kernel, &config));
    if (clusters > 0) return blocks;
  }
  return 1;
}

}  // namespace gnn::inline GNN_PRECISION::cuda
