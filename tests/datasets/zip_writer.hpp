// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gnn::test {

/// A file to be put into a zip archive, and the lies that its headers tell.
struct ZipFile {
  std::string name, content;
  bool deflated = false;
  int method = -1;  ///< -1: the true one
  int flags = 0;
  int crc_change = 0, size_change = 0, packed_change = 0, offset_change = 0;
  std::string local_name;      ///< empty: the same
  int only_directory_at = -1;  ///< no local part: the directory points to this byte
};

inline std::string deflated(const std::string& content) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, uLong(content.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = uInt(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = uInt(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// A zip archive; `count` is what its end record says, -1: the truth.
inline std::string zip_file(const std::vector<ZipFile>& files, int count = -1) {
  const auto number = [](std::uint64_t value, int length) {
    std::string bytes;
    for (int i = 0; i < length; ++i, value >>= 8) bytes += static_cast<char>(value & 255);
    return bytes;
  };
  std::string zip, directory;
  for (const ZipFile& file : files) {
    const std::string packed = file.deflated ? deflated(file.content) : file.content;
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(file.content.data()), uInt(file.content.size()));
    const auto headers = [&](const std::string& name) {
      const int method = file.method >= 0 ? file.method : file.deflated ? 8 : 0;
      return number(20, 2) + number(std::uint64_t(file.flags), 2) + number(std::uint64_t(method), 2) +
             number(0, 4) + number(std::uint64_t(long(crc) + file.crc_change), 4) +
             number(std::uint64_t(long(packed.size()) + file.packed_change), 4) +
             number(std::uint64_t(long(file.content.size()) + file.size_change), 4) + number(name.size(), 2) +
             number(0, 2);
    };
    const std::string local_name = file.local_name.empty() ? file.name : file.local_name;
    const long offset =
        file.only_directory_at >= 0 ? file.only_directory_at : long(zip.size()) + file.offset_change;
    directory += "PK\1\2" + number(20, 2) + headers(file.name) + number(0, 10) +
                 number(std::uint64_t(offset), 4) + file.name;
    if (file.only_directory_at < 0) zip += "PK\3\4" + headers(local_name) + local_name + packed;
  }
  const std::size_t offset = zip.size();
  const auto entries = count >= 0 ? std::uint64_t(count) : files.size();
  return zip + directory + "PK\5\6" + number(0, 4) + number(entries, 2) + number(entries, 2) +
         number(directory.size(), 4) + number(offset, 4) + number(0, 2);
}

}  // namespace gnn::test
