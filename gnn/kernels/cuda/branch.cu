// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/branch.hpp>

#include <gnn/kernels/cuda/launch.cuh>

namespace gnn::inline GNN_PRECISION {

CudaBranch::CudaBranch(int ordinal)
    : state_(cuda::open_device(ordinal, cuda::Waits::for_events)), pool_(std::make_shared<Pool>(cuda::captured_memory(), ordinal)) {}

// Memory needs no care: blocks go back to this pool in the order of the context's calls, and a run waits for all of these.
void CudaBranch::run(Context& ctx, const std::function<void()>& work) {
  GNN_CUDA_CHECK(cuda::put_in_order(ctx.cuda().stream, state_->stream));
  state_->after_others = true;
  ctx.run_in(pool_, work, state_);
}

void CudaBranch::join(Context& ctx) {
  GNN_CUDA_CHECK(cuda::put_in_order(state_->stream, ctx.cuda().stream));
  ctx.cuda().after_others = true;
}

CudaBranch::Moment CudaBranch::now() {
  cudaEvent_t event = nullptr;
  GNN_CUDA_CHECK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  Moment moment(event, [](cudaEvent_t e) { cudaEventDestroy(e); });
  GNN_CUDA_CHECK(cudaEventRecord(event, state_->stream));
  return moment;
}

void CudaBranch::join(Context& ctx, const Moment& moment) {
  GNN_CUDA_CHECK(cudaStreamWaitEvent(ctx.cuda().stream, moment.get(), 0));
  ctx.cuda().after_others = true;
}

namespace cuda {

std::shared_ptr<CudaBranch> make_branch(int ordinal) { return std::make_shared<CudaBranch>(ordinal); }

}  // namespace cuda
}  // namespace gnn::inline GNN_PRECISION
