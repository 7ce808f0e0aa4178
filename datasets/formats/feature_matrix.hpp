// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// Throws Error(input) unless there is one row a node and the columns are no more than a file of so many
/// entries may claim.
void check_feature_shape(std::uint64_t rows, std::uint64_t columns, std::uint64_t entries, NodeId num_nodes,
                         const std::string& where);

/// Sparse features from a dense matrix, without its zeros. `values` is rows x columns, row after row, or
/// column after column.
Features features_of_dense(std::span<const float> values, std::size_t rows, std::size_t columns,
                           bool columns_first = false);

/// Sparse features from entries in any order. Throws Error(input) naming row and column when an entry occurs
/// twice.
Features features_of_entries(std::size_t rows, std::size_t columns, std::span<const NodeId> row,
                             std::span<const NodeId> column, std::span<const float> value,
                             const std::string& where);

}  // namespace gnn::datasets
