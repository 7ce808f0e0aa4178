// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include <gnn/kernels/context.hpp>

/// What a program with CUDA code of its own brings along: its stream and its memory.
namespace gnn::inline GNN_PRECISION {

/// A stream of the caller's: a cudaStream_t, which is a pointer, so that no header of CUDA is needed here.
class CudaStream {
 public:
  /// Throws Error(usage) for a null pointer. CUDA's default stream has two names that say which one is meant:
  /// cudaStreamLegacy and cudaStreamPerThread.
  explicit CudaStream(void* stream);

  void* get() const { return stream_; }

 private:
  void* stream_;
};

/// While one of these lives, all that its context does comes after what the stream was given before, and all that the
/// stream is given afterwards comes after that. Nobody waits on the host. The context keeps a stream of its own, so
/// that its copies and recorded graphs need nothing from the caller's.
class StreamOrder {
 public:
  /// No stream: nothing to order. Throws Error(usage) when the context's device is the CPU, Error(device) when the
  /// stream is recording a graph, belongs to another GPU, or, as far as CUDA can tell, was destroyed.
  StreamOrder(Context& ctx, const std::optional<CudaStream>& stream);
  ~StreamOrder();
  StreamOrder(const StreamOrder&) = delete;
  StreamOrder& operator=(const StreamOrder&) = delete;

 private:
  Context& ctx_;
  std::optional<CudaStream> stream_;
};

/// Memory of a device for tensors that live longer than any context. Throws Error(device) when it is not there.
std::shared_ptr<Pool> make_pool(Device device);

/// A tensor on numbers of the caller's, row by row without gaps, which are not copied; `release`, if given, is called when
/// the last copy of the tensor dies. Throws Error(input) for a null pointer, one that is no multiple of a number's
/// size, and on a GPU one that CUDA does not know (freed memory, as far as it can tell) or that belongs elsewhere;
/// `release` is not called then.
Tensor borrow_tensor(Device device, Real* data, std::size_t rows, std::size_t cols,
                     std::function<void()> release = {});

}  // namespace gnn::inline GNN_PRECISION
