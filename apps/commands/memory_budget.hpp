// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include <apps/cli/settings.hpp>

namespace gnn::apps {

/// Throws Error(memory) when about `bytes` for `what` are more than --max-memory, or without it more than 80 % of the
/// memory that is free: "reading x.tsv needs about 41.2 GB, 23.5 GB are free". Throws Error(usage) for a bad size.
void check_memory(const Settings& settings, const std::string& what, std::size_t bytes);

/// The same for the files of --edges, --features and --labels, by their sizes, before anything is read.
void check_memory_of_files(const Settings& settings);

}  // namespace gnn::apps
