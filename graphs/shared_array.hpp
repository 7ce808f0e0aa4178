// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace gnn::graphs {

/// An array that never changes. Copies share it: either a vector of its own, or memory that another object
/// keeps, such as a file that is mapped.
template <class T>
class SharedArray {
 public:
  SharedArray() = default;

  /// Takes the vector over.
  SharedArray(std::vector<T> values) {
    if (values.empty()) return;
    const auto kept = std::make_shared<const std::vector<T>>(std::move(values));
    values_ = *kept;
    owner_ = kept;
  }

  /// `values` stays valid as long as `owner` lives.
  SharedArray(std::span<const T> values, std::shared_ptr<const void> owner)
      : values_(values), owner_(std::move(owner)) {}

  SharedArray(const SharedArray&) = default;
  SharedArray& operator=(const SharedArray&) = default;
  SharedArray(SharedArray&& other) noexcept
      : values_(std::exchange(other.values_, {})), owner_(std::move(other.owner_)) {}
  SharedArray& operator=(SharedArray&& other) noexcept {
    values_ = std::exchange(other.values_, {});
    owner_ = std::move(other.owner_);
    return *this;
  }

  operator std::span<const T>() const { return values_; }
  std::vector<T> to_vector() const { return {values_.begin(), values_.end()}; }

  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  const T& operator[](std::size_t i) const { return values_[i]; }
  const T& front() const { return values_.front(); }
  const T& back() const { return values_.back(); }

 private:
  std::span<const T> values_;
  std::shared_ptr<const void> owner_;
};

}  // namespace gnn::graphs
