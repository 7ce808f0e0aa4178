// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <datasets/from_arrays.hpp>

/// Optional: arrays of other programs in DLPack's form (dmlc.github.io/dlpack). Include <dlpack/dlpack.h>
/// before this; its structures are taken as template arguments, so that nothing here needs it.
namespace gnn::datasets {

/// How many numbers a tensor has, wherever it lies. Throws Error(input) when its type is not T, it has gaps, or
/// no data.
template <class T, class DLTensor>
std::size_t check_numbers(const DLTensor& tensor) {
  // Codes of DLPack: 0 signed, 1 unsigned, 2 floating.
  const int code = std::is_floating_point_v<T> ? 2 : std::is_signed_v<T> ? 0 : 1;
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
  return size > 0 ? std::size_t(size) : 0;
}

/// The numbers of a contiguous tensor on the CPU. Throws Error(input) when its type is not T, it lies
/// elsewhere, or has gaps.
template <class T, class DLTensor>
std::span<const T> span_of(const DLTensor& tensor) {
  // Device 1 is the CPU, 3 pinned memory of the host, 2 and 13 a GPU.
  const int device = int(tensor.device.device_type);
  if (device == 2 || device == 13) {
    fail(ErrorKind::input, "dlpack: expected a tensor on the CPU, found one on a GPU, which tensor_from_dlpack() takes");
  }
  if (device != 1 && device != 3)
    fail(ErrorKind::input, "dlpack: expected a tensor on the CPU, found one on device type ", device);
  const std::size_t size = check_numbers<T>(tensor);
  const auto* first = static_cast<const std::byte*>(tensor.data) + tensor.byte_offset;
  return {reinterpret_cast<const T*>(first), size};
}

/// Features from a tensor of N x F floats on the CPU. What is not zero is copied. A matrix on a GPU, or one that is
/// not to be copied, goes to NodeClassifier::prepare() by tensor_from_dlpack() of gnn/train/dlpack.hpp.
template <class DLTensor>
Features features_from_dlpack(const DLTensor& tensor) {
  if (tensor.ndim != 2)
    fail(ErrorKind::input, "dlpack: expected features of 2 dimensions, found ", tensor.ndim);
  return features_from_dense(span_of<float>(tensor), std::size_t(tensor.shape[0]),
                             std::size_t(tensor.shape[1]));
}

}  // namespace gnn::datasets
