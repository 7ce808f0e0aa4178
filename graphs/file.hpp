// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include <graphs/quote.hpp>

namespace gnn::graphs {

/// A regular file, mapped into memory to be read. Throws Error(file) when it is missing, unreadable or not a
/// regular file: "edges.csv: no such file". An empty file gives empty views. The views live as long as the
/// object, and a program that shortens the file meanwhile ends this one with SIGBUS.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Makes `bytes` the content of the file, so that a reader, or a machine that loses power, finds either the
/// old file or the new one: writes a temporary file PATH.PROCESS-NUMBER.tmp in the same folder, syncs it,
/// renames it, syncs the folder. Throws Error(file) when a step fails; the temporary file is then removed and
/// the old file as it was, unless only the last step failed. Refuses to replace what is not a regular file; a
/// symbolic link is replaced, not followed. May be called from several threads.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// The same for a content in several parts, one behind the other.
void write_file_atomically(const std::filesystem::path& path,
                           std::span<const std::span<const std::byte>> parts);

}  // namespace gnn::graphs
