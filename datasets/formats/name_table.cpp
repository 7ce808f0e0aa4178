// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/name_table.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <utility>

#include <datasets/formats/sort_names.hpp>
#include <graphs/huge_pages.hpp>
#include <graphs/parallel.hpp>
#include <graphs/sizes.hpp>
#include <graphs/utf8.hpp>

namespace gnn::datasets {
namespace {

template <class Word>
std::uint64_t load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide(a) * b;
  return std::uint64_t(product) ^ std::uint64_t(product >> 64);
}

constexpr std::uint64_t odd = 0x9e3779b97f4a7c15u;

}  // namespace

NameTable::NameTable(bool numbers)
    : numbers_(numbers),
      // A hostile file must not know which names collide; results do not depend on it.
      seed_(mix(std::uint64_t(std::chrono::steady_clock::now().time_since_epoch().count()) ^ odd,
                reinterpret_cast<std::uintptr_t>(this) | 1)) {}

std::uint64_t NameTable::hash(std::string_view name) const {
  const char* at = name.data();
  std::size_t size = name.size();
  std::uint64_t result = seed_ ^ size * odd;
  for (; size > 16; at += 16, size -= 16) {
    result = mix(load<std::uint64_t>(at) ^ odd, load<std::uint64_t>(at + 8) ^ result);
  }
  std::uint64_t first = 0, second = 0;
  if (size >= 8) {
    first = load<std::uint64_t>(at);
    second = load<std::uint64_t>(at + size - 8);
  } else if (size >= 4) {
    first = load<std::uint32_t>(at);
    second = load<std::uint32_t>(at + size - 4);
  } else if (size > 0) {
    first = load<std::uint8_t>(at) | load<std::uint8_t>(at + size / 2) << 8 | load<std::uint8_t>(at + size - 1) << 16;
  }
  return mix(mix(first ^ odd, second ^ result), result ^ odd);
}

void NameTable::reserve(std::size_t more) {
  const std::size_t count = count_;
  graphs::to_node_count(count + more);
  if (names_.capacity() < count + more) {
    graphs::reserve_huge(names_, std::max(count + more, names_.capacity() + names_.capacity() / 2));
  }
  if (names_.size() < count + more) names_.resize(count + more);
  // At most two thirds are in use.
  const std::size_t wanted = std::bit_ceil((count + more) * 3 / 2 + 2);
  if (wanted <= slots_.size()) return;
  std::vector<std::uint64_t> old;
  old.swap(slots_);
  graphs::reserve_huge(slots_, wanted);
  slots_.resize(wanted, 0);
  mask_ = wanted - 1;
  for (const std::uint64_t slot : old) {
    if (slot == 0) continue;
    std::size_t at = hash(names_[std::uint32_t(slot) - 1].text()) & mask_;
    while (slots_[at] != 0) at = (at + 1) & mask_;
    slots_[at] = slot;
  }
}

void NameTable::prefetch_name(std::uint64_t hash) const {
  // Only a hint, but other threads write here.
  auto& word = const_cast<std::uint64_t&>(slots_.data()[hash & mask_]);
  const std::uint64_t slot = std::atomic_ref(word).load(std::memory_order_relaxed);
  if (slot != 0) __builtin_prefetch(names_.data() + (std::uint32_t(slot) - 1));
}

std::uint32_t NameTable::add(std::string_view name, std::uint64_t hash, bool stable, Spare& spare) {
  const std::uint64_t tag = hash & ~std::uint64_t(0xffffffff);
  bool written = false;
  for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
    const std::atomic_ref word(slots_[at]);
    std::uint64_t slot = word.load(std::memory_order_acquire);
    if (slot == 0) {
      if (!written) {
        if (!is_acceptable(name)) return none;
        if (spare == none) spare = count_.fetch_add(1, std::memory_order_relaxed);
        Name& entry = names_[spare];
        entry.size = std::uint32_t(name.size());
        if (name.size() <= sizeof entry.head) {
          std::memcpy(entry.head, name.data(), name.size());
        } else {
          entry.data = stable ? name.data() : keep(name).data();
        }
        written = true;
      }
      if (word.compare_exchange_strong(slot, tag | (spare + 1), std::memory_order_acq_rel)) {
        return std::exchange(spare, none);
      }
      // Another thread was faster; `slot` is what it wrote, perhaps this name.
    }
    const auto number = std::uint32_t(slot) - 1;
    if ((slot & ~std::uint64_t(0xffffffff)) == tag && names_[number].text() == name) {
      if (written) names_[spare].size = 0;
      return number;
    }
  }
}

std::vector<NodeId> NameTable::finish(std::vector<std::string>& names) {
  slots_ = {};
  std::vector<std::string_view> texts(count_);
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = names_[i].text();
  const std::vector<std::uint32_t> order = sort_names(texts, numbers_);
  // An empty text is a number that was set aside and never used: no name is empty.
  std::size_t unused = 0;
  while (unused < order.size() && texts[order[unused]].empty()) ++unused;
  std::vector<NodeId> places(texts.size(), -1);
  names.resize(order.size() - unused);
  constexpr std::size_t block = 1 << 14;
  graphs::parallel_for((names.size() + block - 1) / block, [&](std::size_t b) {
    for (std::size_t i = b * block; i < std::min(names.size(), (b + 1) * block); ++i) {
      names[i] = texts[order[unused + i]];
      places[order[unused + i]] = NodeId(i);
    }
  });
  names_ = {};
  kept_.clear();
  return places;
}

bool NameTable::is_acceptable(std::string_view name) const {
  if (name.empty()) return false;
  if (!numbers_) return name.find_first_of(std::string_view("\r\n\0", 3)) == name.npos && graphs::is_utf8(name);
  if (name.size() > 1 && name[0] == '0') return false;
  if (name.size() > 19 || (name.size() == 19 && name > "9223372036854775807")) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view NameTable::keep(std::string_view name) {
  constexpr std::size_t piece = std::size_t(1) << 16;
  const std::lock_guard lock(mutex_);
  if (kept_.empty() || kept_.back().capacity() - kept_.back().size() < name.size()) {
    kept_.emplace_back().reserve(std::max(piece, name.size()));
  }
  std::string& last = kept_.back();
  last += name;
  return std::string_view(last).substr(last.size() - name.size());
}

}  // namespace gnn::datasets
