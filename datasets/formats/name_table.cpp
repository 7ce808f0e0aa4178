// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/name_table.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <utility>

#include <datasets/formats/sort_names.hpp>
#include <graphs/parallel.hpp>
#include <graphs/sizes.hpp>

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

bool is_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  while (at < end) {
    if (*at == 0) return false;
    if (*at < 0x80) {
      ++at;
      continue;
    }
    const int length = *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;
    if (*at < 0xc2 || *at > 0xf4 || end - at < length) return false;
    std::uint32_t code = *at & (0x7fu >> length);
    for (int i = 1; i < length; ++i) {
      if ((at[i] & 0xc0) != 0x80) return false;
      code = code << 6 | (at[i] & 0x3fu);
    }
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
    at += length;
  }
  return true;
}

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
  if (names_.size() < count + more) names_.resize(std::max(count + more, names_.size() + names_.size() / 2));
  const std::size_t wanted = std::bit_ceil(2 * (count + more) + 1);
  if (slots_ && wanted <= mask_ + 1) return;
  auto old = std::move(slots_);
  const std::size_t old_size = old ? mask_ + 1 : 0;
  slots_ = std::make_unique<Slot[]>(wanted);
  mask_ = wanted - 1;
  for (std::size_t i = 0; i < old_size; ++i) {
    const std::uint64_t slot = old[i].load(std::memory_order_relaxed);
    if (slot == 0) continue;
    std::size_t at = hash(names_[std::uint32_t(slot) - 1].text()) & mask_;
    while (slots_[at].load(std::memory_order_relaxed) != 0) at = (at + 1) & mask_;
    slots_[at].store(slot, std::memory_order_relaxed);
  }
}

void NameTable::prefetch_name(std::uint64_t hash) const {
  const std::uint64_t slot = slots_[hash & mask_].load(std::memory_order_relaxed);
  if (slot != 0) __builtin_prefetch(&names_[std::uint32_t(slot) - 1]);
}

std::uint32_t NameTable::add(std::string_view name, std::uint64_t hash, bool stable, Spare& spare) {
  const std::uint64_t tag = hash & ~std::uint64_t(0xffffffff);
  bool written = false;
  for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
    std::uint64_t slot = slots_[at].load(std::memory_order_acquire);
    if (slot == 0) {
      if (!written) {
        if (!is_acceptable(name)) return none;
        if (spare == none) spare = count_.fetch_add(1, std::memory_order_relaxed);
        const std::string_view text = stable ? name : keep(name);
        names_[spare] = {text.data(), text.size()};
        written = true;
      }
      if (slots_[at].compare_exchange_strong(slot, tag | (spare + 1), std::memory_order_acq_rel)) {
        return std::exchange(spare, none);
      }
      // Another thread was faster; `slot` is what it wrote, perhaps this name.
    }
    const auto number = std::uint32_t(slot) - 1;
    if ((slot & ~std::uint64_t(0xffffffff)) == tag && names_[number].text() == name) {
      if (written) names_[spare] = {};
      return number;
    }
  }
}

std::vector<NodeId> NameTable::finish(std::vector<std::string>& names) {
  slots_.reset();
  std::vector<std::string_view> texts(count_);
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = names_[i].text();
  names_ = {};
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
  kept_.clear();
  return places;
}

bool NameTable::is_acceptable(std::string_view name) const {
  if (name.empty()) return false;
  if (!numbers_) return name.find_first_of("\r\n") == name.npos && is_utf8(name);
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
