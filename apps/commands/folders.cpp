// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/folders.hpp>

#include <cstdlib>
#include <filesystem>

#include <datasets/registry.hpp>

namespace gnn::apps {

std::string cache_folder(const Settings& settings) {
  namespace fs = std::filesystem;
  if (settings.has("cache-dir")) return settings.text("cache-dir");
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache) return (fs::path(cache) / "gnn").string();
  const char* home = std::getenv("HOME");
  return home && *home ? (fs::path(home) / ".cache" / "gnn").string() : "";
}

std::filesystem::path folder_of_set(const std::string& name, const Settings& settings) {
  const std::filesystem::path data_dir = settings.has("data-dir") ? settings.text("data-dir") : "";
  const datasets::Known* known = datasets::find_known(name);
  const std::filesystem::path cache = cache_folder(settings);
  if (!known || cache.empty()) return data_dir;
  if (!data_dir.empty() && datasets::is_complete(*known, data_dir)) return data_dir;
  if (datasets::is_complete(*known, cache) || data_dir.empty()) return cache;
  return datasets::known_folder(*known, data_dir) ? data_dir : cache;
}

}  // namespace gnn::apps
