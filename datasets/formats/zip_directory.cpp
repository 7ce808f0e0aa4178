// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/zip_directory.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

constexpr std::uint64_t in_zip64 = 0xffffffff;  // stands for a number in the zip64 extra field

struct End {
  std::size_t place = 0;  // where the directory has to end
  std::uint64_t count = 0, size = 0, offset = 0;
};

/// Little-endian numbers at places of the file.
class Archive {
 public:
  Archive(std::span<const std::byte> bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  std::size_t size() const { return bytes_.size(); }
  const std::string& file() const { return file_; }
  bool holds(std::size_t at, std::size_t length) const { return at <= size() && length <= size() - at; }
  std::uint64_t number(std::size_t at, std::size_t length) const {
    if (!holds(at, length)) {
      fail(ErrorKind::input, file_, ": byte ", at, ": expected ", length,
           " bytes of a zip archive, found the end of the file");
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < length; ++i)
      value |= std::to_integer<std::uint64_t>(bytes_[at + i]) << (8 * i);
    return value;
  }
  bool is(std::size_t at, std::uint32_t signature) const {
    return holds(at, 4) && number(at, 4) == signature;
  }
  std::string_view text(std::size_t at, std::size_t length) const {
    number(at + length, 0);
    return {reinterpret_cast<const char*>(bytes_.data()) + at, length};
  }
  std::span<const std::byte> part(std::size_t at, std::size_t length) const {
    return bytes_.subspan(at, length);
  }

 private:
  std::span<const std::byte> bytes_;
  const std::string& file_;
};

constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50,
                        end_signature = 0x06054b50, end64_signature = 0x06064b50,
                        locator_signature = 0x07064b50;
constexpr std::size_t local_bytes = 30, central_bytes = 46, end_bytes = 22, end64_bytes = 56,
                      locator_bytes = 20;

/// The end record stands last, before a comment of at most 64 KiB.
std::size_t find_end(const Archive& archive) {
  const std::size_t furthest = archive.size() > end_bytes + 0xffff ? archive.size() - end_bytes - 0xffff : 0;
  for (std::size_t at = archive.size() - end_bytes + 1; at-- > furthest;) {
    if (archive.is(at, end_signature) && archive.number(at + 20, 2) == archive.size() - at - end_bytes)
      return at;
  }
  fail(ErrorKind::input, archive.file(),
       ": expected the end record of a zip archive, found none: the file is cut or damaged");
}

End read_end(const Archive& archive) {
  const std::size_t at = find_end(archive);
  End end = {at, archive.number(at + 10, 2), archive.number(at + 12, 4), archive.number(at + 16, 4)};
  if (archive.number(at + 4, 2) != 0 || archive.number(at + 6, 2) != 0 ||
      archive.number(at + 8, 2) != end.count) {
    fail(ErrorKind::input, archive.file(), ": byte ", at + 4,
         ": expected a zip archive of one part with one count of entries, found disk ",
         archive.number(at + 4, 2), " and the counts ", archive.number(at + 8, 2), " and ", end.count);
  }
  if (end.count != 0xffff && end.size != in_zip64 && end.offset != in_zip64) return end;
  if (at < locator_bytes + end64_bytes || !archive.is(at - locator_bytes, locator_signature)) return end;
  const std::size_t place = at - locator_bytes - end64_bytes;
  if (!archive.is(place, end64_signature) || archive.number(at - locator_bytes + 8, 8) != place) {
    fail(ErrorKind::input, archive.file(), ": byte ", place,
         ": expected the zip64 end record, found something else");
  }
  return {place, archive.number(place + 32, 8), archive.number(place + 40, 8), archive.number(place + 48, 8)};
}

bool is_safe_key(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.find('\\') != name.npos || name.find(':') != name.npos)
    return false;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20) return false;
  }
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('/', at), name.size());
    const std::string_view part = name.substr(at, end - at);
    if (part == ".." || part == ".") return false;
    at = end + 1;
  }
  return true;
}

/// Sizes and offset of a central header that stand in its zip64 field when they do not fit into 32 bits.
void read_zip64(const Archive& archive, std::size_t at, std::size_t length,
                std::initializer_list<std::uint64_t*> numbers, const std::string& where) {
  const auto missing = [](const std::uint64_t* number) { return *number == in_zip64; };
  if (std::none_of(numbers.begin(), numbers.end(), missing)) return;
  for (const std::size_t end = at + length; end - at >= 4;) {
    const std::uint64_t id = archive.number(at, 2), size = archive.number(at + 2, 2);
    at += 4;
    if (size > end - at) break;
    if (id != 1) {
      at += size;
      continue;
    }
    const std::size_t field_end = at + size;
    for (std::uint64_t* number : numbers) {
      if (!missing(number)) continue;
      if (field_end - at < 8) break;
      *number = archive.number(at, 8);
      at += 8;
    }
    return;
  }
  fail(ErrorKind::input, where, ": expected a zip64 field for sizes beyond 4 GiB, found none");
}

struct Placed {
  ZipEntry entry;
  std::size_t begin, end;
};

Placed read_entry(const Archive& archive, std::size_t at, std::size_t directory) {
  const auto name_length = archive.number(at + 28, 2);
  const std::string name(archive.text(at + central_bytes, name_length));
  const std::string where = archive.file() + ": entry " + in_quotes(name);
  if (!is_safe_key(name)) {
    fail(ErrorKind::input, where,
         ": expected a name inside the archive, found one that is absolute, empty, leads outside or has "
         "control bytes");
  }
  const std::uint64_t flags = archive.number(at + 8, 2), method = archive.number(at + 10, 2);
  if (flags & 0x2041)
    fail(ErrorKind::input, where, ": expected an entry that is not encrypted, found flags ", flags);
  if (method != 0 && method != 8) {
    fail(ErrorKind::input, where, ": expected the method stored (0) or deflated (8), found method ", method,
         ", which is unsupported");
  }
  std::uint64_t packed = archive.number(at + 20, 4), size = archive.number(at + 24, 4),
                offset = archive.number(at + 42, 4);
  read_zip64(archive, at + central_bytes + name_length, archive.number(at + 30, 2), {&size, &packed, &offset},
             where);

  if (offset >= directory || directory - offset < local_bytes || !archive.is(offset, local_signature)) {
    fail(ErrorKind::input, where, ": expected a local header before byte ", directory,
         ", found none at byte ", offset);
  }
  const std::uint64_t header = local_bytes + archive.number(offset + 26, 2) + archive.number(offset + 28, 2);
  if (header > directory - offset || packed > directory - offset - header) {
    fail(ErrorKind::input, where, ": byte ", offset, ": expected ", packed,
         " bytes before the directory at byte ", directory, ", found fewer");
  }
  if (archive.text(offset + local_bytes, archive.number(offset + 26, 2)) != name ||
      archive.number(offset + 8, 2) != method) {
    fail(ErrorKind::input, where, ": byte ", offset,
         ": expected the name and method of the directory, found others");
  }
  // DEFLATE packs at most 1032 to 1, so a larger size is a lie.
  if (method == 0 ? size != packed : size / 1032 > packed) {
    fail(ErrorKind::input, where, ": expected a size that ", packed, " packed bytes can have, found ", size);
  }
  const std::size_t begin = offset + header;
  ZipEntry entry = {name, method == 8, std::uint32_t(archive.number(at + 16, 4)), size,
                    archive.part(begin, packed)};
  return {std::move(entry), offset, begin + packed};
}

void refuse_overlaps(std::vector<Placed> placed, const std::string& file) {
  std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < placed.size(); ++i) {
    if (placed[i].begin >= placed[i - 1].end) continue;
    fail(ErrorKind::input, file, ": entry ", in_quotes(placed[i].entry.name),
         ": expected entries that do not overlap, found byte ", placed[i].begin, " inside ",
         in_quotes(placed[i - 1].entry.name));
  }
}

}  // namespace

std::vector<ZipEntry> read_zip_directory(std::span<const std::byte> bytes, const std::string& file) {
  const Archive archive(bytes, file);
  const bool is_zip = archive.is(0, local_signature) || archive.is(0, end_signature);
  if (!is_zip || bytes.size() < end_bytes) {
    const std::string_view start(reinterpret_cast<const char*>(bytes.data()),
                                 std::min<std::size_t>(bytes.size(), 6));
    fail(ErrorKind::input, file, ": byte 0: expected a zip archive, found ",
         bytes.empty() ? "an empty file" : in_quotes(start) + ": not a zip archive");
  }
  const End end = read_end(archive);
  if (end.offset > end.place || end.size != end.place - end.offset) {
    fail(ErrorKind::input, file, ": expected a directory that ends at byte ", end.place, ", found one of ",
         end.size, " bytes at byte ", end.offset);
  }

  std::vector<Placed> placed;
  std::set<std::string> names;
  std::size_t at = end.offset;
  while (at < end.place) {
    if (!archive.is(at, central_signature) || end.place - at < central_bytes) {
      fail(ErrorKind::input, file, ": byte ", at,
           ": expected an entry of the directory, found something else");
    }
    const std::size_t length =
        central_bytes + archive.number(at + 28, 2) + archive.number(at + 30, 2) + archive.number(at + 32, 2);
    if (length > end.place - at) {
      fail(ErrorKind::input, file, ": byte ", at, ": expected an entry of the directory, found one of ",
           length, " bytes, beyond its end");
    }
    placed.push_back(read_entry(archive, at, end.offset));
    if (!names.insert(placed.back().entry.name).second) {
      fail(ErrorKind::input, file, ": entry ", in_quotes(placed.back().entry.name),
           ": expected every name once, found it twice");
    }
    at += length;
  }
  if (placed.size() != end.count) {
    fail(ErrorKind::input, file, ": byte ", end.place, ": expected ", placed.size(),
         " entries, as in the directory, found the count ", end.count);
  }
  refuse_overlaps(placed, file);

  std::vector<ZipEntry> entries;
  for (Placed& one : placed) entries.push_back(std::move(one.entry));
  return entries;
}

}  // namespace gnn::datasets
