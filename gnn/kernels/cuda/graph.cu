// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/graph.hpp>

#include <gnn/kernels/cuda/launch.cuh>

namespace gnn::inline GNN_PRECISION {

/// Puts a recording stream in the place of the context's, and that back at the end, whatever happens.
struct CudaCapture {
  explicit CudaCapture(CudaState& state_) : state(state_), usual(state_.stream) {
    use_device();
    // A stream that never waits for the default stream: copies that other threads make there do not disturb it.
    GNN_CUDA_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    // Relaxed: memory that the pool has not got yet may be allocated while kernels are recorded.
    const cudaError_t error = cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed);
    if (error != cudaSuccess) cudaStreamDestroy(stream);
    cuda::check_call(error, "cudaStreamBeginCapture");
    state.stream = stream;
    state.after_others = true;  // nothing is before the first kernel
  }
  ~CudaCapture() {
    state.stream = usual;
    state.after_others = true;
    cudaGraph_t unfinished = nullptr;
    if (!done && cudaStreamEndCapture(stream, &unfinished) != cudaSuccess) cudaGetLastError();
    if (unfinished) cudaGraphDestroy(unfinished);
    cudaStreamDestroy(stream);
  }

  void use_device() const { cuda::use_device(state.ordinal); }

  std::shared_ptr<const CudaGraph> finish(std::shared_ptr<Pool> pool) {
    cudaGraph_t recorded = nullptr;
    done = true;
    GNN_CUDA_CHECK(cudaStreamEndCapture(stream, &recorded));
    const std::shared_ptr<CudaGraph> graph(new CudaGraph());
    graph->pool_ = std::move(pool);
    const cudaError_t error = cudaGraphInstantiate(&graph->graph_, recorded, 0);
    cudaGraphDestroy(recorded);
    cuda::check_call(error, "cudaGraphInstantiate");
    GNN_CUDA_CHECK(cudaGraphUpload(graph->graph_, usual));
    return graph;
  }

  CudaState& state;
  cudaStream_t usual, stream = nullptr;
  bool done = false;
};

CudaGraph::~CudaGraph() {
  if (graph_ && cudaGraphExecDestroy(graph_) != cudaSuccess) cudaGetLastError();
}

void CudaGraph::replay(Context& ctx) const {
  cuda::use_device(ctx.cuda().ordinal);
  GNN_CUDA_CHECK(cudaGraphLaunch(graph_, ctx.cuda().stream));
}

namespace cuda {

std::shared_ptr<const CudaGraph> capture(Context& ctx, const std::function<void()>& work, const CudaGraph* beside) {
  const auto pool = beside ? beside->pool() : std::make_shared<Pool>(captured_memory(), ctx.cuda().ordinal);
  pool->adopt(*ctx.pool());
  CudaCapture recording(ctx.cuda());
  ctx.run_in(pool, work);
  return recording.finish(pool);
}

}  // namespace cuda
}  // namespace gnn::inline GNN_PRECISION
