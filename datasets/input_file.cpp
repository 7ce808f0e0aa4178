// SPDX-License-Identifier: Apache-2.0
#include <datasets/input_file.hpp>

#include <algorithm>

#include <datasets/gzip_stream.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
bool is_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

std::vector<std::byte> gunzip(std::span<const std::byte> bytes, const std::string& file, std::size_t most) {
  GzipStream stream(bytes, file);
  std::vector<std::byte> unpacked;
  constexpr std::size_t piece = std::size_t(1) << 20;
  std::size_t written = 0;
  for (;;) {
    unpacked.resize(std::max(2 * unpacked.size(), piece));
    written += stream.read(std::span(unpacked).subspan(written));
    if (written > most) fail(ErrorKind::input, file, ": expected at most ", most, " bytes when unpacked, found more");
    if (written < unpacked.size()) break;
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
