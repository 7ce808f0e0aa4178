// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/detect.hpp>

#include <algorithm>

#include <datasets/planetoid.hpp>
#include <datasets/sets/files.hpp>
#include <datasets/sets/npz_sets.hpp>
#include <datasets/sets/ppi.hpp>
#include <datasets/sets/typed_csv.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

namespace fs = std::filesystem;

/// The NAMEs of files ind.NAME.* of the eight.
std::vector<std::string> planetoid_names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const std::string_view part : planetoid_parts) {
    for (const std::string& stem : stems(folder, std::string(".").append(part))) {
      if (stem.starts_with("ind.") && stem.size() > 4) names.push_back(stem.substr(4));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string folder_name(const fs::path& folder) {
  std::error_code ignored;
  const fs::path whole = fs::absolute(folder, ignored).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

void look_into_npz(const fs::path& path, std::vector<FoundSet>& found) {
  const NpzFamily family = npz_family(path);
  if (family == NpzFamily::none) return;
  found.push_back({family == NpzFamily::shchur ? Family::shchur : Family::heterophilous, path, path.stem().string()});
}

}  // namespace

std::vector<FoundSet> find_sets(const fs::path& path) {
  std::vector<FoundSet> found;
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored)) {
    look_into_npz(path, found);
    return found;
  }
  const auto add = [&](Family family, const std::string& name) { found.push_back({family, path, name}); };
  for (const std::string& name : planetoid_names(path)) add(Family::planetoid, name);
  for (const std::string& name : stems(path, ".content")) add(Family::linqs, name);
  const std::string name = folder_name(path);
  if (has_file(path, "out1_graph_edges.txt")) add(Family::geom_gcn, name);
  if (has_file(path, "node.dat")) add(Family::hgb, name);
  if (has_typed_csv(path)) add(Family::typed_csv, name);
  if (has_graphsage(path)) add(Family::graphsage, name);
  if (has_dgl_ppi(path)) add(Family::dgl_ppi, name);
  if (!found.empty()) return found;
  for (const std::string& file : file_names(path)) {
    if (file.ends_with(".npz")) look_into_npz(path / file, found);
  }
  return found;
}

}  // namespace gnn::datasets
