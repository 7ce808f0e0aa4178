// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <apps/cli/settings.hpp>

namespace gnn::apps {

/// --cache-dir, else $XDG_CACHE_HOME/gnn, else ~/.cache/gnn; empty when none of them is set.
std::string cache_folder(const Settings& settings);

}  // namespace gnn::apps
