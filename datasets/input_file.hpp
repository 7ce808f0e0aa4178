// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <graphs/file.hpp>

namespace gnn::datasets {

/// True when the bytes begin as a gzip stream does.
bool is_gzip(std::span<const std::byte> bytes);

/// The content of a gzip file, of all its members. Throws Error(input) when it is cut, damaged, followed by
/// something else or larger than `most` bytes: "edges.csv.gz: expected the end of the gzip stream, found the
/// end of the file after 1337 unpacked bytes".
std::vector<std::byte> gunzip(std::span<const std::byte> bytes, const std::string& file, std::size_t most);

/// A file to be read: mapped into memory, or unpacked into it when its content is gzip. Views live as long as
/// the object.
class InputFile {
 public:
  /// Throws what MappedFile and gunzip throw. A name that ends in .gz over other content is noted by
  /// misnamed().
  explicit InputFile(const std::filesystem::path& path, std::size_t most = std::size_t(8) << 30);

  /// Content that is in memory already, taken as it is, under a name for messages.
  InputFile(std::string name, std::vector<std::byte> content)
      : name_(std::move(name)), unpacked_(std::move(content)) {}

  const std::string& name() const { return name_; }  ///< the path as given, for messages
  std::span<const std::byte> bytes() const { return file_ ? file_->bytes() : std::span(unpacked_); }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes().data()), bytes().size()}; }
  bool misnamed() const { return misnamed_; }  ///< named .gz, but is no gzip file

 private:
  std::string name_;
  std::optional<graphs::MappedFile> file_;  ///< none when unpacked
  std::vector<std::byte> unpacked_;
  bool misnamed_ = false;
};

}  // namespace gnn::datasets
