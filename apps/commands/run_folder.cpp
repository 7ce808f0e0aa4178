// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/run_folder.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::apps {
namespace {

namespace fs = std::filesystem;

// What belongs to one training and would be wrong beside another.
constexpr std::array<std::string_view, 6> names = {"best.safetensors", "last.safetensors", "metrics.jsonl",
                                                   "summary.json",     "config.toml",      "split.json"};

std::string shown(const fs::path& path) {
  return graphs::quote_for_message(path.native(), 2000);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// The folder itself and every run-N in it.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders = {folder};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().filename().native().starts_with("run-") && is_folder(entry.path()))
      folders.push_back(entry.path());
  }
  return folders;
}

/// Removes the files in `folder` whose name is one of ours, or, with `temporary`, what
/// write_file_atomically() leaves of one when it is killed.
void remove_files(const fs::path& folder, bool temporary) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().native();
    const bool ours = std::ranges::any_of(names, [&](std::string_view ours_name) {
      return temporary ? name.starts_with(std::string(ours_name) + ".") && name.ends_with(".tmp")
                       : name == ours_name;
    });
    if (ours) found.push_back(entry.path());
  }
  for (const fs::path& file : found) fs::remove(file, error);
}

/// Makes one folder. False when something of that name is there already.
bool make_one(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return true;
  if (errno == EEXIST) return false;
  fail(ErrorKind::file, shown(path), ": cannot make the folder: ", std::generic_category().message(errno));
}

}  // namespace

RunFolder RunFolder::create(const Settings& settings, const std::string& stem) {
  if (!settings.has("out")) {
    RunFolder folder("");
    folder.make("runs");
    for (int n = 1;; ++n) {
      folder.path_ = fs::path("runs") / (stem + "-" + std::to_string(n));
      if (!make_one(folder.path_)) continue;
      folder.made_.push_back(folder.path_);
      return folder;
    }
  }
  fs::path path = settings.text("out");
  if (!path.has_filename()) path = path.parent_path();  // "x/" is "x"
  RunFolder folder(path);
  std::error_code ignored;
  if (is_folder(path) && !fs::is_empty(path, ignored)) {
    if (!settings.on("force")) {
      throw Error(ErrorKind::usage, settings.where("out") + ": the folder " + shown(path) + " is not empty",
                  "--force overwrites it");
    }
    for (const fs::path& inner : folders_in(path)) {
      remove_files(inner, false);
      if (inner != path) fs::remove(inner, ignored);  // only when nothing else is in it
    }
  }
  folder.make(path);
  return folder;
}

RunFolder RunFolder::reopen(const Settings& settings) {
  RunFolder folder(settings.text("resume"));
  for (const fs::path& inner : folders_in(folder.path_)) remove_files(inner, true);
  return folder;
}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)), made_(std::exchange(other.made_, {})), kept_(other.kept_) {}

RunFolder::~RunFolder() {
  if (kept_) return;
  std::error_code ignored;
  // Backwards, so that folders are empty when their turn comes; one with a stranger's file stays.
  while (!made_.empty()) {
    fs::remove(made_.back(), ignored);
    made_.pop_back();
  }
}

fs::path RunFolder::of_run(int run, int runs) const {
  return runs == 1 ? path_ : path_ / ("run-" + std::to_string(run));
}

void RunFolder::make(const fs::path& folder) {
  if (is_folder(folder)) return;
  if (folder.has_parent_path()) make(folder.parent_path());
  if (make_one(folder)) {
    made_.push_back(folder);
  } else if (!is_folder(folder)) {
    fail(ErrorKind::file, shown(folder), ": expected a folder, found a file");
  }
}

void RunFolder::write(const fs::path& file, std::span<const std::byte> bytes) {
  std::error_code ignored;
  const bool is_new = !fs::exists(file, ignored);
  graphs::write_file_atomically(file, bytes);
  if (is_new) made_.push_back(file);
}

void RunFolder::write(const fs::path& file, std::string_view text) {
  write(file, std::as_bytes(std::span(text.data(), text.size())));
}

}  // namespace gnn::apps
