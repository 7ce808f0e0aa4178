// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/npz.hpp>

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>

#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

constexpr std::size_t zlib_piece = std::size_t(1) << 20;  // zlib counts in 32 bits

std::uint32_t checksum(std::span<const std::byte> bytes) {
  return std::uint32_t(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

void check_sum(const ZipEntry& entry, std::span<const std::byte> content, const std::string& where) {
  const std::uint32_t found = checksum(content);
  if (found != entry.crc) {
    fail(ErrorKind::input, where, ": expected the check sum ", entry.crc, ", found ", found,
         ": the data is damaged");
  }
}

struct EndInflate {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

/// A DEFLATE stream that is unpacked bit by bit.
class Inflater {
 public:
  Inflater(const ZipEntry& entry, const std::string& where) : entry_(entry), where_(where) {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK)
      fail(ErrorKind::memory, where, ": zlib has too little memory");
    guard_.reset(&stream_);
  }
  bool at_end() const { return at_end_; }

  /// Makes `content` longer until it has `size` bytes or the stream ends.
  void unpack_to(std::vector<std::byte>& content, std::size_t size) {
    std::size_t written = content.size();
    content.resize(size);
    while (written < size && !at_end_) {
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(entry_.data.data() + read_));
      stream_.avail_in = uInt(std::min(zlib_piece, entry_.data.size() - read_));
      stream_.next_out = reinterpret_cast<Bytef*>(content.data() + written);
      stream_.avail_out = uInt(std::min(zlib_piece, size - written));
      const uInt in = stream_.avail_in, out = stream_.avail_out;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      read_ += in - stream_.avail_in;
      written += out - stream_.avail_out;
      at_end_ = status == Z_STREAM_END;
      if (status == Z_MEM_ERROR) fail(ErrorKind::memory, where_, ": zlib has too little memory");
      const bool stuck = in == stream_.avail_in && out == stream_.avail_out;
      if (!at_end_ && (status != Z_OK || stuck)) {
        fail(ErrorKind::input, where_, ": expected a deflate stream, found damaged data after ", written,
             " of ", entry_.size, " unpacked bytes");
      }
    }
    content.resize(written);
  }
  bool read_all() const { return read_ == entry_.data.size(); }

 private:
  const ZipEntry& entry_;
  const std::string& where_;
  z_stream stream_ = {};
  std::unique_ptr<z_stream, EndInflate> guard_;
  std::size_t read_ = 0;
  bool at_end_ = false;
};

std::string key_of(const std::string& entry_name) {
  return entry_name.ends_with(".npy") ? entry_name.substr(0, entry_name.size() - 4) : entry_name;
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ", ") + graphs::quote_for_message(name);
    if (text.size() > 400) return text + ", ...";
  }
  return text.empty() ? "no entries" : text;
}

}  // namespace

std::vector<std::byte> unpack(const ZipEntry& entry, const std::string& where,
                              void (*check_start)(std::span<const std::byte> start, std::size_t size,
                                                  const std::string& where)) {
  std::vector<std::byte> content;
  Inflater inflater(entry, where);
  // The start says how much is to come; only when it agrees with the archive is the rest worth its memory.
  inflater.unpack_to(content, std::min(entry.size, (std::size_t(1) << 16) + 12));
  if (check_start) check_start(content, entry.size, where);
  // In steps, so that no size is believed; up to one byte more than there should be, to find a longer stream
  // out.
  while (!inflater.at_end() && content.size() <= entry.size) {
    inflater.unpack_to(content, std::min(entry.size + 1, std::max(zlib_piece, 2 * content.size())));
  }
  if (content.size() != entry.size || !inflater.at_end() || !inflater.read_all()) {
    fail(ErrorKind::input, where, ": expected ", entry.size, " unpacked bytes, found ",
         content.size() > entry.size ? "more"
                                     : std::to_string(content.size()) + " before the end of the stream");
  }
  check_sum(entry, content, where);
  return content;
}

Npz::Npz(std::span<const std::byte> bytes, std::string file, std::size_t most)
    : bytes_(bytes), file_(std::move(file)), most_(most) {
  for (ZipEntry& entry : read_zip_directory(bytes_, file_)) {
    const std::string key = key_of(entry.name);
    if (!entries_.emplace(key, std::move(entry)).second) {
      fail(ErrorKind::input, file_, ": entry ", in_quotes(key), ": expected every name once, found it twice");
    }
  }
}

std::vector<std::string> Npz::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

void Npz::fail_missing(const std::string& wanted) const {
  fail(ErrorKind::input, file_, ": expected ", wanted, ", found ", list(names()));
}

NpyArray Npz::array(const std::string& name) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) fail_missing("an entry " + in_quotes(name));
  const ZipEntry& entry = found->second;
  const std::string where = file_ + ": entry " + graphs::quote_for_message(name);
  if (!entry.deflated) {
    check_sum(entry, entry.data, where);
    return parse_npy(entry.data, where);
  }
  auto unpacked = unpacked_.find(name);
  if (unpacked == unpacked_.end()) {
    if (entry.size > most_ - unpacked_bytes_) {
      fail(ErrorKind::input, where, ": expected at most ", most_, " bytes when unpacked, found more");
    }
    const auto check_header = [](std::span<const std::byte> start, std::size_t size,
                                 const std::string& place) { parse_npy_header(start, size, place); };
    unpacked = unpacked_.emplace(name, unpack(entry, where, check_header)).first;
    unpacked_bytes_ += entry.size;
  }
  return parse_npy(unpacked->second, where);
}

std::vector<std::byte> make_npz(const std::vector<std::pair<std::string, std::vector<std::byte>>>& arrays) {
  std::string directory, file;
  const auto put = [](std::string& to, std::uint64_t value, int length) {
    for (int i = 0; i < length; ++i) to += static_cast<char>(value >> (8 * i) & 255);
  };
  check(arrays.size() < 0xffff, "npz: expected fewer than 65535 arrays, found ", arrays.size());
  for (const auto& [key, bytes] : arrays) {
    const std::string name = key + ".npy";
    check(bytes.size() < 0xffffffff - 1024 - name.size() &&
              file.size() < 0xffffffff - 1024 - name.size() - bytes.size(),
          "npz: expected less than 4 GiB, found more");
    // Both headers share this part: needed version 2.0, no flags, stored, 1 January 1980.
    std::string common;
    put(common, 20, 2);
    put(common, 0, 4);
    put(common, 0, 2);
    put(common, 0x21, 2);
    put(common, checksum(bytes), 4);
    put(common, bytes.size(), 4);
    put(common, bytes.size(), 4);
    put(common, name.size(), 2);
    put(common, 0, 2);
    directory += "PK\1\2";
    put(directory, 20, 2);
    directory += common;
    put(directory, 0, 8);
    put(directory, 0, 2);
    put(directory, file.size(), 4);
    directory += name;
    file += "PK\3\4" + common + name;
    file.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  const std::size_t offset = file.size();
  check(directory.size() < 0xffffffff - offset, "npz: expected less than 4 GiB, found more");
  file += directory + "PK\5\6";
  put(file, 0, 4);
  put(file, arrays.size(), 2);
  put(file, arrays.size(), 2);
  put(file, directory.size(), 4);
  put(file, offset, 4);
  put(file, 0, 2);
  const auto bytes = std::as_bytes(std::span(file));
  return {bytes.begin(), bytes.end()};
}

}  // namespace gnn::datasets
