// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <apps/cli/settings.hpp>

namespace gnn::apps {

/// The folder that a training writes. Until keep() is called it is on trial: the destructor then removes what
/// this object made, so that a command that fails leaves nothing behind.
class RunFolder {
 public:
  /// The folder of --out, else runs/STEM-N with the first N from 1 that is free. Makes it. A folder with
  /// something in it is refused, Error(usage), unless --force is on, which removes the checkpoints in it.
  /// Throws Error(file) when it cannot be made.
  static RunFolder create(const Settings& settings, const std::string& stem);

  /// The folder of --resume, as it is, without what writes that were cut short left in it.
  static RunFolder reopen(const Settings& settings);

  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;
  ~RunFolder();

  const std::filesystem::path& path() const { return path_; }

  /// Where run number `run` (from 0) of so many writes: the folder itself, or run-0, run-1 ... in it.
  std::filesystem::path of_run(int run, int runs) const;

  /// Makes that folder, if need be.
  void make(const std::filesystem::path& folder);

  void write(const std::filesystem::path& file, std::span<const std::byte> bytes);
  void write(const std::filesystem::path& file, std::string_view text);

  void keep() { kept_ = true; }

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  std::vector<std::filesystem::path> made_;
  bool kept_ = false;
};

}  // namespace gnn::apps
