// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <graphs/file.hpp>

namespace gnn::datasets {

constexpr std::size_t longest_line = std::size_t(64) << 10;  ///< in bytes, without the line's end

/// A text file: all of it mapped into memory, or, when its content is gzip, unpacked piece by piece.
class TextSource {
 public:
  /// Throws Error(file) when the file cannot be read, Error(input) when it is named .gz and empty.
  explicit TextSource(const std::filesystem::path& path);
  /// The same for bytes in memory, which must outlive the object.
  TextSource(std::string name, std::span<const std::byte> bytes);
  TextSource(const TextSource&) = delete;
  TextSource& operator=(const TextSource&) = delete;
  ~TextSource();

  const std::string& name() const { return name_; }
  bool packed() const { return packed_; }
  bool misnamed() const { return misnamed_; }  ///< named .gz, but is no gzip file
  std::size_t file_size() const { return bytes_.size(); }

  /// All of the text; of a packed file nothing.
  std::string_view text() const;

  /// The first bytes, for telling the format: at most 4096. Throws as next_block.
  std::string head() const;

  /// Of a packed file: the next block of whole lines, about `block_size` bytes; only the last one may lack a line end, or
  /// one whose line is longer than longest_line. Nothing: the end. The view holds until the next call. Throws Error(input)
  /// when the gzip stream is damaged, after all blocks before the damage. Unpacks ahead in a thread of its own.
  std::optional<std::string_view> next_block();

  /// How many bytes of the packed file the blocks so far have come from.
  std::size_t packed_read() const;

  /// Starts again with the first block.
  void rewind();

  static constexpr std::size_t block_size = std::size_t(1) << 20;

 private:
  class Unpacker;
  std::string name_;
  std::optional<graphs::MappedFile> file_;
  std::span<const std::byte> bytes_;
  bool packed_ = false, misnamed_ = false;
  std::unique_ptr<Unpacker> unpacker_;
};

}  // namespace gnn::datasets
