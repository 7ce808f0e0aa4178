// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <datasets/pickle_objects.hpp>

namespace gnn::datasets::pickle {

/// The bytes of a pickle from front to back. Every size is compared with the bytes that are left before it is
/// used; what is missing is an Error(input).
class Input {
 public:
  Input(std::span<const std::byte> bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  std::size_t position() const { return position_; }
  std::size_t left() const { return bytes_.size() - position_; }

  /// The next bytes. `what` says what they are, for the message.
  std::string_view take(std::size_t size, std::string_view what) {
    if (size > left()) {
      Place{file_, position_}.refuse(
          size == 1 ? std::string(what) : std::to_string(size) + " bytes of " + std::string(what),
          left() ? "the end of the file after " + std::to_string(left()) : "the end of the file");
    }
    const auto* start = reinterpret_cast<const char*>(bytes_.data()) + position_;
    position_ += size;
    return {start, size};
  }

  /// A little-endian unsigned number of 1, 2 or 4 bytes.
  std::uint32_t take_number(std::size_t size, std::string_view what) {
    const std::string_view text = take(size, what);
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < size; ++i) {
      number |= static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])) << (8 * i);
    }
    return number;
  }

  /// The text up to the next line feed, which is skipped.
  std::string_view take_line() {
    constexpr std::size_t longest = 64;
    const auto start = bytes_.subspan(position_, std::min(longest, left()));
    const auto end = std::find(start.begin(), start.end(), std::byte{'\n'});
    if (end == start.end())
      Place{file_, position_}.refuse("a name of at most 64 bytes and a line feed", "neither");
    const std::string_view line = take(static_cast<std::size_t>(end - start.begin()), "a name");
    ++position_;
    return line;
  }

 private:
  std::span<const std::byte> bytes_;
  const std::string& file_;
  std::size_t position_ = 0;
};

}  // namespace gnn::datasets::pickle
