// SPDX-License-Identifier: Apache-2.0
#include <datasets/input_file.hpp>

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>

#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

struct EndInflate {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

}  // namespace

bool is_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

std::vector<std::byte> gunzip(std::span<const std::byte> bytes, const std::string& file, std::size_t most) {
  z_stream stream = {};
  constexpr int gzip_only = 16 + MAX_WBITS;
  if (inflateInit2(&stream, gzip_only) != Z_OK) fail(ErrorKind::memory, file, ": zlib has too little memory");
  const std::unique_ptr<z_stream, EndInflate> guard(&stream);

  std::vector<std::byte> unpacked;
  // zlib counts in 32 bits, so both sides are handed over in pieces.
  constexpr std::size_t piece = std::size_t(1) << 20;
  std::size_t read = 0, written = 0;
  for (;;) {
    if (unpacked.size() - written < piece) unpacked.resize(std::max(2 * unpacked.size(), written + piece));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data() + read));
    stream.avail_in = uInt(std::min(piece, bytes.size() - read));
    stream.next_out = reinterpret_cast<Bytef*>(unpacked.data() + written);
    stream.avail_out = uInt(std::min(std::numeric_limits<uInt>::max() / std::size_t(2), unpacked.size() - written));
    const uInt in = stream.avail_in, out = stream.avail_out;
    const int status = inflate(&stream, Z_NO_FLUSH);
    read += in - stream.avail_in;
    written += out - stream.avail_out;
    if (written > most) fail(ErrorKind::input, file, ": expected at most ", most, " bytes when unpacked, found more");
    if (status == Z_STREAM_END) {
      if (read == bytes.size()) break;
      // Another member may follow; anything else behind the last one is refused.
      if (!is_gzip(bytes.subspan(read))) {
        fail(ErrorKind::input, file, ": byte ", read, ": expected the end of the file after the gzip stream, found ",
             bytes.size() - read, " more bytes");
      }
      inflateReset(&stream);
    } else if (status == Z_MEM_ERROR) {
      fail(ErrorKind::memory, file, ": zlib has too little memory");
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      fail(ErrorKind::input, file, ": byte ", read, ": expected a gzip stream, found damaged data after ", written,
           " unpacked bytes");
    } else if (read == bytes.size() && stream.avail_out > 0) {
      fail(ErrorKind::input, file, ": expected the end of the gzip stream, found the end of the file after ", written,
           " unpacked bytes");
    }
  }
  unpacked.resize(written);
  return unpacked;
}

InputFile::InputFile(const std::filesystem::path& path, std::size_t most) : name_(path.string()), file_(path) {
  if (is_gzip(file_->bytes())) {
    unpacked_ = gunzip(file_->bytes(), name_, most);
    file_.reset();
  } else if (path.extension() == ".gz") {
    if (file_->bytes().empty()) fail(ErrorKind::input, name_, ": expected a gzip stream, found an empty file");
    misnamed_ = true;
  }
}

}  // namespace gnn::datasets
