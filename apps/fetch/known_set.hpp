// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <apps/fetch/fetch.hpp>
#include <datasets/registry.hpp>

namespace gnn::apps {

/// The files of a known set as they are fetched: those that it needs, then those that add to it. `mirrors`
/// are addresses to try before those of the registry.
std::vector<RemoteFile> remote_files(const datasets::Known& known, std::span<const std::string> mirrors);

}  // namespace gnn::apps
