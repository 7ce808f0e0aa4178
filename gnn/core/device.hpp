// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <gnn/core/real.hpp>

namespace gnn::inline GNN_PRECISION {

#ifdef GNN_HAS_CUDA
inline constexpr bool has_cuda = true;  ///< this build holds the CUDA kernels
#else
inline constexpr bool has_cuda = false;
#endif

/// Where tensors live and kernels run.
struct Device {
  enum Kind { cpu, cuda };
  Kind kind = cpu;
  int ordinal = 0;  ///< which GPU

  bool operator==(const Device&) const = default;
};

/// "cpu", "cuda" (= "cuda:0") or "cuda:N". Throws Error(usage) for anything else.
Device parse_device(const std::string& text);

/// "cpu" or "cuda:N".
std::string to_string(Device device);

/// The error of asking for a GPU where kernels for it were not built.
[[noreturn]] void fail_without_cuda();

}  // namespace gnn::inline GNN_PRECISION
