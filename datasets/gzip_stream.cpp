// SPDX-License-Identifier: Apache-2.0
#include <datasets/gzip_stream.hpp>

#include <zlib.h>

#include <algorithm>
#include <utility>

#include <datasets/input_file.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {

struct GzipStream::State {
  std::span<const std::byte> packed;
  std::string file;
  z_stream stream = {};
  std::size_t read = 0, written = 0;
  bool ended = false;

  ~State() { inflateEnd(&stream); }
};

GzipStream::GzipStream(std::span<const std::byte> packed, std::string file) : state_(std::make_unique<State>()) {
  state_->packed = packed;
  state_->file = std::move(file);
  constexpr int gzip_only = 16 + MAX_WBITS;
  if (inflateInit2(&state_->stream, gzip_only) != Z_OK) {
    fail(ErrorKind::memory, state_->file, ": zlib has too little memory");
  }
}

GzipStream::GzipStream(GzipStream&&) noexcept = default;
GzipStream& GzipStream::operator=(GzipStream&&) noexcept = default;
GzipStream::~GzipStream() = default;

std::size_t GzipStream::packed_read() const { return state_->read; }

std::size_t GzipStream::read(std::span<std::byte> out) {
  State& s = *state_;
  // zlib counts in 32 bits, so both sides are handed over in pieces.
  constexpr std::size_t piece = std::size_t(1) << 20;
  std::size_t filled = 0;
  while (filled < out.size() && !s.ended) {
    s.stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(s.packed.data() + s.read));
    s.stream.avail_in = uInt(std::min(piece, s.packed.size() - s.read));
    s.stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
    s.stream.avail_out = uInt(std::min(piece, out.size() - filled));
    const uInt in = s.stream.avail_in, room = s.stream.avail_out;
    const int status = inflate(&s.stream, Z_NO_FLUSH);
    s.read += in - s.stream.avail_in;
    s.written += room - s.stream.avail_out;
    filled += room - s.stream.avail_out;
    if (status == Z_STREAM_END) {
      s.ended = s.read == s.packed.size();
      if (s.ended) break;
      // Another member may follow; anything else behind the last one is refused.
      if (!is_gzip(s.packed.subspan(s.read))) {
        fail(ErrorKind::input, s.file, ": byte ", s.read, ": expected the end of the file after the gzip stream, found ",
             s.packed.size() - s.read, " more bytes");
      }
      inflateReset(&s.stream);
    } else if (status == Z_MEM_ERROR) {
      fail(ErrorKind::memory, s.file, ": zlib has too little memory");
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      fail(ErrorKind::input, s.file, ": byte ", s.read, ": expected a gzip stream, found damaged data after ", s.written,
           " unpacked bytes");
    } else if (s.read == s.packed.size() && s.stream.avail_out > 0) {
      fail(ErrorKind::input, s.file, ": expected the end of the gzip stream, found the end of the file after ", s.written,
           " unpacked bytes");
    }
  }
  return filled;
}

}  // namespace gnn::datasets
