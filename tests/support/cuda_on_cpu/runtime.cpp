// SPDX-License-Identifier: Apache-2.0
// Streams do their work at once, or put it down while a graph is recorded. New memory is NaN.
#include <cuda_runtime.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

struct CUgraph_st {
  std::vector<std::function<void()>> work;
};
struct CUgraphExec_st {
  std::vector<std::function<void()>> work;
};

namespace cuda_on_cpu {
namespace {

std::recursive_mutex mutex;
CUgraph_st* recording = nullptr;
std::map<void*, std::size_t> allocations;

}  // namespace

void submit(std::function<void()> work) {
  std::lock_guard lock(mutex);
  if (recording) return recording->work.push_back(std::move(work));
  work();
}
}  // namespace cuda_on_cpu

using namespace cuda_on_cpu;
cudaError_t cudaGetLastError() {
  return cudaSuccess;
}
const char* cudaGetErrorString(cudaError_t e) {
  return e == cudaSuccess ? "no error" : "an error";
}
const char* cudaGetErrorName(cudaError_t) {
  return "cudaError";
}
cudaError_t cudaMalloc(void** p, std::size_t n) {
  std::lock_guard lock(mutex);
  *p = std::aligned_alloc(256, (n + 255) / 256 * 256 + 256);
  std::memset(*p, 0xFF, (n + 255) / 256 * 256 + 256);
  allocations[*p] = n;
  return cudaSuccess;
}
cudaError_t cudaFree(void* p) {
  std::lock_guard lock(mutex);
  allocations.erase(p);
  std::free(p);
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(std::size_t* f, std::size_t* t) {
  *f = *t = std::size_t(8) << 30;
  return cudaSuccess;
}
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t n, cudaMemcpyKind) {
  std::lock_guard lock(mutex);
  std::memmove(to, from, n);
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t n, cudaMemcpyKind, cudaStream_t) {
  submit([=] { std::memmove(to, from, n); });
  return cudaSuccess;
}
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t tp, const void* from, std::size_t fp, std::size_t w,
                              std::size_t h, cudaMemcpyKind, cudaStream_t) {
  submit([=] {
    for (std::size_t r = 0; r < h; ++r)
      std::memmove(static_cast<char*>(to) + r * tp, static_cast<const char*>(from) + r * fp, w);
  });
  return cudaSuccess;
}
cudaError_t cudaMemset(void* to, int v, std::size_t n) {
  std::memset(to, v, n);
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* to, int v, std::size_t n, cudaStream_t) {
  submit([=] { std::memset(to, v, n); });
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int) {
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int* d) {
  *d = 0;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int* n) {
  *n = 1;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int) {
  *p = {"CPU as GPU", 9, 0, std::size_t(8) << 30, 8};
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* v, cudaDeviceAttr a, int) {
  *v = a == cudaDevAttrComputeCapabilityMajor ? 9 : a == cudaDevAttrMultiProcessorCount ? 8 : 1 << 17;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* v) {
  *v = 13000;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* v) {
  *v = 13000;
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  return cudaSuccess;
}
cudaError_t cudaStreamCreate(cudaStream_t* s) {
  *s = new CUstream_st;
  return cudaSuccess;
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* s, unsigned) {
  return cudaStreamCreate(s);
}
cudaError_t cudaStreamDestroy(cudaStream_t s) {
  delete s;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t) {
  return recording ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) {
  return cudaSuccess;
}
cudaError_t cudaStreamBeginCapture(cudaStream_t s, cudaStreamCaptureMode) {
  std::lock_guard lock(mutex);
  if (recording) return cudaErrorStreamCaptureUnsupported;
  recording = new CUgraph_st;
  s->capturing = true;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t s, cudaGraph_t* g) {
  std::lock_guard lock(mutex);
  *g = recording;
  recording = nullptr;
  s->capturing = false;
  return cudaSuccess;
}
cudaError_t cudaStreamIsCapturing(cudaStream_t s, cudaStreamCaptureStatus* c) {
  *c = s && s->capturing ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* e, cudaGraph_t g, unsigned long long) {
  *e = new CUgraphExec_st{g->work};
  return cudaSuccess;
}
cudaError_t cudaGraphUpload(cudaGraphExec_t, cudaStream_t) {
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t e, cudaStream_t) {
  std::lock_guard lock(mutex);
  for (const auto& w : e->work) w();
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t g) {
  delete g;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t e) {
  delete e;
  return cudaSuccess;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* e, unsigned) {
  *e = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) {
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t e) {
  delete e;
  return cudaSuccess;
}
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* a, const void* p) {
  std::lock_guard lock(mutex);
  auto it = allocations.upper_bound(const_cast<void*>(p));
  const bool found = it != allocations.begin() &&
                     (--it, static_cast<const char*>(p) < static_cast<const char*>(it->first) + it->second);
  *a = {found ? cudaMemoryTypeDevice : cudaMemoryTypeUnregistered, 0, const_cast<void*>(p)};
  return cudaSuccess;
}
cudaError_t cudaLaunchHostFunc(cudaStream_t, void (*f)(void*), void* d) {
  submit([=] { f(d); });
  return cudaSuccess;
}
