// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace gnn::apps {

/// How far a download is, in bytes; `total` is 0 while it is not known.
using DownloadProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct DownloadLimits {
  std::uint64_t most_bytes = std::uint64_t(4) << 30;  ///< of one file
  int stall_seconds = 30;                             ///< without a byte for so long, a transfer has failed
  int connect_seconds = 20;
  int redirects = 5;
};

/// How a download ended.
struct Download {
  enum class End {
    done,
    broken,   ///< cut or stalled: what came is in the file, more may come when asked again
    refused,  ///< the server does not continue at this place: begin anew
    failed    ///< no such file there, no server, too large
  };
  End end = End::failed;
  std::string message;  ///< empty, or what went wrong: "http://...: expected the file, found status 404"
};

/// Appends what the address has behind the first `have` bytes to the open file `descriptor`. http and https
/// only, also when redirected. Throws Error(file) when the file cannot be written. Stops when a signal came
/// (interrupt_signal()).
Download download(const std::string& address, int descriptor, std::uint64_t have,
                  const DownloadLimits& limits, const DownloadProgress& progress);

}  // namespace gnn::apps
