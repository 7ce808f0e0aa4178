// SPDX-License-Identifier: Apache-2.0
#include <apps/fetch/fetch.hpp>

#include <optional>
#include <system_error>

#include <apps/cli/interrupt.hpp>
#include <apps/fetch/partial_file.hpp>
#include <apps/fetch/sha256.hpp>
#include <datasets/input_file.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::apps {
namespace {

namespace fs = std::filesystem;

// A transfer that breaks is continued at once as often as this, as long as each try brings something.
constexpr int continuations = 5;

std::optional<fs::path> standing_file(const fs::path& folder, const std::string& name) {
  for (const fs::path& path : {folder / name, folder / (name + ".gz")}) {
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) return path;
  }
  return std::nullopt;
}

std::string mismatch(const RemoteFile& file, const std::string& found) {
  return file.name + ": expected SHA-256 " + file.sha256 + ", found " + found + "; the file was not kept";
}

/// The SHA-256 of what came; gzip that is damaged has none.
std::string hash_or_reason(const fs::path& path) {
  try {
    return sha256_of_content(path);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::input) throw;
    return std::string("damaged gzip (") + error.what() + ")";
  }
}

/// A gzip file of another name is kept under NAME.gz, where readers look for it.
fs::path target_of(const fs::path& content, const fs::path& folder, const std::string& name) {
  const bool add = datasets::is_gzip(graphs::MappedFile(content).bytes()) && !name.ends_with(".gz");
  return folder / (add ? name + ".gz" : name);
}

/// Of NAME and NAME.gz only the new one may stay: readers take the first that is there.
void remove_other_form(const fs::path& target, const fs::path& folder, const std::string& name) {
  std::error_code ignored;
  for (const fs::path& path : {folder / name, folder / (name + ".gz")}) {
    if (path != target) fs::remove(path, ignored);
  }
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(ErrorKind::file, folder.string(), ": cannot make the folder: ", error.message());
}

void copy(const RemoteFile& file, const fs::path& folder, const fs::path& from) {
  // The folder may be laid out as the set is, hold all files side by side, or hold a folder for each set, as the cache does.
  std::optional<fs::path> source;
  for (const fs::path& set : {from, from / folder.filename()}) {
    if (!source) source = standing_file(set, file.name);
    if (!source) source = standing_file(set, fs::path(file.name).filename().string());
  }
  if (!source) fail(ErrorKind::file, (from / file.name).string(), ": no such file");
  const graphs::MappedFile content(*source);
  if (!file.sha256.empty()) {
    const std::string found = hash_or_reason(*source);
    if (found != file.sha256) fail(ErrorKind::network, mismatch(file, found));
  }
  const fs::path target = target_of(*source, folder, file.name);
  make_folder(target.parent_path());
  graphs::write_file_atomically(target, content.bytes());
  remove_other_form(target, folder, file.name);
}

/// Fetches one address into the partial file; the reason when that failed, else empty.
std::string try_address(const RemoteFile& file, const std::string& address, PartialFile& partial,
                        const FetchOptions& options) {
  const DownloadProgress progress = [&](std::uint64_t done, std::uint64_t total) {
    if (options.progress) options.progress(file.name, done, total);
  };
  bool anew = partial.size() == 0;
  for (int tries = 0;; ++tries) {
    const std::uint64_t have = partial.size();
    const Download result = download(address, partial.descriptor(), have, options.limits, progress);
    if (interrupt_signal())
      fail(ErrorKind::network, file.name, ": interrupted; what came is kept to be continued");
    if (result.end == Download::End::failed) return result.message;
    if (result.end == Download::End::broken) {
      if (tries >= continuations || partial.size() == have) return result.message;
      continue;
    }
    if (result.end == Download::End::done) {
      if (file.sha256.empty()) return "";
      const std::string found = hash_or_reason(partial.path());
      if (found == file.sha256) return "";
      partial.clear();
      // The part from before may be what is wrong.
      if (anew) return mismatch(file, found);
    }
    if (anew && have == 0) return result.message;
    partial.clear();
    anew = true;
  }
}

}  // namespace

CacheState check_cached(const RemoteFile& file, const fs::path& folder, std::string* found) {
  const auto path = standing_file(folder, file.name);
  if (!path) return CacheState::missing;
  if (file.sha256.empty()) return CacheState::unverified;
  const std::string hash = hash_or_reason(*path);
  if (found) *found = hash;
  return hash == file.sha256 ? CacheState::good : CacheState::wrong;
}

Fetched fetch(const RemoteFile& file, const fs::path& folder, const FetchOptions& options) {
  const CacheState state = check_cached(file, folder);
  if (state == CacheState::good || (state == CacheState::unverified && options.allow_unverified)) {
    return Fetched::present;
  }
  if (file.sha256.empty() && !options.allow_unverified) {
    throw Error(ErrorKind::network,
                file.name + ": expected a file whose SHA-256 is known, found none to compare with",
                "--allow-unverified keeps the file as it comes");
  }
  const fs::path target = folder / file.name;
  if (!options.from.empty()) {
    copy(file, folder, options.from);
    return Fetched::copied;
  }
  if (options.offline) {
    fail(ErrorKind::network, file.name, " is not in the cache and --offline is set");
  }
  if (file.addresses.empty()) {
    throw Error(ErrorKind::network, file.name + ": expected an address to download from, found none",
                "--from DIR takes the file from a folder");
  }
  make_folder(target.parent_path());
  PartialFile partial(target);
  std::string reasons;
  for (const std::string& address : file.addresses) {
    const std::string reason = try_address(file, address, partial, options);
    if (reason.empty()) {
      const fs::path kept = target_of(partial.path(), folder, file.name);
      partial.publish(kept);
      remove_other_form(kept, folder, file.name);
      return Fetched::downloaded;
    }
    // Each reason once: several mirrors may have the same wrong file.
    if (reasons.find(reason) == reasons.npos) reasons += (reasons.empty() ? "" : "; then ") + reason;
  }
  if (partial.size() == 0) partial.remove();
  fail(ErrorKind::network, reasons);
}

}  // namespace gnn::apps
