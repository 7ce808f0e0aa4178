// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <apps/fetch/download.hpp>

namespace gnn::apps {

/// A file that a data set needs.
struct RemoteFile {
  std::string name;                    ///< path below the folder of the set
  std::string sha256;                  ///< of the content, unpacked when that is gzip; empty: not known
  std::vector<std::string> addresses;  ///< tried in this order
};

struct FetchOptions {
  std::filesystem::path from;  ///< a folder to copy from instead of the network; empty: none
  bool offline = false;
  bool allow_unverified = false;  ///< keep files whose SHA-256 is not known
  DownloadLimits limits;
  std::function<void(const std::string& name, std::uint64_t done, std::uint64_t total)> progress;
};

enum class Fetched { present, copied, downloaded };

/// Makes folder/NAME (or folder/NAME.gz, when the content that comes is gzip) a file with the right SHA-256.
/// A file that is right already stays. What comes is written to NAME.part, which a later call continues, and
/// renamed only when its SHA-256 is right: "ind.cora.allx: expected SHA-256 9419ba2f..., found 1f0c...; the
/// file was not kept". Throws Error(network), or Error(file) when a step of reading or writing fails.
Fetched fetch(const RemoteFile& file, const std::filesystem::path& folder, const FetchOptions& options);

enum class CacheState { good, missing, wrong, unverified };

/// What stands in the folder in place of a file; `found` becomes the SHA-256 of a wrong one.
CacheState check_cached(const RemoteFile& file, const std::filesystem::path& folder,
                        std::string* found = nullptr);

}  // namespace gnn::apps
