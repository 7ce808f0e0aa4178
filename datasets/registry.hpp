// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// A file of a known set.
struct KnownFile {
  std::string_view name;
  std::string_view sha256;  ///< lower-case hexadecimal; empty when no verified copy was at hand
};

/// A data set that the library knows by name. The counts are those of the set as loaded.
struct Known {
  std::string_view name;
  std::string_view task;
  std::size_t nodes;
  std::size_t edges;  ///< directed, without self-loops
  std::size_t features;
  std::size_t classes;
  std::string_view license;
  std::string_view source;
  std::span<const KnownFile> files;
};

/// All known sets, in the order in which they are shown.
std::span<const Known> known_datasets();

/// The set of that name. Cora is part of the library; any other is read from its original files, which must
/// stand in data_dir/NAME or in data_dir itself. A name need not be known if its files are there.
/// `name_or_dir` may also be a folder that holds the files of one set. data_dir may be empty: then no files
/// are looked for.
///
/// Throws Error(usage) for an unknown name, Error(file) for a known one without files, and what the readers
/// throw.
Dataset load(const std::string& name_or_dir, const std::filesystem::path& data_dir);

}  // namespace gnn::datasets
