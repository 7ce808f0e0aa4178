// SPDX-License-Identifier: Apache-2.0
#include <gnn/core/tensor.hpp>

#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {

Tensor Tensor::from(const std::shared_ptr<Pool>& pool, std::size_t rows, std::size_t cols, std::span<const Real> values) {
  Tensor tensor(pool, rows, cols);
  tensor.copy_from(values);
  return tensor;
}

Tensor Tensor::part(std::size_t offset, std::size_t rows, std::size_t cols) const {
  check(offset + rows * cols <= size(), "tensor: a part of ", rows, "x", cols, " at ", offset, " does not fit into ", size(),
        " numbers");
  Tensor result = *this;
  result.offset_ += offset;
  result.rows_ = rows;
  result.cols_ = cols;
  return result;
}

std::vector<Real> Tensor::to_host() const {
  std::vector<Real> values(size());
  if (defined()) {
    const Pool& pool = buffer_->pool();
    pool.source().copy_out(values.data(), data(), values.size() * sizeof(Real), pool.ordinal());
  }
  return values;
}

void Tensor::copy_from(std::span<const Real> values) const {
  check(values.size() == size(), "tensor: ", rows_, "x", cols_, " needs ", size(), " numbers, got ", values.size());
  const Pool& pool = buffer_->pool();
  pool.source().copy_in(data(), values.data(), values.size() * sizeof(Real), pool.ordinal());
}

}  // namespace gnn::inline GNN_PRECISION
