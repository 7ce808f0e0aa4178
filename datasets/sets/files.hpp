// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gnn::datasets {

/// Where the file of that name stands in the folder: as NAME, else as NAME.gz; NAME when there is neither.
std::filesystem::path find_file(const std::filesystem::path& folder, std::string_view name);

/// Whether NAME or NAME.gz is a regular file of the folder.
bool has_file(const std::filesystem::path& folder, std::string_view name);

/// The names of the regular files in a folder, sorted. Throws Error(file) when it cannot be read.
std::vector<std::string> file_names(const std::filesystem::path& folder);

/// The beginnings of all files of the folder that end in `end` or `end`.gz, sorted, each once: "cora" for "cora.content.gz".
std::vector<std::string> stems(const std::filesystem::path& folder, std::string_view end);

}  // namespace gnn::datasets
