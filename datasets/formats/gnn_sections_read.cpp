// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <tuple>

#include <datasets/formats/gnn_layout.hpp>
#include <datasets/formats/gnn_sections.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/parallel.hpp>

namespace gnn::datasets {
namespace {

constexpr std::size_t small_section = std::size_t(1) << 20;

bool all_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

template <class T>
constexpr SectionType type_of() {
  if constexpr (std::is_same_v<T, std::uint8_t>) return SectionType::uint8;
  if constexpr (std::is_same_v<T, std::int32_t>) return SectionType::int32;
  if constexpr (std::is_same_v<T, std::int64_t>) return SectionType::int64;
  if constexpr (std::is_same_v<T, float>) return SectionType::float32;
}

}  // namespace

std::size_t element_bytes(SectionType type) {
  if (type == SectionType::int64) return 8;
  return type == SectionType::int32 || type == SectionType::float32 ? 4 : 1;
}

SectionReader::SectionReader(const std::filesystem::path& path)
    : file_(path.string()), mapped_(std::make_shared<const graphs::MappedFile>(path)) {
  read_table();
}

void SectionReader::refuse_byte(std::size_t byte, const std::string& expected,
                                const std::string& found) const {
  fail(ErrorKind::input, file_, ": byte ", byte, ": expected ", expected, ", found ", found);
}

void SectionReader::refuse(std::string_view name, const std::string& expected,
                           const std::string& found) const {
  fail(ErrorKind::input, file_, ": section ", name, ": expected ", expected, ", found ", found);
}

void SectionReader::read_table() {
  const auto bytes = mapped_->bytes();
  layout::Header header;
  if (bytes.size() < sizeof header) {
    refuse_byte(0, "a header of 64 bytes", "a file of " + std::to_string(bytes.size()));
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::string_view(header.magic, sizeof header.magic) != layout::magic) {
    refuse_byte(0, "the mark of a .gnn file", in_quotes({header.magic, sizeof header.magic}));
  }
  if (header.version != layout::version) {
    refuse_byte(8, "version " + std::to_string(layout::version), std::to_string(header.version));
  }
  const auto start = bytes.first(offsetof(layout::Header, header_checksum));
  if (header.header_checksum != layout::crc32_of(start)) {
    refuse_byte(28, "the checksum of the header", "another one: the file is damaged");
  }
  if (header.file_bytes != bytes.size()) {
    refuse_byte(16, "a file of " + std::to_string(header.file_bytes) + " bytes, as the header says",
                std::to_string(bytes.size()));
  }
  if (!all_zero(std::as_bytes(std::span(header.zero)))) refuse_byte(32, "32 zeros", "other bytes");
  const std::size_t table_bytes = std::size_t(header.sections) * sizeof(layout::Entry);
  if (table_bytes > bytes.size() - sizeof header) {
    refuse_byte(12, "as many sections as the file has room for", std::to_string(header.sections));
  }
  if (header.table_checksum != layout::crc32_of(bytes.subspan(sizeof header, table_bytes))) {
    refuse_byte(24, "the checksum of the table of sections", "another one: the file is damaged");
  }
  std::size_t place = sizeof header + table_bytes;
  for (std::size_t k = 0; k < header.sections; ++k) {
    const std::size_t at = sizeof header + k * sizeof(layout::Entry);
    Section section = read_entry(at);
    if (section.offset != place)
      refuse_byte(at + 32, "offset " + std::to_string(place), std::to_string(section.offset));
    if (section.size > bytes.size() - place || layout::aligned(section.size) > bytes.size() - place) {
      refuse_byte(at + 40, "at most " + std::to_string(bytes.size() - place) + " bytes",
                  std::to_string(section.size));
    }
    if (!all_zero(bytes.subspan(place + section.size, layout::aligned(section.size) - section.size))) {
      refuse_byte(place + section.size, "zeros up to the next multiple of 64", "other bytes");
    }
    place += layout::aligned(section.size);
    sections_.push_back(std::move(section));
  }
  if (place != bytes.size())
    refuse_byte(place, "the end of the file", std::to_string(bytes.size() - place) + " more bytes");
  std::ranges::sort(sections_, {},
                    [](const Section& s) { return std::tuple(std::string_view(s.name), s.index); });
  const auto same = std::ranges::adjacent_find(
      sections_, [](const Section& a, const Section& b) { return a.name == b.name && a.index == b.index; });
  if (same != sections_.end())
    refuse(in_quotes(same->name), "each section once", "two of one name and index");
}

SectionReader::Section SectionReader::read_entry(std::size_t at) const {
  layout::Entry entry;
  std::memcpy(&entry, mapped_->bytes().data() + at, sizeof entry);
  const std::size_t length = ::strnlen(entry.name, sizeof entry.name);
  const auto name_bytes = std::as_bytes(std::span(entry.name));
  if (length == 0 || length == sizeof entry.name || !all_zero(name_bytes.subspan(length))) {
    refuse_byte(at, "a name of at most 23 bytes and zeros", in_quotes({entry.name, sizeof entry.name}));
  }
  const auto type = static_cast<SectionType>(entry.type);
  if (type < SectionType::uint8 || type > SectionType::texts) {
    refuse_byte(at + 28, "a type from 1 to 6", std::to_string(entry.type));
  }
  if (entry.bytes % element_bytes(type) != 0) {
    refuse_byte(at + 40, "a multiple of " + std::to_string(element_bytes(type)), std::to_string(entry.bytes));
  }
  if (!all_zero(std::as_bytes(std::span(entry.zero)))) refuse_byte(at + 52, "12 zeros", "other bytes");
  return {std::string(entry.name, length), entry.index, type, entry.offset, entry.bytes, entry.checksum};
}

const SectionReader::Section* SectionReader::find(std::string_view name, std::size_t index) const {
  const auto key = [](const Section& s) { return std::tuple(std::string_view(s.name), s.index); };
  const auto found = std::ranges::lower_bound(sections_, std::tuple(name, index), {}, key);
  return found != sections_.end() && key(*found) == std::tuple(name, index) ? &*found : nullptr;
}

std::span<const std::byte> SectionReader::bytes_of(std::string_view name, std::size_t index,
                                                   SectionType type) const {
  const Section* const section = find(name, index);
  if (!section) return {};
  if (section->type != type) {
    refuse(name, "type " + std::to_string(static_cast<std::uint32_t>(type)),
           std::to_string(static_cast<std::uint32_t>(section->type)));
  }
  return mapped_->bytes().subspan(section->offset, section->size);
}

template <class T>
std::span<const T> SectionReader::array(std::string_view name, std::size_t index) const {
  const auto bytes = bytes_of(name, index, type_of<T>());
  // Aligned: the file is mapped at a page, and every section begins at a multiple of 64.
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}
template std::span<const std::uint8_t> SectionReader::array(std::string_view, std::size_t) const;
template std::span<const std::int32_t> SectionReader::array(std::string_view, std::size_t) const;
template std::span<const std::int64_t> SectionReader::array(std::string_view, std::size_t) const;
template std::span<const float> SectionReader::array(std::string_view, std::size_t) const;

std::string_view SectionReader::text(std::string_view name) const {
  const auto bytes = bytes_of(name, 0, SectionType::text);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::string> SectionReader::texts(std::string_view name, std::size_t index) const {
  const auto bytes = bytes_of(name, index, SectionType::texts);
  if (bytes.empty()) return {};
  const auto number = [&](std::size_t k) {
    std::uint64_t value;
    std::memcpy(&value, bytes.data() + 8 * k, sizeof value);
    return value;
  };
  if (bytes.size() < 8 || number(0) > bytes.size() / 8 - 1)
    refuse(name, "a count of texts that fit", "a larger one");
  const std::size_t count = number(0);
  const std::size_t first = 8 * (count + 1);
  std::vector<std::string> result;
  std::size_t begin = 0;
  for (std::size_t k = 1; k <= count; ++k) {
    const std::uint64_t end = number(k);
    if (end < begin || end > bytes.size() - first) {
      refuse(name, "ends of texts that never fall", std::to_string(end) + " after " + std::to_string(begin));
    }
    result.emplace_back(reinterpret_cast<const char*>(bytes.data()) + first + begin, end - begin);
    begin = end;
  }
  if (begin != bytes.size() - first) refuse(name, "no bytes behind the last text", "some");
  return result;
}

void SectionReader::verify(bool large) const {
  for (const Section& section : sections_) {
    if (!large && section.size > small_section) continue;
    const std::uint32_t found = layout::crc32_of(mapped_->bytes().subspan(section.offset, section.size));
    if (found != section.checksum) {
      refuse(in_quotes(section.name), "checksum " + std::to_string(section.checksum),
             std::to_string(found) + ": the file is damaged");
    }
  }
}

}  // namespace gnn::datasets
