// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/feature_matrix.hpp>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include <datasets/formats/numbered_edges.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {

void check_feature_shape(std::uint64_t rows, std::uint64_t columns, std::uint64_t entries, NodeId num_nodes,
                         const std::string& where) {
  if (rows != std::uint64_t(num_nodes)) {
    fail(ErrorKind::input, where, ": expected ", +num_nodes, " rows, one a node, found ", rows);
  }
  const std::uint64_t most =
      std::min(most_nodes(entries), std::uint64_t(std::numeric_limits<std::int32_t>::max()));
  if (columns > most) {
    fail(ErrorKind::input, where, ": expected at most ", most, " columns of features in a file of ", entries,
         " entries, found ", columns);
  }
}

Features features_of_dense(std::span<const float> values, std::size_t rows, std::size_t columns,
                           bool columns_first) {
  const auto value = [&](std::size_t i, std::size_t j) {
    return values[columns_first ? j * rows + i : i * columns + j];
  };
  const auto stored = values.size() - std::size_t(std::count(values.begin(), values.end(), 0.0f));
  Features features{rows, columns, {}, {}, {}};
  features.offsets.reserve(rows + 1);
  features.indices.reserve(stored);
  features.values.reserve(stored);
  features.offsets.push_back(0);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      if (value(i, j) == 0) continue;
      features.indices.push_back(static_cast<std::int32_t>(j));
      features.values.push_back(value(i, j));
    }
    features.offsets.push_back(static_cast<std::int64_t>(features.values.size()));
  }
  return features;
}

Features features_of_entries(std::size_t rows, std::size_t columns, std::span<const NodeId> row,
                             std::span<const NodeId> column, std::span<const float> value,
                             const std::string& where) {
  Features features{rows, columns, std::vector<std::int64_t>(rows + 1), {}, {}};
  features.indices.resize(row.size());
  features.values.resize(row.size());
  // Count, add up, place: the entries of a row keep their order.
  for (const NodeId i : row) ++features.offsets[std::size_t(i) + 1];
  for (std::size_t i = 0; i < rows; ++i) features.offsets[i + 1] += features.offsets[i];
  std::vector<std::int64_t> next(features.offsets.begin(), features.offsets.end() - 1);
  for (std::size_t e = 0; e < row.size(); ++e) {
    const auto place = static_cast<std::size_t>(next[std::size_t(row[e])]++);
    features.indices[place] = column[e];
    features.values[place] = value[e];
  }
  std::vector<std::pair<std::int32_t, float>> sorted;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto begin = std::size_t(features.offsets[i]), end = std::size_t(features.offsets[i + 1]);
    sorted.clear();
    for (std::size_t e = begin; e < end; ++e) sorted.emplace_back(features.indices[e], features.values[e]);
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t e = begin; e < end; ++e) {
      std::tie(features.indices[e], features.values[e]) = sorted[e - begin];
      if (e == begin || features.indices[e] != features.indices[e - 1]) continue;
      fail(ErrorKind::input, where, ": row ", i, ", column ", features.indices[e],
           ": expected one entry, found two");
    }
  }
  return features;
}

}  // namespace gnn::datasets
