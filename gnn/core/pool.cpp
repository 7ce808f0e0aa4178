// SPDX-License-Identifier: Apache-2.0
#include <gnn/core/pool.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

constexpr std::size_t alignment = 64;

void* host_allocate(std::size_t bytes, int) {
  void* data = std::aligned_alloc(alignment, bytes);
  if (!data) fail(ErrorKind::memory, "out of memory: cannot allocate ", bytes, " bytes on the host");
  return data;
}
void host_release(void* data, int) { std::free(data); }
void host_copy(void* to, const void* from, std::size_t bytes, int) {
  if (bytes) std::memcpy(to, from, bytes);
}

}  // namespace

const MemorySource host_memory = {host_allocate, host_release, host_copy, host_copy};

Pool::~Pool() {
  for (auto [bytes, data] : free_) source_.release(data, ordinal_);
}

Pool::Block Pool::take(std::size_t bytes) {
  if (bytes > SIZE_MAX - alignment) fail(ErrorKind::memory, "out of memory: ", bytes, " bytes asked");
  bytes = std::max(alignment, (bytes + alignment - 1) / alignment * alignment);
  Block block{nullptr, bytes};
  // A block up to a quarter too large is good enough; a larger one is kept for those who need it.
  if (auto found = free_.lower_bound(bytes); found != free_.end() && found->first <= bytes + bytes / 4) {
    block = {found->second, found->first};
    kept_ -= block.bytes;
    free_.erase(found);
  } else {
    trim(bytes);
    block.data = source_.allocate(bytes, ordinal_);
    ++system_calls_;
  }
  in_use_ += block.bytes;
  peak_ = std::max(peak_, in_use_);
#ifdef GNN_POISON
  // All bits one is NaN: what reads memory before it was written shows up in the result.
  if (source_.allocate == host_allocate) std::memset(block.data, 0xFF, block.bytes);
#endif
  return block;
}

void Pool::give_back(Block block) {
  in_use_ -= block.bytes;
  kept_ += block.bytes;
  free_.emplace(block.bytes, block.data);
}

void Pool::adopt(Pool& other) {
  free_.merge(other.free_);
  kept_ += other.kept_;
  other.kept_ = 0;
}

void Pool::trim(std::size_t wanted) {
  // A device would have to wait for its kernels, and may have promised the addresses to a captured graph.
  if (&source_ != &host_memory) return;
  while (!free_.empty() && kept_ > std::max(peak_, in_use_ + wanted)) {
    const auto largest = std::prev(free_.end());
    source_.release(largest->second, ordinal_);
    kept_ -= largest->first;
    free_.erase(largest);
  }
}

}  // namespace gnn::inline GNN_PRECISION
