// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

namespace gnn::apps {

/// The file NAME.part beside a file that is being downloaded. Only one process has it at a time. It stays
/// when the download breaks, to be continued later. Throws Error(file) when a step fails or another process
/// holds it.
class PartialFile {
 public:
  explicit PartialFile(std::filesystem::path target);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  int descriptor() const { return descriptor_; }  ///< writes go to the end
  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const;

  void clear();                                       ///< begins anew
  void remove();                                      ///< the object is of no more use
  void publish(const std::filesystem::path& target);  ///< syncs it, renames it, syncs the folder

 private:
  [[noreturn]] void fail_with_errno(const char* what) const;

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace gnn::apps
