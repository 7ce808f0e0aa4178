// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include <gnn/core/pool.hpp>

namespace gnn::inline GNN_PRECISION {

/// Constant numbers on a device: offsets, node ids, values. Copies share them.
template <class T>
class Array {
 public:
  Array() = default;
  Array(const std::shared_ptr<Pool>& pool, std::span<const T> values)
      : buffer_(std::make_shared<Buffer>(pool, values.size_bytes())), size_(values.size()) {
    pool->source().copy_in(buffer_->data(), values.data(), values.size_bytes(), pool->ordinal());
  }

  std::size_t size() const { return size_; }
  const T* data() const { return buffer_ ? static_cast<const T*>(buffer_->data()) : nullptr; }

 private:
  std::shared_ptr<Buffer> buffer_;
  std::size_t size_ = 0;
};

}  // namespace gnn::inline GNN_PRECISION
