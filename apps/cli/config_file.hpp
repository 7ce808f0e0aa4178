// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include <apps/cli/settings.hpp>

namespace gnn::apps {

/// Reads a TOML file into the settings. Its keys are the flags without dashes, at the top level or in the
/// tables [data], [model], [train] and [output], where `name` is the data set or model:
///
///   seed = 1
///   [data]
///   name = "cora"
///   [model]
///   name = "gat"
///   heads = [8, 1]      # or one number
///
/// A key that only other commands take is passed over, so one file can serve several commands.
/// Throws Error(file) when the file cannot be read, Error(usage) with line and column for everything else.
void read_config_file(const std::filesystem::path& path, Settings& settings);

}  // namespace gnn::apps
