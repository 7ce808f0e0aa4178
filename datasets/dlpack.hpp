// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <datasets/from_arrays.hpp>

/// Optional: arrays of other programs in DLPack's form (dmlc.github.io/dlpack). Include <dlpack/dlpack.h>
/// before this; its structures are taken as template arguments, so that nothing here needs it.
namespace gnn::datasets {

/// The numbers of a contiguous tensor on the CPU. Throws Error(input) when its type is not T, it lies
/// elsewhere, or has gaps.
template <class T, class DLTensor>
std::span<const T> span_of(const DLTensor& tensor) {
  // Codes of DLPack: 0 signed, 1 unsigned, 2 floating; device 1 is the CPU, 3 pinned memory of the host.
  const int code = std::is_floating_point_v<T> ? 2 : std::is_signed_v<T> ? 0 : 1;
  const int device = int(tensor.device.device_type);
  if (device != 1 && device != 3)
    fail(ErrorKind::input, "dlpack: expected a tensor on the CPU, found one on device type ", device);
  if (int(tensor.dtype.code) != code || int(tensor.dtype.bits) != int(8 * sizeof(T)) ||
      tensor.dtype.lanes != 1) {
    fail(ErrorKind::input, "dlpack: expected numbers of code ", code, " and ", 8 * sizeof(T),
         " bits, found code ", int(tensor.dtype.code), " and ", int(tensor.dtype.bits), " bits");
  }
  std::int64_t size = 1;
  for (int d = tensor.ndim; d-- > 0;) {
    if (tensor.strides && tensor.shape[d] > 1 && tensor.strides[d] != size) {
      fail(ErrorKind::input, "dlpack: expected a contiguous tensor, found stride ", tensor.strides[d],
           " in dimension ", d);
    }
    size *= tensor.shape[d];
  }
  if (size > 0 && !tensor.data) fail(ErrorKind::input, "dlpack: expected data, found a null pointer");
  const auto* first = static_cast<const std::byte*>(tensor.data) + tensor.byte_offset;
  return {reinterpret_cast<const T*>(first), size > 0 ? std::size_t(size) : 0};
}

/// Features from a tensor of N x F floats.
template <class DLTensor>
Features features_from_dlpack(const DLTensor& tensor) {
  if (tensor.ndim != 2)
    fail(ErrorKind::input, "dlpack: expected features of 2 dimensions, found ", tensor.ndim);
  return features_from_dense(span_of<float>(tensor), std::size_t(tensor.shape[0]),
                             std::size_t(tensor.shape[1]));
}

}  // namespace gnn::datasets
