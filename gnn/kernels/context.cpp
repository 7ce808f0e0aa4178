// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/context.hpp>

#include <thread>

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

void Context::run_in(std::shared_ptr<Pool> pool, const std::function<void()>& work) {
  struct Exchange {
    std::shared_ptr<Pool>&a, b;
    Exchange(std::shared_ptr<Pool>& a_, std::shared_ptr<Pool> b_) : a(a_), b(std::move(b_)) { a.swap(b); }
    ~Exchange() { a.swap(b); }
  } exchange(pool_, std::move(pool));
  work();
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
