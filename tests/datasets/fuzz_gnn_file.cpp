// SPDX-License-Identifier: Apache-2.0
// Any bytes as a .gnn file, as they are and with checksums that fit them: a data set or Error(input).
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include <datasets/formats/gnn_file.hpp>
#include <datasets/formats/gnn_layout.hpp>
#include <datasets/fuzz_target.hpp>

namespace {

namespace layout = gnn::datasets::layout;

/// A changed byte is mostly a wrong checksum; with the right ones the reader gets further.
void fit_checksums(std::vector<std::byte>& bytes) {
  layout::Header header;
  if (bytes.size() < sizeof header) return;
  std::memcpy(&header, bytes.data(), sizeof header);
  header.file_bytes = bytes.size();
  const std::size_t room = (bytes.size() - sizeof header) / sizeof(layout::Entry);
  if (header.sections <= room) {
    for (std::size_t k = 0; k < header.sections; ++k) {
      std::byte* const at = bytes.data() + sizeof header + k * sizeof(layout::Entry);
      layout::Entry entry;
      std::memcpy(&entry, at, sizeof entry);
      if (entry.offset > bytes.size() || entry.bytes > bytes.size() - entry.offset) continue;
      entry.checksum = layout::crc32_of(std::span(bytes).subspan(entry.offset, entry.bytes));
      std::memcpy(at, &entry, sizeof entry);
    }
    header.table_checksum =
        layout::crc32_of(std::span(bytes).subspan(sizeof header, header.sections * sizeof(layout::Entry)));
  }
  const auto start = std::as_bytes(std::span(&header, 1)).first(offsetof(layout::Header, header_checksum));
  header.header_checksum = layout::crc32_of(start);
  std::memcpy(bytes.data(), &header, sizeof header);
}

void read(std::span<const std::byte> bytes) {
  const int file = ::memfd_create("fuzz", MFD_CLOEXEC);
  if (file < 0 || ::write(file, bytes.data(), bytes.size()) != ssize_t(bytes.size())) std::abort();
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  gnn::test::expect_value_or_input_error([&] { gnn::datasets::read_gnn_file(path); });
  gnn::test::expect_value_or_input_error([&] { gnn::datasets::read_typed_gnn_file(path); });
  gnn::test::expect_value_or_input_error([&] { gnn::datasets::GnnFile(path).features(); });
  ::close(file);
}

}  // namespace

GNN_FUZZ_TARGET(fuzz_gnn_file) {
  std::vector<std::byte> bytes(size);
  if (size > 0) std::memcpy(bytes.data(), data, size);
  read(bytes);
  fit_checksums(bytes);
  read(bytes);
  return 0;
}
