// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <gnn/core/pool.hpp>

namespace gnn::inline GNN_PRECISION {

/// Rows of numbers that a kernel reads: row-major, `stride` numbers from one row to the next.
struct ConstMat {
  const Real* data = nullptr;
  std::size_t rows = 0, cols = 0, stride = 0;

  const Real* row(std::size_t i) const { return data + i * stride; }
  std::size_t size() const { return rows * cols; }
  ConstMat columns(std::size_t first, std::size_t count) const { return {data + first, rows, count, stride}; }
};

/// Rows of numbers that a kernel writes.
struct Mat {
  Real* data = nullptr;
  std::size_t rows = 0, cols = 0, stride = 0;

  Real* row(std::size_t i) const { return data + i * stride; }
  std::size_t size() const { return rows * cols; }
  Mat columns(std::size_t first, std::size_t count) const { return {data + first, rows, count, stride}; }
  operator ConstMat() const { return {data, rows, cols, stride}; }
};

/// A dense row-major matrix on a device. Copies share the numbers; the last one returns them to the pool.
class Tensor {
 public:
  Tensor() = default;

  /// Not initialised.
  Tensor(const std::shared_ptr<Pool>& pool, std::size_t rows, std::size_t cols)
      : buffer_(std::make_shared<Buffer>(pool, rows * cols * sizeof(Real))), rows_(rows), cols_(cols) {}

  /// On a buffer of rows x cols numbers.
  Tensor(std::shared_ptr<Buffer> buffer, std::size_t rows, std::size_t cols)
      : buffer_(std::move(buffer)), rows_(rows), cols_(cols) {}

  /// A copy of `values`, row by row. Throws Error(usage) when their count is not rows x cols.
  static Tensor from(const std::shared_ptr<Pool>& pool, std::size_t rows, std::size_t cols, std::span<const Real> values);

  /// rows x cols numbers of this tensor from number `offset` on, as a tensor that shares them.
  Tensor part(std::size_t offset, std::size_t rows, std::size_t cols) const;

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  std::size_t size() const { return rows_ * cols_; }
  bool defined() const { return buffer_ != nullptr; }
  bool is_shared() const { return buffer_.use_count() > 1; }  ///< other tensors hold these numbers, too
  Device device() const { return buffer_->pool().device(); }  ///< of a tensor that is defined

  Real* data() const { return static_cast<Real*>(buffer_->data()) + offset_; }
  Mat mat() const { return {defined() ? data() : nullptr, rows_, cols_, cols_}; }
  operator Mat() const { return mat(); }
  operator ConstMat() const { return mat(); }

  std::vector<Real> to_host() const;
  void copy_from(std::span<const Real> values) const;

 private:
  std::shared_ptr<Buffer> buffer_;
  std::size_t offset_ = 0, rows_ = 0, cols_ = 0;
};

}  // namespace gnn::inline GNN_PRECISION
