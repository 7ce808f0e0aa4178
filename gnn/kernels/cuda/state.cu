// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/state.hpp>

#include <gnn/kernels/cuda/launch.cuh>

namespace gnn::inline GNN_PRECISION {

CudaState::~CudaState() {
  cuda::close_blas(*this);
  cudaFree(counters);
  cudaStreamDestroy(stream);
}

namespace cuda {
namespace {

// Stands for all kernels: a GPU that can run it can run the others.
__global__ void probe() {}

// 13000 -> "13.0".
std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

// The number of GPUs; when it is 0, `reason` says why.
int count_devices(std::string& reason) {
  int driver = 0, runtime = 0, count = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess) {
    cudaGetLastError();  // CUDA remembers an error until it is asked
    count = 0;
  }
  if (driver == 0) {
    reason = "no NVIDIA driver is installed";
  } else if (error == cudaErrorInsufficientDriver) {
    reason = "the NVIDIA driver is too old: it supports CUDA " + version_text(driver) + ", this build needs " +
             version_text(runtime);
  } else if (error != cudaSuccess && error != cudaErrorNoDevice) {
    reason = std::string("the GPUs cannot be counted: ") + cudaGetErrorString(error);
  } else if (count == 0) {
    reason = "no GPU found (CUDA_VISIBLE_DEVICES may hide one)";
  }
  return count;
}

void* allocate(std::size_t bytes, int ordinal) {
  use_device(ordinal);
  void* data = nullptr;
  const cudaError_t error = cudaMalloc(&data, bytes);
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    std::size_t free = 0, total = 0;
    cudaMemGetInfo(&free, &total);
    fail(ErrorKind::device, "cuda:", ordinal, ": out of memory: asked for ", bytes, " bytes, ", free, " free");
  }
  check_call(error, "cudaMalloc");
  return data;
}

// Runs in destructors, also after the driver has shut down at the program's end: there is nobody to tell of an error.
void release(void* data, int) {
  if (cudaFree(data) != cudaSuccess) cudaGetLastError();
}

// cudaMemcpy runs on the legacy default stream on purpose: it waits for all earlier work of the streams that
// open_device() makes, and their later work waits for it.
void copy(void* to, const void* from, std::size_t bytes, int ordinal, cudaMemcpyKind kind) {
  if (bytes == 0) return;
  use_device(ordinal);
  GNN_CUDA_CHECK(cudaMemcpy(to, from, bytes, kind));
}
void copy_in(void* to, const void* from, std::size_t bytes, int ordinal) {
  copy(to, from, bytes, ordinal, cudaMemcpyHostToDevice);
}
void copy_out(void* to, const void* from, std::size_t bytes, int ordinal) {
  copy(to, from, bytes, ordinal, cudaMemcpyDeviceToHost);
}

void refuse_copy(void*, const void*, std::size_t, int) {
  fail(ErrorKind::internal, "cuda: kernels that are recorded as a graph cannot exchange numbers with the host");
}

}  // namespace

std::shared_ptr<CudaState> open_device(int ordinal, Waits waits) {
  std::string reason;
  const int count = count_devices(reason);
  if (count == 0) throw Error(ErrorKind::device, "cuda:" + std::to_string(ordinal) + ": " + reason, "use the device cpu");
  if (ordinal < 0 || ordinal >= count) {
    fail(ErrorKind::device, "cuda:", ordinal, ": this machine has ", count, count == 1 ? " GPU" : " GPUs");
  }
  use_device(ordinal);
  cudaFuncAttributes attributes;
  if (cudaFuncGetAttributes(&attributes, probe) == cudaErrorNoKernelImageForDevice) {
    cudaGetLastError();
    cudaDeviceProp properties;
    GNN_CUDA_CHECK(cudaGetDeviceProperties(&properties, ordinal));
    fail(ErrorKind::device, "cuda:", ordinal, ": this build has no kernels for a ", properties.name, " (architecture ",
         properties.major, properties.minor, "): configure with -DCMAKE_CUDA_ARCHITECTURES=", properties.major,
         properties.minor);
  }
  int processors = 0;
  GNN_CUDA_CHECK(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, ordinal));
  // Copies rely on the order of an ordinary stream with the default one.
  cudaStream_t stream = nullptr;
  unsigned* const counters = static_cast<unsigned*>(allocate(CudaState::num_counters * sizeof(unsigned), ordinal));
  GNN_CUDA_CHECK(cudaStreamCreateWithFlags(&stream, waits == Waits::for_copies ? cudaStreamDefault : cudaStreamNonBlocking));
  GNN_CUDA_CHECK(cudaMemsetAsync(counters, 0, CudaState::num_counters * sizeof *counters, stream));
  const auto state = std::make_shared<CudaState>(ordinal, unsigned(processors), stream, counters);
  int major = 0;
  GNN_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, ordinal));
  state->starts_early = major >= 9;
  return state;
}

const MemorySource& memory() {
  static constexpr MemorySource source = {allocate, release, copy_in, copy_out};
  return source;
}

const MemorySource& captured_memory() {
  static constexpr MemorySource source = {allocate, release, refuse_copy, refuse_copy};
  return source;
}

void use_device(int ordinal) {
  int current = -1;
  GNN_CUDA_CHECK(cudaGetDevice(&current));
  if (current != ordinal) GNN_CUDA_CHECK(cudaSetDevice(ordinal));
}

int num_devices() {
  std::string reason;
  return count_devices(reason);
}

std::string describe_devices() {
  std::string reason;
  const int count = count_devices(reason);
  if (count == 0) return reason;
  int driver = 0, runtime = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  std::string text = "driver " + version_text(driver) + ", runtime " + version_text(runtime) + ", " +
                     std::to_string(count) + (count == 1 ? " GPU" : " GPUs");
  for (int k = 0; k < count; ++k) {
    text += k == 0 ? ": " : ", ";
    cudaDeviceProp properties;
    if (const cudaError_t error = cudaGetDeviceProperties(&properties, k); error != cudaSuccess) {
      cudaGetLastError();
      text += std::string("unusable (") + cudaGetErrorString(error) + ")";
      continue;
    }
    constexpr std::size_t gib = std::size_t(1) << 30;
    text += std::string(properties.name) + " (" + std::to_string((properties.totalGlobalMem + gib / 2) / gib) + " GiB)";
  }
  return text;
}

}  // namespace cuda
}  // namespace gnn::inline GNN_PRECISION
