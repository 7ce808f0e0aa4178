// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

#include <datasets/from_arrays.hpp>

/// Optional: features in matrices of Eigen. Needs Eigen, which nothing else that is installed does.
namespace gnn::datasets {

/// Features from a matrix of a row a node; blocks of larger matrices are read where they lie.
inline Features features_from_eigen(
    const Eigen::Ref<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>, 0,
                     Eigen::OuterStride<>>& x) {
  const auto rows = std::size_t(x.rows()), columns = std::size_t(x.cols()),
             stride = std::size_t(x.outerStride());
  const std::size_t size = rows == 0 ? 0 : (rows - 1) * stride + columns;
  return features_from_dense({x.data(), size}, rows, columns, stride);
}

/// Rows of numbers in the caller's memory, as a matrix of Eigen; nothing is copied.
inline Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> as_eigen(
    std::span<const float> values, std::size_t columns) {
  const std::size_t rows = columns ? values.size() / columns : 0;
  check(rows * columns == values.size(), "matrix: expected rows of ", columns, " numbers, found ",
        values.size(), " numbers");
  return {values.data(), Eigen::Index(rows), Eigen::Index(columns)};
}

}  // namespace gnn::datasets
