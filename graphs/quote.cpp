// SPDX-License-Identifier: Apache-2.0
#include <graphs/quote.hpp>

#include <cstdint>

namespace gnn::graphs {
namespace {

unsigned char byte_at(std::string_view text, size_t i) {
  return static_cast<unsigned char>(text[i]);
}

/// Length of the printable UTF-8 character that `text` (not empty) starts with; 0 when there is none.
size_t printable_length(std::string_view text) {
  const unsigned char first = byte_at(text, 0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc0 || first > 0xf7 || text.size() < length) return 0;
  std::uint32_t code = first & (0x7fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte_at(text, i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte_at(text, i) & 0x3f);
  }
  // Smallest code point that needs this length, after the C1 control characters; a longer form is not UTF-8.
  const std::uint32_t smallest = length == 2 ? 0xa0 : length == 3 ? 0x800 : 0x10000;
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return code >= smallest && code <= 0x10ffff && !surrogate ? length : 0;
}

std::string escape(unsigned char byte) {
  constexpr char digits[] = "0123456789abcdef";
  return {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
}

}  // namespace

std::string quote_for_message(std::string_view text, std::size_t limit) {
  std::string result;
  while (!text.empty()) {
    const size_t length = printable_length(text);
    const std::string piece = length > 0 ? std::string(text.substr(0, length)) : escape(byte_at(text, 0));
    if (result.size() + piece.size() > limit) return result + "...";
    result += piece;
    text.remove_prefix(length > 0 ? length : 1);
  }
  return result;
}

std::string in_quotes(std::string_view text) {
  std::string result = "'";
  return result.append(quote_for_message(text)).append("'");
}

}  // namespace gnn::graphs
