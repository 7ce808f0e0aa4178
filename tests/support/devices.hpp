// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <gnn/kernels/context.hpp>
#include <graphs/error.hpp>

namespace gnn::test {

/// The first GPU, if there is one.
inline std::vector<Device> available_gpus() {
  std::vector<Device> devices;
  if constexpr (has_cuda) {
    try {
      const Context probe({Device::cuda, 0});
      devices.push_back({Device::cuda, 0});
    } catch (const Error&) {
      // A build with CUDA on a machine without a GPU.
    }
  }
  return devices;
}

/// Where this build on this machine can run kernels: the CPU, and the first GPU if there is one.
inline std::vector<Device> available_devices() {
  std::vector<Device> devices = available_gpus();
  devices.insert(devices.begin(), Device{});
  return devices;
}

}  // namespace gnn::test
