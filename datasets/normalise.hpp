// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// Divides each row by its sum, as GCN and GAT do with bags of words; a row whose sum is 0 stays as it is.
/// Throws Error(input) when a quotient is too large for float (values of both signs that nearly cancel).
Features normalise_rows(Features features);

/// Mean and deviation of each column.
struct ColumnScale {
  std::vector<double> mean, deviation;
};

/// Over the given rows; the deviation is that of the population, 1 for a column that is constant there. Without rows
/// all means are 0 and all deviations 1.
ColumnScale column_scale(const Features& features, std::span<const NodeId> rows);

/// (x - mean) / deviation for every entry, zeros too. Throws Error(input) when there are not as many columns, or a
/// result is too large for float.
Features standardise(const Features& features, const ColumnScale& scale);

}  // namespace gnn::datasets
