// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace gnn::apps {

/// SHA-256 in lower-case hexadecimal.
std::string sha256_of(std::span<const std::byte> bytes);

/// The same of what a file holds, unpacked when that is gzip. Throws Error(file), or Error(input) for damaged
/// gzip.
std::string sha256_of_content(const std::filesystem::path& path);

}  // namespace gnn::apps
