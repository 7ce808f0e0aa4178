// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <apps/cli/settings.hpp>

namespace gnn::apps {

/// --cache-dir, else $XDG_CACHE_HOME/gnn, else ~/.cache/gnn; empty when none of them is set.
std::string cache_folder(const Settings& settings);

/// Where the files of a known set are: --data-dir, or the cache when they are complete there and not in --data-dir.
std::filesystem::path folder_of_set(const std::string& name, const Settings& settings);

}  // namespace gnn::apps
