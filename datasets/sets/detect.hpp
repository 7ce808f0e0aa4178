// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <datasets/registry.hpp>

namespace gnn::datasets {

/// A set that was found, to be read by the reader of its family.
struct FoundSet {
  Family family = Family::planetoid;
  std::filesystem::path path;  ///< the folder, or the npz file of families that are one file
  std::string name;            ///< the NAME of its files, else that of the folder
};

/// All sets that stand in a folder, told from the names of its files; npz files are looked into when there is nothing else.
/// An npz file of a known form gives one set. Throws Error(file) when the folder cannot be read.
std::vector<FoundSet> find_sets(const std::filesystem::path& path);

}  // namespace gnn::datasets
