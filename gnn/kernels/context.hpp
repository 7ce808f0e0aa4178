// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <gnn/core/device.hpp>
#include <gnn/core/tensor.hpp>

namespace gnn::inline GNN_PRECISION {

struct HostThreads;  // oneTBB's arena, see cpu/host_threads.hpp
struct CudaState;    // stream and handles, see cuda/state.hpp
class CudaBranch;    // see cuda/branch.hpp

std::shared_ptr<HostThreads> start_host_threads(int num_threads);

/// How dense products compute on a GPU: in float throughout, or with factors rounded to TF32's 10 bits, which tensor cores take,
/// and sums in float.
enum class Precision { fp32, tf32 };

/// Everything that a kernel needs besides its arguments: the device, its memory and its workers. One per training;
/// two contexts share nothing, so two trainings may run in two threads.
class Context {
 public:
  /// num_threads: workers on the CPU, 0 = one for each processor. Throws Error(usage) for a negative number, and
  /// Error(device) when the device is not there.
  explicit Context(Device device = {}, int num_threads = 0, Precision precision = Precision::fp32);

  Device device() const { return device_; }
  int num_threads() const { return num_threads_; }
  Precision precision() const { return precision_; }
  const std::shared_ptr<Pool>& pool() const { return pool_; }
  HostThreads& host() { return *host_; }
  CudaState& cuda() { return *cuda_; }

  /// Runs `work` with this context's workers at hand; parallel kernels then start without a hand-over.
  void run(const std::function<void()>& work);

  /// Runs `work` while tensors come from `pool`, memory of this device, in place of the context's own pool; and with the
  /// stream of another state of the GPU, where one is given.
  void run_in(std::shared_ptr<Pool> pool, const std::function<void()>& work, std::shared_ptr<CudaState> state = nullptr);

  /// On a GPU: a line of kernels beside this context's own, one of several that do not wait for each other.
  CudaBranch& branch(std::size_t number = 0);

  /// A 1 x 1 tensor that is 1, for gradients to begin with.
  const Tensor& one();

  Tensor tensor(std::size_t rows, std::size_t cols) { return {pool_, rows, cols}; }

 private:
  Device device_;
  int num_threads_;
  Precision precision_;
  std::shared_ptr<Pool> pool_;
  std::shared_ptr<HostThreads> host_;
  std::shared_ptr<CudaState> cuda_;
  std::map<std::size_t, std::shared_ptr<CudaBranch>> branches_;
  Tensor one_;
};

/// "fp32" or "tf32". Throws Error(usage) for another word.
Precision parse_precision(const std::string& text);

/// The GPU 0 where this build has CUDA and the machine a usable GPU, else the CPU.
Device best_device();

/// One line for people: "driver 13.0, runtime 13.0, 1 GPU: NVIDIA H200 (140 GiB)", or why there is none.
std::string describe_gpus();

}  // namespace gnn::inline GNN_PRECISION
