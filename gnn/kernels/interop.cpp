// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/interop.hpp>

#include <cstdint>

#include <gnn/kernels/cuda/interop.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {

CudaStream::CudaStream(void* stream) : stream_(stream) {
  check(stream != nullptr,
        "stream: expected a stream of CUDA, found null; the default stream is cudaStreamLegacy or cudaStreamPerThread");
}

StreamOrder::StreamOrder(Context& ctx, const std::optional<CudaStream>& stream) : ctx_(ctx), stream_(stream) {
  if (!stream_) return;
  check(ctx.device().kind == Device::cuda, "stream: expected a GPU to go with it, the device is ",
        to_string(ctx.device()));
  if constexpr (has_cuda) cuda::follow(ctx.cuda(), stream_->get());
}

StreamOrder::~StreamOrder() {
  if constexpr (has_cuda) {
    if (stream_) cuda::lead(ctx_.cuda(), stream_->get());
  }
}

std::shared_ptr<Pool> make_pool(Device device) {
  if (device.kind == Device::cpu) return std::make_shared<Pool>(host_memory);
  if constexpr (has_cuda) {
    // Opening a GPU that is not there says why.
    if (device.ordinal < 0 || device.ordinal >= cuda::num_devices()) cuda::open_device(device.ordinal);
    return std::make_shared<Pool>(cuda::memory(), device.ordinal);
  }
  fail_without_cuda();
}

Tensor borrow_tensor(Device device, Real* data, std::size_t rows, std::size_t cols, std::function<void()> release) {
  std::shared_ptr<Pool> pool = make_pool(device);
  if (rows > 0 && cols > 0) {
    if (!data) fail(ErrorKind::input, "memory: expected ", rows, "x", cols, " numbers, found a null pointer");
    if (reinterpret_cast<std::uintptr_t>(data) % sizeof(Real) != 0) {
      fail(ErrorKind::input, "memory: expected an address that is a multiple of ", sizeof(Real), ", found ",
           static_cast<const void*>(data));
    }
    if constexpr (has_cuda) {
      if (device.kind == Device::cuda) cuda::check_memory(device.ordinal, data);
    }
  }
  return {std::make_shared<Buffer>(std::move(pool), data, std::move(release)), rows, cols};
}

}  // namespace gnn::inline GNN_PRECISION
