// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <datasets/dataset.hpp>
#include <datasets/formats/gnn_sections.hpp>
#include <datasets/typed_dataset.hpp>

namespace gnn::datasets {

/// Whether the file begins as a .gnn file does. Throws Error(file) when it cannot be read.
bool is_gnn_file(const std::filesystem::path& path);

/// Writes a data set with all that is known about it, so that a reader finds the old file or the new one.
/// Equal data sets give equal bytes. Throws Error(input) when validate() does, Error(file) when a step of
/// writing fails.
void write_gnn_file(const std::filesystem::path& path, const Dataset& data);
void write_gnn_file(const std::filesystem::path& path, const TypedDataset& data);

/// Features as they lie in a file; the same arrays as in Features.
struct FeaturesView {
  std::size_t rows = 0, columns = 0;
  std::span<const std::int64_t> offsets;
  std::span<const std::int32_t> indices;
  std::span<const float> values;
};

/// A .gnn file that is mapped into memory: opening it reads little, and its arrays are used where they lie.
/// Views live as long as the object; graphs keep the mapping alive themselves. Features and labels are as the
/// file has them: only read_gnn_file checks that they fit.
class GnnFile {
 public:
  /// Checks the structure of the file and the checksums of its small sections (up to 1 MiB). Throws
  /// Error(file), or Error(input) naming the byte or the section.
  explicit GnnFile(const std::filesystem::path& path);

  /// Compares the checksums of all sections, in parallel. Throws Error(input).
  void verify() const { sections_.verify(true); }

  bool is_typed() const { return typed_; }
  std::size_t num_types() const { return type_sizes_.size(); }
  std::size_t num_relations() const { return num_relations_; }

  /// The matrix of a relation, of the only one in a plain data set. The rules of CSR are checked, in one
  /// pass; nothing is copied when the build counts as the file does (32-bit nodes, 64-bit edges). Throws
  /// Error(input).
  graphs::Csr graph(std::size_t relation = 0) const;

  FeaturesView features(
      std::size_t type = 0) const;  ///< throws Error(input) when the arrays have no matching sizes
  std::span<const std::int32_t> labels() const { return sections_.array<std::int32_t>("labels"); }
  std::span<const std::uint8_t> targets() const { return sections_.array<std::uint8_t>("targets"); }

 private:
  friend Dataset read_gnn_file(const std::filesystem::path& path);
  friend TypedDataset read_typed_gnn_file(const std::filesystem::path& path);
  template <class Data>
  void read_common(Data& data) const;
  Features copy_features(std::size_t type) const;
  std::size_t count(std::string_view name, std::size_t place, std::uint64_t most) const;

  SectionReader sections_;
  bool typed_ = false;
  std::size_t num_relations_ = 0;
  std::vector<NodeId> type_sizes_;
};

/// The whole data set, every checksum compared and everything validated. Throws Error(file), or Error(input);
/// also when the file holds a data set of the other kind.
Dataset read_gnn_file(const std::filesystem::path& path);
TypedDataset read_typed_gnn_file(const std::filesystem::path& path);

}  // namespace gnn::datasets
