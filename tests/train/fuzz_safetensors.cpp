// SPDX-License-Identifier: Apache-2.0
// Any bytes as a saved model, as they are and with a checksum that fits them: a model or Error(input).
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <cstring>
#include <string>
#include <vector>

#include <datasets/fuzz_target.hpp>
#include <gnn/train/safetensors.hpp>
#include <train/tiny.hpp>

namespace {

using gnn::test::expect_value_or_input_error;

/// A changed byte is a wrong checksum; with the right one the reader gets further.
void fit_checksum(std::string& file) {
  const std::string key = "\"checksum\":\"", zeros(8, '0');
  const std::size_t place = file.find(key);
  if (place == file.npos || file.size() - place < key.size() + zeros.size()) return;
  file.replace(place + key.size(), zeros.size(), zeros);
  uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(file.data()), file.size());
  for (std::size_t i = zeros.size(); i-- > 0; crc >>= 4) file[place + key.size() + i] = "0123456789abcdef"[crc & 15];
}

/// Whether the file is a saved model.
bool loads(const std::string& path) {
  bool loaded = false;
  expect_value_or_input_error([&] {
    gnn::Context ctx{gnn::Device{}, 1};
    gnn::load_model(ctx, path);
    loaded = true;
  });
  return loaded;
}

/// A good model may be one of another training, or of one that failed.
void resume(const std::string& path) {
  gnn::test::Tiny fresh;
  try {
    gnn::resume(fresh.ctx, path, fresh.card, fresh.model, fresh.trainer);
  } catch (const gnn::Error& error) {
    using Kind = gnn::ErrorKind;
    if (error.kind() != Kind::input && error.kind() != Kind::mismatch && error.kind() != Kind::training) std::abort();
  }
}

void read(const std::string& bytes) {
  const int file = ::memfd_create("fuzz", MFD_CLOEXEC);
  if (file < 0 || ::write(file, bytes.data(), bytes.size()) != ssize_t(bytes.size())) std::abort();
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (loads(path)) resume(path);
  ::close(file);
}

}  // namespace

GNN_FUZZ_TARGET(fuzz_safetensors) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  expect_value_or_input_error([&] { gnn::read_safetensors(std::as_bytes(std::span(bytes)), "input"); });
  read(bytes);
  fit_checksum(bytes);
  read(bytes);
  return 0;
}
