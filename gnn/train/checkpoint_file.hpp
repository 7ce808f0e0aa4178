// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gnn/core/tensor.hpp>
#include <gnn/train/safetensors.hpp>
#include <graphs/file.hpp>

/// What saving and loading share: tensors by name on the one side, a checked file on the other.
namespace gnn::inline GNN_PRECISION {

inline constexpr Dtype real_dtype = sizeof(Real) == 4 ? Dtype::f32 : Dtype::f64;

/// Collects tensors and metadata and makes the file of them, with its checksum.
class CheckpointWriter {
 public:
  void add(const std::string& name, const Tensor& tensor, std::vector<std::uint64_t> shape);
  void add(const std::string& name, const std::vector<double>& numbers, std::vector<std::uint64_t> shape);
  void add(const std::string& name, const std::vector<std::int64_t>& numbers);
  void add_text(const std::string& key, std::string text) { content_.metadata[key] = std::move(text); }

  std::vector<std::byte> finish();

 private:
  void add_bytes(const std::string& name, Dtype dtype, std::vector<std::uint64_t> shape, const void* data, std::size_t bytes);

  TensorFile content_;
  std::vector<std::vector<std::byte>> numbers_;  // a moved vector keeps its place in memory
};

/// Opens such a file, checks it, and gives tensors one by one, each exactly as it must be. Throws Error(input).
class CheckpointReader {
 public:
  explicit CheckpointReader(const std::filesystem::path& path);

  const std::string& name() const { return name_; }  ///< of the file, for messages
  bool has_text(const std::string& key) const { return content_.metadata.contains(key); }
  const std::string& text(const std::string& key) const;

  /// Numbers of the tensor; all finite. shape as expected.
  std::vector<Real> reals(const std::string& name, const std::vector<std::uint64_t>& shape) const;
  /// One or two dimensions; the last has `columns`, the first is free when there are two.
  std::vector<double> doubles(const std::string& name, std::size_t columns) const;
  std::vector<double> list(const std::string& name) const;
  std::vector<std::int64_t> integers(const std::string& name, std::size_t count) const;

  const StoredTensor& tensor(const std::string& name, Dtype dtype, const std::vector<std::uint64_t>* shape) const;
  const std::map<std::string, StoredTensor>& tensors() const { return content_.tensors; }

  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(ErrorKind::input, name_, ": ", parts...);
  }

 private:
  std::string name_;
  graphs::MappedFile file_;
  TensorFile content_;
};

}  // namespace gnn::inline GNN_PRECISION
