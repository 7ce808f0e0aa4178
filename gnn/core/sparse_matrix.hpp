// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/core/adjacency.hpp>

namespace gnn::inline GNN_PRECISION {

/// A sparse matrix as a kernel sees it.
struct SparseView {
  CsrView pattern;
  const Real* values = nullptr;
  const EdgeOffset* places = nullptr;  ///< of a transposed copy on a CPU: where each value stands in the matrix itself
};

/// Node features with few non-zeros, N x F, on a device, with an explicit transposed copy: the weight gradient X^T dY
/// then has one owner per row, which a transposed product on the fly has not. Copies share the arrays.
class SparseMatrix {
 public:
  SparseMatrix() = default;

  /// offsets: N + 1; columns ascending in each row. Throws Error(input) when the arrays are no CSR matrix.
  SparseMatrix(const std::shared_ptr<Pool>& pool, std::size_t num_columns, std::span<const std::int64_t> offsets,
               std::span<const std::int32_t> columns, std::span<const float> values);

  std::size_t rows() const { return rows_.offsets.size() ? rows_.offsets.size() - 1 : 0; }
  std::size_t cols() const { return std::size_t(rows_.num_columns); }
  std::size_t num_nonzero() const { return values_.size(); }

  SparseView view() const { return {rows_.view(), values_.data(), nullptr}; }
  SparseView transposed() const { return {columns_.view(), transposed_values_.data(), places_.data()}; }

 private:
  CsrArrays rows_, columns_;
  Array<Real> values_, transposed_values_;
  Array<EdgeOffset> places_;
};

}  // namespace gnn::inline GNN_PRECISION
