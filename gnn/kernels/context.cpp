// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/context.hpp>

#include <thread>

#include <gnn/kernels/cuda/branch.hpp>
#include <gnn/kernels/cuda/state.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/interop.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {

Context::Context(Device device, int num_threads, Precision precision)
    : device_(device), num_threads_(num_threads), precision_(precision) {
  check(num_threads >= 0, "threads: must be 0 or greater, got ", num_threads);
  if (num_threads_ == 0) num_threads_ = std::max(1, int(std::thread::hardware_concurrency()));
  host_ = start_host_threads(num_threads_);
  if constexpr (has_cuda) {
    if (device.kind == Device::cuda) cuda_ = cuda::open_device(device.ordinal);
  }
  pool_ = make_pool(device);
}

void Context::run_in(std::shared_ptr<Pool> pool, const std::function<void()>& work, std::shared_ptr<CudaState> state) {
  struct Exchange {
    Context& ctx;
    std::shared_ptr<Pool> pool;
    std::shared_ptr<CudaState> state;
    void swap() {
      ctx.pool_.swap(pool);
      if (state) ctx.cuda_.swap(state);
    }
    Exchange(Context& ctx_, std::shared_ptr<Pool> pool_, std::shared_ptr<CudaState> state_)
        : ctx(ctx_), pool(std::move(pool_)), state(std::move(state_)) {
      swap();
    }
    ~Exchange() { swap(); }
  } exchange(*this, std::move(pool), std::move(state));
  work();
}

CudaBranch& Context::branch(std::size_t number) {
  if constexpr (has_cuda) {
    std::shared_ptr<CudaBranch>& branch = branches_[number];
    if (!branch) branch = cuda::make_branch(device_.ordinal);
    return *branch;
  }
  fail(ErrorKind::internal, "context: a branch is a GPU's");
}

const Tensor& Context::one() {
  if (!one_.defined()) {
    one_ = tensor(1, 1);
    kernels::fill(*this, one_, Real(1));
  }
  return one_;
}

Precision parse_precision(const std::string& text) {
  if (text == "fp32") return Precision::fp32;
  if (text == "tf32") return Precision::tf32;
  fail(ErrorKind::usage, "precision: expected fp32 or tf32, found '", text, "'");
}

Device best_device() {
  if constexpr (has_cuda) {
    if (cuda::num_devices() > 0) return {Device::cuda, 0};
  }
  return {};
}

std::string describe_gpus() {
  if constexpr (has_cuda) return cuda::describe_devices();
  return "not in this build: no nvcc 12 or newer was found, or GNN_CUDA is OFF";
}

}  // namespace gnn::inline GNN_PRECISION
