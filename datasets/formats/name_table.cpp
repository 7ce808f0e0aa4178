// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/name_table.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <thread>
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

std::uint64_t NameTable::hash(std::uint64_t low, std::uint32_t high) const {
  return mix(mix(low ^ odd, high ^ seed_), seed_ ^ odd);
}

std::uint64_t NameTable::hash_long(std::string_view name) const {
  const char* at = name.data();
  std::size_t size = name.size();
  std::uint64_t result = seed_ ^ size * odd;
  for (; size > 16; at += 16, size -= 16) {
    result = mix(load<std::uint64_t>(at) ^ odd, load<std::uint64_t>(at + 8) ^ result);
  }
  const std::uint64_t first = size >= 8 ? load<std::uint64_t>(at) : 0, last = load<std::uint64_t>(at + size - 8);
  return mix(mix(first ^ odd, last ^ result), result ^ odd);
}

NameTable::Key NameTable::key(std::string_view name) const {
  const char* const at = name.data();
  const std::size_t size = name.size();
  Key key;
  // No name that is kept ends in NUL; such a one must not look like a shorter one.
  if (size == 0 || at[size - 1] == '\0') return key;
  if (size > 12) {
    const std::uint64_t result = hash_long(name);
    key.low = result << 8;
    key.high = std::uint32_t(result >> 56 | size << 8);
  } else if (size >= 8) {
    key.low = load<std::uint64_t>(at);
    key.high = std::uint32_t(load<std::uint32_t>(at + size - 4) >> 8 * (12 - size));
  } else if (size >= 4) {
    key.low = load<std::uint32_t>(at) | load<std::uint32_t>(at + size - 4) << 8 * (size - 4);
  } else {
    key.low = load<std::uint8_t>(at) | load<std::uint8_t>(at + size / 2) << 8 * (size / 2) |
              load<std::uint8_t>(at + size - 1) << 8 * (size - 1);
  }
  key.hash = hash(key.low, key.high);
  return key;
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
  std::vector<Slot> old;
  old.swap(slots_);
  graphs::reserve_huge(slots_, wanted);
  slots_.resize(wanted);
  mask_ = wanted - 1;
  for (const Slot& slot : old) {
    if (slot.state == free) continue;
    std::size_t at = hash(slot.low, slot.high) & mask_;
    while (slots_[at].state != free) at = (at + 1) & mask_;
    slots_[at] = slot;
  }
}

void NameTable::prefetch_name(const Key& key) const {
  if (key.is_whole()) return;
  // Only a hint, but other threads write here.
  auto& word = const_cast<std::uint32_t&>(slots_.data()[key.hash & mask_].state);
  const std::uint32_t state = std::atomic_ref(word).load(std::memory_order_relaxed);
  if (state > busy) __builtin_prefetch(names_.data() + (state - 2));
}

std::uint32_t NameTable::add(std::string_view name, const Key& key, bool stable) {
  for (std::size_t at = key.hash & mask_;; at = (at + 1) & mask_) {
    Slot& slot = slots_[at];
    const std::atomic_ref word(slot.state);
    std::uint32_t state = word.load(std::memory_order_acquire);
    if (state == free) {
      if (!is_acceptable(name)) return none;
      // Now, since nothing may throw while others wait for the slot.
      if (!std::exchange(stable, true) && name.size() > sizeof Name::head) name = keep(name);
      if (word.compare_exchange_strong(state, busy, std::memory_order_acquire)) {
        const std::uint32_t number = count_.fetch_add(1, std::memory_order_relaxed);
        Name& entry = names_[number];
        entry.size = std::uint32_t(name.size());
        if (name.size() <= sizeof entry.head) {
          std::memcpy(entry.head, name.data(), name.size());
        } else {
          entry.data = name.data();
        }
        slot.low = key.low;
        slot.high = key.high;
        word.store(number + 2, std::memory_order_release);
        return number;
      }
    }
    // Another thread is about to write a name here, perhaps this one.
    for (; state == busy; state = word.load(std::memory_order_acquire)) std::this_thread::yield();
    if (slot.low == key.low && slot.high == key.high && (key.is_whole() || names_[state - 2].text() == name)) {
      return state - 2;
    }
  }
}

std::vector<NodeId> NameTable::finish(std::vector<std::string>& names) {
  slots_ = {};
  const std::vector<std::uint32_t> order = [&] {
    std::vector<std::string_view> texts(count_);  // gone before the names are made anew
    for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = names_[i].text();
    return sort_names(texts, numbers_);
  }();
  std::vector<NodeId> places(count_, -1);
  names.resize(order.size());
  constexpr std::size_t block = 1 << 14;
  graphs::parallel_for((names.size() + block - 1) / block, [&](std::size_t b) {
    for (std::size_t i = b * block; i < std::min(names.size(), (b + 1) * block); ++i) {
      names[i] = names_[order[i]].text();
      places[order[i]] = NodeId(i);
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
