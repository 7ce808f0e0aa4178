// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <list>
#include <string>
#include <vector>

#include <gnn/core/tensor.hpp>
#include <gnn/train/safetensors.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

/// What saving and loading share: numbers by name on the one side, a safetensors file with checksum on the
/// other.
namespace gnn::inline GNN_PRECISION {

/// Collects numbers and texts and makes the file of them.
class CheckpointWriter {
 public:
  void add(const std::string& name, const Tensor& matrix);
  void add(const std::string& name, std::span<const double> numbers, std::vector<std::uint64_t> shape);
  void add(const std::string& name, std::span<const std::int64_t> numbers);
  void add_text(const std::string& key, std::string text) { content_.metadata[key] = std::move(text); }

  /// The file, with a metadata entry "checksum": the CRC-32 of all its bytes, its own eight digits taken as
  /// zeros.
  std::vector<std::byte> finish();

 private:
  void add(const std::string& name, Dtype dtype, std::vector<std::uint64_t> shape,
           std::span<const std::byte> bytes);

  TensorFile content_;
  std::list<std::vector<std::byte>> bytes_;
};

/// Opens such a file, checks its form and checksum, and gives out its numbers. Throws Error(input).
class CheckpointReader {
 public:
  explicit CheckpointReader(const std::filesystem::path& path);

  const std::string& name() const { return name_; }  ///< of the file, for messages
  bool has_text(const std::string& key) const { return content_.metadata.contains(key); }
  const std::string& text(const std::string& key) const;
  const std::map<std::string, StoredTensor>& tensors() const { return content_.tensors; }

  /// A rows x cols matrix of finite numbers.
  std::vector<Real> matrix(const std::string& name, std::size_t rows, std::size_t cols) const;
  /// Finite F64 numbers: an n x columns table, or with columns = 0 a list.
  std::vector<double> doubles(const std::string& name, std::size_t columns) const;
  std::vector<std::int64_t> integers(const std::string& name, std::size_t count) const;

 private:
  const StoredTensor& find(const std::string& name, Dtype dtype,
                           const std::vector<std::uint64_t>& shape) const;
  template <class Number>
  std::vector<Number> finite(const std::string& name, const StoredTensor& tensor) const;

  std::string name_;
  graphs::MappedFile file_;
  TensorFile content_;
};

}  // namespace gnn::inline GNN_PRECISION
