// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <datasets/formats/npz.hpp>
#include <datasets/input_file.hpp>
#include <datasets/sets/files.hpp>
#include <datasets/sets/geom_gcn.hpp>
#include <datasets/sets/masks.hpp>
#include <datasets/splits.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view split_part = "_split_0.6_0.2_";

/// Where split files may stand.
std::vector<fs::path> split_folders(const fs::path& folder) {
  std::vector<fs::path> result;
  std::error_code ignored;
  for (const fs::path& path : {folder / "geom-gcn-splits", folder}) {
    if (fs::is_directory(path, ignored)) result.push_back(path);
  }
  return result;
}

fs::path find_split(const Dataset& data, const fs::path& folder, std::size_t n) {
  const std::string end = std::string(split_part) + std::to_string(n) + ".npz";
  const std::string own_name = data.name == "actor" ? "film" : data.name;
  for (const fs::path& path : split_folders(folder)) {
    const std::vector<std::string> sets = stems(path, end);
    if (sets.size() == 1) return path / (sets.front() + end);
    if (std::find(sets.begin(), sets.end(), own_name) != sets.end()) return path / (own_name + end);
  }
  fail(ErrorKind::file, folder.string(), ": expected a file ", own_name, end, " there or in geom-gcn-splits, found none");
}

}  // namespace

bool has_geom_splits(const fs::path& folder) {
  for (const fs::path& path : split_folders(folder)) {
    for (const std::string& name : file_names(path)) {
      if (name.ends_with(".npz") && name.find(split_part) != std::string::npos) return true;
    }
  }
  return false;
}

Split geom_split(const Dataset& data, const fs::path& folder, std::size_t n) {
  const fs::path path = find_split(data, folder, n);
  const InputFile file(path);
  Npz npz(file.bytes(), file.name());
  Split split;
  split.name = "geom:" + std::to_string(n);
  split.train = nodes_of_mask(npz.array("train_mask"), 0, data.num_nodes());
  split.val = nodes_of_mask(npz.array("val_mask"), 0, data.num_nodes());
  split.test = nodes_of_mask(npz.array("test_mask"), 0, data.num_nodes());
  check_masks(split, data.num_nodes(), file.name());
  return split;
}

}  // namespace gnn::datasets
