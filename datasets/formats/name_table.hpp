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

  /// A number that is set aside for the next new name of one thread.
  using Spare = std::uint32_t;
  static constexpr std::uint32_t none = ~std::uint32_t(0);

  /// Makes room for `more` names, each of which may be new. Not while add() runs.
  void reserve(std::size_t more);

  std::uint64_t hash(std::string_view name) const;
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }
  void prefetch_name(std::uint64_t hash) const;

  /// The number of the name; `none` when it is new and no acceptable name. The bytes of a `stable` name outlive the table;
  /// others are copied. At most as many calls as were reserved for, and one Spare a thread.
  std::uint32_t add(std::string_view name, std::uint64_t hash, bool stable, Spare& spare);

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

  bool is_acceptable(std::string_view name) const;
  std::string_view keep(std::string_view name);

  bool numbers_;
  std::uint64_t seed_;
  std::size_t mask_ = 0;
  std::vector<std::uint64_t> slots_;  ///< 0: free; else the upper half of the hash, and number + 1
  std::vector<Name> names_;
  std::atomic<std::uint32_t> count_ = 0;
  std::mutex mutex_;
  std::deque<std::string> kept_;  ///< bytes of names that are not stable, many to a string
};

}  // namespace gnn::datasets
