// SPDX-License-Identifier: Apache-2.0
// A library that breaks the GPU's context of any program: CUDA loads what CUDA_INJECTION64_PATH names, and FAULT_MS milliseconds
// later a kernel traps, as a bad access would. gpu.sh sees with it that a training then ends and writes nothing more.
#include <cuda_runtime.h>

#include <chrono>
#include <cstdlib>
#include <thread>

__global__ void trap() { asm("trap;"); }

extern "C" int InitializeInjection() {
  const char* wait = std::getenv("FAULT_MS");
  const std::chrono::milliseconds until_then(wait ? std::atoi(wait) : 1000);
  std::thread([until_then] {
    std::this_thread::sleep_for(until_then);
    cudaSetDevice(0);
    trap<<<1, 1>>>();
    cudaDeviceSynchronize();
  }).detach();
  return 1;
}
