// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <graphs/parallel.hpp>

namespace gnn::datasets {

struct SortedName {
  std::uint64_t key;  ///< the eight bytes that are compared now, or the value
  std::uint32_t index;
};

/// Eight bytes of the text from `depth` on, zeros behind its end, so that keys compare as texts without NUL bytes do.
inline std::uint64_t key_at(std::string_view text, std::size_t depth) {
  std::uint64_t key = 0;
  if (depth >= text.size()) return 0;
  std::memcpy(&key, text.data() + depth, std::min<std::size_t>(8, text.size() - depth));
  return __builtin_bswap64(key);
}

/// Sorts by bytes, eight at a time: names that agree in them wait until the others are in place.
inline void sort_by_bytes(std::span<const std::string_view> texts, std::span<SortedName> names, std::size_t depth) {
  struct Open {
    std::span<SortedName> names;
    std::size_t depth;
  };
  std::vector<Open> open = {{names, depth}};
  while (!open.empty()) {
    const auto [range, at] = open.back();
    open.pop_back();
    std::uint64_t all = ~std::uint64_t(0), any = 0;
    for (auto& name : range) {
      name.key = key_at(texts[name.index], at);
      all &= name.key;
      any |= name.key;
    }
    if (all != any) std::sort(range.begin(), range.end(), [](auto a, auto b) { return a.key < b.key; });
    for (std::size_t begin = 0; begin < range.size();) {
      std::size_t end = begin + 1;
      while (end < range.size() && range[end].key == range[begin].key) ++end;
      // A zero in the last byte means that these texts have ended, and are equal.
      if (end - begin > 1 && (range[begin].key & 0xff) != 0) open.push_back({range.subspan(begin, end - begin), at + 8});
      begin = end;
    }
  }
}

/// The order of different texts, by bytes or by value.
inline std::vector<std::uint32_t> sort_names(std::span<const std::string_view> texts, bool numbers) {
  std::vector<SortedName> names(texts.size());
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    std::uint64_t value = 0;
    if (numbers) std::from_chars(texts[i].data(), texts[i].data() + texts[i].size(), value);
    names[i] = {value, i};
  }
  if (numbers) {
    std::sort(names.begin(), names.end(), [](auto a, auto b) { return a.key < b.key; });
  } else {
    sort_by_bytes(texts, names, 0);
  }
  std::vector<std::uint32_t> order(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) order[i] = names[i].index;
  return order;
}

}  // namespace gnn::datasets
