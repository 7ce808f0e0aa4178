// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include <gnn/kernels/context.hpp>

struct CUgraphExec_st;  // what a cudaGraphExec_t points to; this header is read without CUDA's own

namespace gnn::inline GNN_PRECISION {

/// Kernels that were recorded once and run again as a whole, which costs one launch instead of one each. They work in
/// memory of their own, at the same addresses every time; what they read from elsewhere must stay where it is.
class CudaGraph {
 public:
  ~CudaGraph();
  CudaGraph(const CudaGraph&) = delete;
  CudaGraph& operator=(const CudaGraph&) = delete;

  /// Runs the kernels, after all that the context was given before.
  void replay(Context& ctx) const;

  const std::shared_ptr<Pool>& pool() const { return pool_; }

 private:
  friend struct CudaCapture;
  CudaGraph() = default;
  std::shared_ptr<Pool> pool_;
  CUgraphExec_st* graph_ = nullptr;
};

namespace cuda {

/// Records the kernels that `work` starts on ctx; none of them runs. The graph takes over the memory that the context's
/// pool keeps for its next requests. beside: a graph that never runs at the same time, so that both may work in the same
/// memory; null: in none. Throws Error(internal) when `work` exchanges numbers with the host.
std::shared_ptr<const CudaGraph> capture(Context& ctx, const std::function<void()>& work, const CudaGraph* beside = nullptr);

}  // namespace cuda
}  // namespace gnn::inline GNN_PRECISION
