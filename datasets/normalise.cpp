// SPDX-License-Identifier: Apache-2.0
#include <datasets/normalise.hpp>

#include <algorithm>
#include <cmath>

#include <graphs/error.hpp>

namespace gnn::datasets {

Features normalise_rows(Features features) {
  for (std::size_t row = 0; row < features.rows; ++row) {
    const auto begin = static_cast<std::size_t>(features.offsets[row]);
    const auto end = static_cast<std::size_t>(features.offsets[row + 1]);
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += static_cast<double>(features.values[i]);
    if (sum == 0) continue;
    // No branch a number: a difference is zero unless one is infinite or NaN.
    bool bad = false;
    for (std::size_t i = begin; i < end; ++i) {
      const float x = static_cast<float>(static_cast<double>(features.values[i]) / sum);
      features.values[i] = x;
      bad |= x - x != 0;
    }
    if (bad) {
      fail(ErrorKind::input, "features: row ", row, ": expected a sum that rows can be divided by, found ",
           sum);
    }
  }
  return features;
}

ColumnScale column_scale(const Features& features, std::span<const NodeId> rows) {
  ColumnScale scale{std::vector<double>(features.columns, 0), std::vector<double>(features.columns, 1)};
  if (rows.empty()) return scale;
  const auto count = static_cast<double>(rows.size());
  std::vector<double> present(features.columns), squares(features.columns);
  const auto for_entries = [&](const auto& work) {
    for (const NodeId row : rows) {
      for (auto e = static_cast<std::size_t>(features.offsets[static_cast<std::size_t>(row)]);
           e < static_cast<std::size_t>(features.offsets[static_cast<std::size_t>(row) + 1]); ++e) {
        work(static_cast<std::size_t>(features.indices[e]), static_cast<double>(features.values[e]));
      }
    }
  };
  for_entries([&](std::size_t c, double x) { scale.mean[c] += x / count; });
  for_entries([&](std::size_t c, double x) {
    squares[c] += (x - scale.mean[c]) * (x - scale.mean[c]);
    ++present[c];
  });
  for (std::size_t c = 0; c < features.columns; ++c) {
    // Entries that are not stored are zeros.
    const double variance = (squares[c] + (count - present[c]) * scale.mean[c] * scale.mean[c]) / count;
    if (variance > 0) scale.deviation[c] = std::sqrt(variance);
  }
  return scale;
}

Features standardise(const Features& features, const ColumnScale& scale) {
  if (scale.mean.size() != features.columns || scale.deviation.size() != features.columns) {
    fail(ErrorKind::input, "features: expected ", scale.mean.size(), " columns to standardise, found ", features.columns);
  }
  Features result;
  result.rows = features.rows;
  result.columns = features.columns;
  result.indices.reserve(features.rows * features.columns);
  result.values.reserve(features.rows * features.columns);
  std::vector<double> row(features.columns);
  for (std::size_t i = 0; i < features.rows; ++i) {
    std::fill(row.begin(), row.end(), 0);
    for (auto e = static_cast<std::size_t>(features.offsets[i]); e < static_cast<std::size_t>(features.offsets[i + 1]); ++e) {
      row[static_cast<std::size_t>(features.indices[e])] = static_cast<double>(features.values[e]);
    }
    for (std::size_t c = 0; c < features.columns; ++c) {
      const auto x = static_cast<float>((row[c] - scale.mean[c]) / scale.deviation[c]);
      if (!std::isfinite(x)) {
        fail(ErrorKind::input, "features: row ", i, ", column ", c, ": expected a finite number when standardised, found ", x);
      }
      result.indices.push_back(static_cast<std::int32_t>(c));
      result.values.push_back(x);
    }
    result.offsets.push_back(static_cast<std::int64_t>(result.values.size()));
  }
  return result;
}

}  // namespace gnn::datasets
