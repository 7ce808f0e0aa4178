// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include <datasets/formats/npy.hpp>
#include <graphs/utf8.hpp>

namespace gnn::datasets {

std::vector<std::byte> make_npy(const std::string& descr, std::span<const std::size_t> shape,
                                std::span<const std::byte> data) {
  std::string header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (";
  for (const std::size_t length : shape) header += std::to_string(length) + (shape.size() == 1 ? "," : ", ");
  if (shape.size() > 1) header.resize(header.size() - 2);
  header += "), }";
  // The data begins at a multiple of 64, as NumPy has it.
  header.resize((header.size() + 10) / 64 * 64 + 63 - 10, ' ');
  header += '\n';
  std::string start = "\x93NUMPY";
  start += {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  start += header;
  std::vector<std::byte> file(start.size() + data.size());
  std::memcpy(file.data(), start.data(), start.size());
  if (!data.empty()) std::memcpy(file.data() + start.size(), data.data(), data.size());
  return file;
}

std::vector<std::byte> make_text_npy(std::span<const std::string> texts) {
  std::vector<std::u32string> decoded;
  std::size_t longest = 1;  // NumPy has no texts of 0 characters
  for (const std::string& text : texts) {
    decoded.push_back(graphs::to_utf32(text));
    longest = std::max(longest, decoded.back().size());
  }
  std::u32string data(texts.size() * longest, U'\0');
  for (std::size_t i = 0; i < decoded.size(); ++i) std::ranges::copy(decoded[i], data.begin() + std::ptrdiff_t(i * longest));
  const std::size_t shape[] = {texts.size()};
  return make_npy("<U" + std::to_string(longest), shape, std::as_bytes(std::span(data)));
}

}  // namespace gnn::datasets
