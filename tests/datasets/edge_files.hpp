// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <zlib.h>

#include <string>

#include <datasets/formats/edges.hpp>
#include <graphs/error.hpp>

#include "support/temporary_folder.hpp"

namespace gnn::test {

inline std::string gzip(const std::string& text) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, uLong(text.size())) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = uInt(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = uInt(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

inline datasets::RawEdges read(const std::string& bytes, const datasets::EdgeOptions& options = {},
                               const std::string& name = "edges.txt") {
  const TemporaryFolder folder;
  folder.write(name, bytes);
  return datasets::read_edges(folder.path() / name, options);
}

/// Kind and message of the error, with FILE for the path; "no error" when there is none.
inline std::string failure(const std::string& bytes, const datasets::EdgeOptions& options = {},
                           const std::string& name = "edges.txt", bool packed = false) {
  const TemporaryFolder folder;
  folder.write(name, packed ? gzip(bytes) : bytes);
  const std::string path = folder.path() / name;
  try {
    datasets::read_edges(path, options);
  } catch (const Error& error) {
    std::string text = error.what();
    if (const auto at = text.find(path); at != text.npos) text.replace(at, path.size(), "FILE");
    return std::to_string(int(error.kind())) + " " + text;
  }
  return "no error";
}

inline std::string hint_of(const std::string& bytes) {
  try {
    read(bytes);
  } catch (const Error& error) {
    return error.hint();
  }
  return "no error";
}

}  // namespace gnn::test
