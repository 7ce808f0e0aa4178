// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <limits>

#include <datasets/formats/gnn_layout.hpp>
#include <datasets/formats/gnn_sections.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {

void SectionWriter::add_bytes(std::string_view name, std::size_t index, SectionType type,
                              std::span<const std::byte> bytes) {
  // The sections of a data set have short names that the code chooses.
  if (name.size() >= sizeof(layout::Entry::name))
    fail(ErrorKind::internal, "gnn file: section name too long: ", name);
  if (index > std::numeric_limits<std::uint32_t>::max())
    fail(ErrorKind::input, "gnn file: too many sections");
  sections_.push_back({name, index, type, bytes});
}

void SectionWriter::add(std::string_view name, std::size_t index, std::span<const std::uint8_t> values) {
  add_bytes(name, index, SectionType::uint8, std::as_bytes(values));
}
void SectionWriter::add(std::string_view name, std::size_t index, std::span<const std::int32_t> values) {
  add_bytes(name, index, SectionType::int32, std::as_bytes(values));
}
void SectionWriter::add(std::string_view name, std::size_t index, std::span<const std::int64_t> values) {
  add_bytes(name, index, SectionType::int64, std::as_bytes(values));
}
void SectionWriter::add(std::string_view name, std::size_t index, std::span<const float> values) {
  add_bytes(name, index, SectionType::float32, std::as_bytes(values));
}
void SectionWriter::add(std::string_view name, std::size_t index, std::string_view text) {
  add_bytes(name, index, SectionType::text, std::as_bytes(std::span(text)));
}

void SectionWriter::add(std::string_view name, std::size_t index, std::span<const std::string> texts) {
  std::vector<std::uint64_t> ends = {texts.size()};
  std::uint64_t end = 0;
  for (const std::string& text : texts) ends.push_back(end += text.size());
  std::vector<std::byte> bytes(ends.size() * sizeof(std::uint64_t));
  std::memcpy(bytes.data(), ends.data(), bytes.size());
  bytes.reserve(bytes.size() + end);
  for (const std::string& text : texts) {
    const auto raw = std::as_bytes(std::span(text));
    bytes.insert(bytes.end(), raw.begin(), raw.end());
  }
  add_bytes(name, index, SectionType::texts, keep(std::move(bytes)));
}

void SectionWriter::write(const std::filesystem::path& path) const {
  std::vector<layout::Entry> table(sections_.size());
  std::size_t place = sizeof(layout::Header) + sections_.size() * sizeof(layout::Entry);
  for (std::size_t k = 0; k < sections_.size(); ++k) {
    const Section& section = sections_[k];
    layout::Entry& entry = table[k];
    std::memcpy(entry.name, section.name.data(), section.name.size());
    entry.index = static_cast<std::uint32_t>(section.index);
    entry.type = static_cast<std::uint32_t>(section.type);
    entry.offset = place;
    entry.bytes = section.bytes.size();
    entry.checksum = layout::crc32_of(section.bytes);
    place += layout::aligned(section.bytes.size());
  }
  layout::Header header = {};
  std::memcpy(header.magic, layout::magic.data(), sizeof(header.magic));
  header.version = layout::version;
  header.sections = static_cast<std::uint32_t>(sections_.size());
  header.file_bytes = place;
  header.table_checksum = layout::crc32_of(std::as_bytes(std::span(table)));
  const auto header_bytes = std::as_bytes(std::span(&header, 1));
  header.header_checksum = layout::crc32_of(header_bytes.first(offsetof(layout::Header, header_checksum)));

  static constexpr std::byte zeros[layout::alignment] = {};
  std::vector<std::span<const std::byte>> parts = {header_bytes, std::as_bytes(std::span(table))};
  for (const Section& section : sections_) {
    parts.push_back(section.bytes);
    parts.push_back(std::span(zeros).first(layout::aligned(section.bytes.size()) - section.bytes.size()));
  }
  graphs::write_file_atomically(path, parts);
}

}  // namespace gnn::datasets
