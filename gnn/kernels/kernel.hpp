// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/context.hpp>

/// Declares a kernel once for all devices: cpu::name and cuda::name, which cpu/*.cpp and cuda/*.cu define, and
/// kernels::name(ctx, ...), which calls the one of the context's device. In a CUDA build a kernel without its twin
/// fails to link, by name; without CUDA the branch throws. The macro's further arguments are the kernel's parameters.
#define GNN_KERNEL(name, ...)                                               \
  namespace cpu {                                                           \
  void name(Context& ctx, __VA_ARGS__);                                     \
  }                                                                         \
  namespace cuda {                                                          \
  void name(Context& ctx, __VA_ARGS__);                                     \
  }                                                                         \
  namespace kernels {                                                       \
  struct name##_kernel {                                                    \
    template <class... Arguments>                                           \
    void operator()(Context& ctx, const Arguments&... args) const {         \
      if (ctx.device().kind == Device::cpu) return cpu::name(ctx, args...); \
      if constexpr (has_cuda) return cuda::name(ctx, args...);              \
      fail_without_cuda();                                                  \
    }                                                                       \
  };                                                                        \
  inline constexpr name##_kernel name{};                                    \
  }                                                                         \
  static_assert(true, "a declaration ends with a semicolon")
