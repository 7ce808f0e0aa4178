// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include <gnn/core/device.hpp>

namespace gnn::inline GNN_PRECISION {

/// How memory of one device is had and filled. All functions throw Error(memory) or Error(device).
struct MemorySource {
  void* (*allocate)(std::size_t bytes, int ordinal);
  void (*release)(void* data, int ordinal);
  void (*copy_in)(void* to, const void* from, std::size_t bytes, int ordinal);   ///< host -> device
  void (*copy_out)(void* to, const void* from, std::size_t bytes, int ordinal);  ///< device -> host
};

/// Memory of the host, aligned to 64 bytes.
extern const MemorySource host_memory;

/// Keeps released blocks for the next request of about the same size: a training step asks for the same sizes every
/// time, so after the first step nothing is asked of the system and addresses repeat. On the host, where sizes change from
/// step to step, it keeps at most as much as was ever in use at once. For one thread at a time.
class Pool {
 public:
  explicit Pool(const MemorySource& source, int ordinal = 0) : source_(source), ordinal_(ordinal) {}
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  const MemorySource& source() const { return source_; }
  int ordinal() const { return ordinal_; }
  Device device() const { return {&source_ == &host_memory ? Device::cpu : Device::cuda, ordinal_}; }
  std::size_t bytes_in_use() const { return in_use_; }
  std::size_t bytes_kept() const { return kept_; }                     ///< for the next requests
  std::size_t peak_bytes() const { return peak_; }                     ///< the most that was ever in use
  std::size_t num_system_allocations() const { return system_calls_; }  ///< stands still in the steady state

  /// Takes over all blocks that another pool of the same memory keeps for its next requests.
  void adopt(Pool& other);

 private:
  friend class Buffer;
  struct Block {
    void* data;
    std::size_t bytes;
  };
  Block take(std::size_t bytes);
  void give_back(Block block);
  void trim(std::size_t wanted);

  const MemorySource& source_;
  int ordinal_;
  std::multimap<std::size_t, void*> free_;
  std::size_t in_use_ = 0, kept_ = 0, peak_ = 0, system_calls_ = 0;
};

/// A block of a pool, given back when the object dies; or memory of somebody else on the pool's device.
class Buffer {
 public:
  Buffer(std::shared_ptr<Pool> pool, std::size_t bytes) : pool_(std::move(pool)), block_(pool_->take(bytes)) {}
  /// `release`, if any, is called when the object dies.
  Buffer(std::shared_ptr<Pool> pool, void* borrowed, std::function<void()> release)
      : pool_(std::move(pool)), block_{borrowed, 0}, release_(std::move(release)) {}
  ~Buffer() {
    if (block_.bytes > 0) pool_->give_back(block_);
    if (release_) release_();
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  void* data() const { return block_.data; }
  Pool& pool() const { return *pool_; }

 private:
  std::shared_ptr<Pool> pool_;
  Pool::Block block_;  // of no bytes: borrowed
  std::function<void()> release_;
};

}  // namespace gnn::inline GNN_PRECISION
