// SPDX-License-Identifier: Apache-2.0
#include <apps/fetch/download.hpp>

#include <curl/curl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include <apps/cli/interrupt.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::apps {
namespace {

struct Transfer {
  int descriptor;
  std::uint64_t have;
  std::uint64_t most;
  const DownloadProgress& progress;
  bool too_large = false;
  int write_error = 0;
};

// Called by libcurl, so nothing may be thrown: a short count ends the transfer.
std::size_t take(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (size > transfer.most - transfer.have) {
    transfer.too_large = true;
    return 0;
  }
  for (std::size_t done = 0; done < size;) {
    const ssize_t written = ::write(transfer.descriptor, data + done, size - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      transfer.write_error = errno;
      return 0;
    }
    done += static_cast<std::size_t>(written);
  }
  transfer.have += size;
  return size;
}

int watch(void* user, curl_off_t total, curl_off_t now, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::uint64_t before = transfer.have - static_cast<std::uint64_t>(now <= 0 ? 0 : now);
  if (transfer.progress && total > 0)
    transfer.progress(transfer.have, before + static_cast<std::uint64_t>(total));
  return interrupt_signal() != 0;
}

void set_options(CURL* curl, const std::string& address, Transfer& transfer, const DownloadLimits& limits) {
  const auto set = [&](CURLoption option, auto value) {
    if (curl_easy_setopt(curl, option, value) != CURLE_OK) {
      fail(ErrorKind::internal, "libcurl refuses option ", static_cast<int>(option));
    }
  };
  set(CURLOPT_URL, address.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, long(limits.redirects));
  set(CURLOPT_FAILONERROR, 1L);  // a page that says 404 is no file
  set(CURLOPT_CONNECTTIMEOUT, long(limits.connect_seconds));
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, long(limits.stall_seconds));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_USERAGENT, "gnn/" GNN_VERSION);
  set(CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(transfer.have));
  set(CURLOPT_WRITEFUNCTION, &take);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &watch);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(&transfer));
}

Download::End end_of(CURLcode code, long status, bool resumed) {
  switch (code) {
    case CURLE_OK:
      return Download::End::done;
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_RECV_ERROR:
      return Download::End::broken;
    case CURLE_RANGE_ERROR:
    case CURLE_BAD_DOWNLOAD_RESUME:
      return Download::End::refused;
    case CURLE_HTTP_RETURNED_ERROR:
      return resumed && status == 416 ? Download::End::refused : Download::End::failed;
    default:
      return Download::End::failed;
  }
}

}  // namespace

Download download(const std::string& address, int descriptor, std::uint64_t have,
                  const DownloadLimits& limits, const DownloadProgress& progress) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), &curl_easy_cleanup);
  if (started != CURLE_OK || !curl) fail(ErrorKind::memory, "libcurl cannot start");
  if (have > limits.most_bytes) have = 0;  // the caller cuts its file to this
  Transfer transfer{descriptor, have, limits.most_bytes, progress};
  set_options(curl.get(), address, transfer, limits);
  const CURLcode code = curl_easy_perform(curl.get());
  if (transfer.write_error) {
    fail(ErrorKind::file,
         "cannot write the download: ", std::generic_category().message(transfer.write_error));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  Download result;
  result.end = transfer.too_large ? Download::End::failed : end_of(code, status, have > 0);
  if (result.end == Download::End::done) return result;
  result.message = graphs::quote_for_message(address, 500) + ": expected the file, found ";
  if (transfer.too_large) {
    result.message += "more than " + std::to_string(limits.most_bytes) + " bytes";
  } else if (code == CURLE_HTTP_RETURNED_ERROR) {
    result.message += "status " + std::to_string(status);
  } else {
    result.message += std::string("an error after ") + std::to_string(transfer.have) +
                      " bytes: " + curl_easy_strerror(code);
  }
  return result;
}

}  // namespace gnn::apps
