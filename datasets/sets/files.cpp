// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/files.hpp>

#include <algorithm>

#include <graphs/error.hpp>

namespace gnn::datasets {

namespace fs = std::filesystem;

fs::path find_file(const fs::path& folder, std::string_view name) {
  std::error_code ignored;
  const fs::path plain = folder / name;
  const fs::path packed = folder / (std::string(name) + ".gz");
  return !fs::is_regular_file(plain, ignored) && fs::is_regular_file(packed, ignored) ? packed : plain;
}

bool has_file(const fs::path& folder, std::string_view name) {
  std::error_code ignored;
  return fs::is_regular_file(find_file(folder, name), ignored);
}

std::vector<std::string> file_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) names.push_back(entry->path().filename().string());
  }
  if (error) fail(ErrorKind::file, folder.string(), ": expected a folder to read, found: ", error.message());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> stems(const fs::path& folder, std::string_view end) {
  std::vector<std::string> result;
  for (std::string name : file_names(folder)) {
    if (name.ends_with(".gz")) name.resize(name.size() - 3);
    if (name.size() > end.size() && name.ends_with(end)) result.push_back(name.substr(0, name.size() - end.size()));
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

}  // namespace gnn::datasets
