// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <graphs/file.hpp>

/// The container of a .gnn file: named arrays, each with its checksum. datasets/README.md has the layout.
namespace gnn::datasets {

enum class SectionType : std::uint32_t { uint8 = 1, int32 = 2, int64 = 3, float32 = 4, text = 5, texts = 6 };

/// Bytes of one element; a text and texts count in bytes.
std::size_t element_bytes(SectionType type);

/// Collects sections and writes them. What is added must live until write().
class SectionWriter {
 public:
  void add(std::string_view name, std::size_t index, std::span<const std::uint8_t> values);
  void add(std::string_view name, std::size_t index, std::span<const std::int32_t> values);
  void add(std::string_view name, std::size_t index, std::span<const std::int64_t> values);
  void add(std::string_view name, std::size_t index, std::span<const float> values);
  void add(std::string_view name, std::size_t index, std::string_view text);
  void add(std::string_view name, std::size_t index, std::span<const std::string> texts);

  /// Makes values that live as long as the writer.
  template <class T>
  std::span<const T> keep(std::vector<T> values) {
    const auto kept = std::make_shared<const std::vector<T>>(std::move(values));
    kept_.push_back(kept);
    return *kept;
  }

  void write(const std::filesystem::path& path) const;  ///< atomically; throws Error(file)

 private:
  struct Section {
    std::string_view name;
    std::size_t index;
    SectionType type;
    std::span<const std::byte> bytes;
  };
  void add_bytes(std::string_view name, std::size_t index, SectionType type,
                 std::span<const std::byte> bytes);

  std::vector<Section> sections_;
  std::deque<std::shared_ptr<const void>> kept_;
};

/// The sections of a file that is mapped. The constructor checks all but the checksums of the sections:
/// sizes, places, order, names, padding and the checksum of the table. Throws Error(file), or Error(input)
/// with the byte at fault.
class SectionReader {
 public:
  explicit SectionReader(const std::filesystem::path& path);

  const std::string& file() const { return file_; }
  std::shared_ptr<const void> owner() const { return mapped_; }  ///< keeps the views valid

  /// Whether there is such a section.
  bool has(std::string_view name, std::size_t index = 0) const { return find(name, index) != nullptr; }

  /// The elements of a section, none when there is no such section. Throws Error(input) when it has another
  /// type.
  template <class T>
  std::span<const T> array(std::string_view name, std::size_t index = 0) const;
  std::string_view text(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name, std::size_t index = 0) const;

  /// Compares the checksums of all sections, in parallel; without `large` only those of at most 1 MiB. Throws
  /// Error(input).
  void verify(bool large) const;

  [[noreturn]] void refuse(std::string_view name, const std::string& expected,
                           const std::string& found) const;

 private:
  struct Section {
    std::string name;
    std::size_t index;
    SectionType type;
    std::size_t offset, size;
    std::uint32_t checksum;
  };

  const Section* find(std::string_view name, std::size_t index) const;
  std::span<const std::byte> bytes_of(std::string_view name, std::size_t index, SectionType type) const;
  void read_table();
  Section read_entry(std::size_t at) const;
  [[noreturn]] void refuse_byte(std::size_t byte, const std::string& expected,
                                const std::string& found) const;

  std::string file_;
  std::shared_ptr<const graphs::MappedFile> mapped_;
  std::vector<Section> sections_;
};

}  // namespace gnn::datasets
