// SPDX-License-Identifier: Apache-2.0
#include <gnn/core/device.hpp>

#include <charconv>

#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {

Device parse_device(const std::string& text) {
  if (text == "cpu") return {};
  if (text == "cuda") return {Device::cuda, 0};
  const std::string prefix = "cuda:";
  if (text.starts_with(prefix)) {
    Device device{Device::cuda, -1};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + prefix.size(), end, device.ordinal);
    if (error == std::errc() && stop == end && device.ordinal >= 0) return device;
  }
  fail(ErrorKind::usage, "device: expected cpu, cuda or cuda:N, found '", text, "'");
}

std::string to_string(Device device) {
  return device.kind == Device::cpu ? "cpu" : "cuda:" + std::to_string(device.ordinal);
}

void fail_without_cuda() {
  throw Error(ErrorKind::device, "this build has no CUDA: configure with -DGNN_CUDA=ON or use the device cpu",
              "'gnn doctor' says why");
}

}  // namespace gnn::inline GNN_PRECISION
