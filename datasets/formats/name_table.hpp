// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <graphs/types.hpp>

namespace gnn::datasets {

/// Different names and a number for each. Several threads may add names at the same time; then numbers depend on who came
/// first, until finish() replaces them by the places in sorted order.
class NameTable {
 public:
  /// numbers: names are digits without leading zeros, at most 2^63 - 1, and sorted by value; else sorted by bytes.
  explicit NameTable(bool numbers);

  static constexpr std::uint32_t none = ~std::uint32_t(0);

  /// What a name is looked up by: the bytes of a name of up to 12, zeros behind its end, since no name holds a NUL byte;
  /// for a longer one a zero byte and its hash.
  struct Key {
    std::uint64_t low = 0;
    std::uint32_t high = 0;
    std::uint64_t hash = 0;
    bool is_whole() const { return (low & 0xff) != 0; }
  };

  /// Makes room for `more` names, each of which may be new. Not while add() runs.
  void reserve(std::size_t more);

  Key key(std::string_view name) const;
  void prefetch(const Key& key) const { __builtin_prefetch(slots_.data() + (key.hash & mask_)); }
  /// To be called some time after prefetch().
  void prefetch_name(const Key& key) const;

  /// The number of the name; `none` when it is new and no acceptable name. The bytes of a `stable` name outlive the table;
  /// others are copied. At most as many calls as were reserved for.
  std::uint32_t add(std::string_view name, const Key& key, bool stable);

  /// All names in order, and for every number its place among them. The table is empty then.
  std::vector<NodeId> finish(std::vector<std::string>& names);

 private:
  /// A name of up to 20 bytes is at hand without a look elsewhere.
  struct alignas(32) Name {
    std::uint32_t size = 0;
    char head[20];
    const char* data = nullptr;  ///< of a longer name
    std::string_view text() const { return {size <= sizeof head ? head : data, size}; }
  };

  /// Names of up to 12 bytes are compared without a look elsewhere.
  struct alignas(16) Slot {
    std::uint64_t low = 0;
    std::uint32_t high = 0;
    std::uint32_t state = 0;  ///< free, busy, or number + 2
  };
  static constexpr std::uint32_t free = 0, busy = 1;

  std::uint64_t hash(std::uint64_t low, std::uint32_t high) const;
  std::uint64_t hash_long(std::string_view name) const;
  bool is_acceptable(std::string_view name) const;
  std::string_view keep(std::string_view name);

  bool numbers_;
  std::uint64_t seed_;
  std::size_t mask_ = 0;
  std::vector<Slot> slots_;
  std::vector<Name> names_;
  std::atomic<std::uint32_t> count_ = 0;
  std::mutex mutex_;
  std::deque<std::string> kept_;  ///< bytes of names that are not stable, many to a string
};

}  // namespace gnn::datasets
