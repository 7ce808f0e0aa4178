// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/folders.hpp>

#include <cstdlib>
#include <filesystem>

namespace gnn::apps {

std::string cache_folder(const Settings& settings) {
  namespace fs = std::filesystem;
  if (settings.has("cache-dir")) return settings.text("cache-dir");
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache) return (fs::path(cache) / "gnn").string();
  const char* home = std::getenv("HOME");
  return home && *home ? (fs::path(home) / ".cache" / "gnn").string() : "";
}

}  // namespace gnn::apps
