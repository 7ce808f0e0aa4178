// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include <datasets/dlpack.hpp>
#include <gnn/kernels/interop.hpp>

/// Optional: tensors to and from other programs in DLPack's form, on the CPU and on GPUs, without a copy. As in
/// datasets/dlpack.hpp, DLPack's structures are template arguments: a DLManagedTensor, or a DLManagedTensorVersioned.
///
///   gnn::Tensor x = gnn::tensor_from_dlpack(managed);                       // N x F, where it lies
///   gnn::GraphData data = gat.prepare(graph, x);
///   auto* result = gnn::to_dlpack<DLManagedTensor>(gat.logits(data));       // N x classes, same device
///
/// DLPack leaves the order of work to streams: what made a tensor must have come before on ClassifierOptions::stream, and
/// results may be read on that stream.
namespace gnn::inline GNN_PRECISION {

/// A matrix of another program, row by row without gaps, which is not copied. From here on it is the tensor's: its deleter is
/// called, from any thread, when the last copy of the tensor dies. Throws Error(input) when the numbers have another type, the
/// dimensions are not two, there are gaps, or the memory is none that its device knows; Error(device) when this
/// build or machine has no such device. Then it stays the caller's.
template <class DLManaged>
Tensor tensor_from_dlpack(DLManaged* managed) {
  if (!managed) fail(ErrorKind::input, "dlpack: expected a tensor, found null");
  const auto& tensor = managed->dl_tensor;
  datasets::check_numbers<Real>(tensor);
  if (tensor.ndim != 2) fail(ErrorKind::input, "dlpack: expected a matrix, found ", tensor.ndim, " dimensions");
  // Device 1 is the CPU, 2 a GPU, 3 and 13 the host's and a GPU's memory that both see.
  const int kind = int(tensor.device.device_type);
  if (kind != 1 && kind != 2 && kind != 3 && kind != 13)
    fail(ErrorKind::input, "dlpack: expected a tensor on the CPU or a GPU of NVIDIA's, found one on device type ", kind);
  const bool on_gpu = kind == 2 || kind == 13;
  const Device device{on_gpu ? Device::cuda : Device::cpu, on_gpu ? int(tensor.device.device_id) : 0};
  auto* first = reinterpret_cast<Real*>(static_cast<std::byte*>(tensor.data) + tensor.byte_offset);
  return borrow_tensor(device, first, std::size_t(tensor.shape[0]), std::size_t(tensor.shape[1]), [managed] {
    if (managed->deleter) managed->deleter(managed);
  });
}

/// The same numbers for another program, which calls the deleter when it has done with them. They are shared, not copied.
template <class DLManaged>
DLManaged* to_dlpack(const Tensor& tensor) {
  struct Shared {
    DLManaged managed{};
    Tensor tensor;
    std::array<std::int64_t, 2> shape, strides;
  };
  check(tensor.defined(), "dlpack: expected a tensor, found an empty one");
  auto shared = std::make_unique<Shared>();
  shared->tensor = tensor;
  shared->shape = {std::int64_t(tensor.rows()), std::int64_t(tensor.cols())};
  shared->strides = {shared->shape[1], 1};
  DLManaged& managed = shared->managed;
  if constexpr (requires { managed.version.major; }) managed.version.major = 1;
  auto& t = managed.dl_tensor;
  const Device device = tensor.device();
  t.data = tensor.data();
  t.device.device_type = decltype(t.device.device_type)(device.kind == Device::cuda ? 2 : 1);
  t.device.device_id = device.ordinal;
  t.ndim = 2;
  t.dtype.code = 2;
  t.dtype.bits = 8 * sizeof(Real);
  t.dtype.lanes = 1;
  t.shape = shared->shape.data();
  t.strides = shared->strides.data();
  managed.manager_ctx = shared.get();
  managed.deleter = [](DLManaged* self) { delete static_cast<Shared*>(self->manager_ctx); };
  return &shared.release()->managed;
}

}  // namespace gnn::inline GNN_PRECISION
