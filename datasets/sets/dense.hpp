// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <datasets/dataset.hpp>
#include <datasets/formats/npy.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {

/// The numbers of a matrix that are not 0, by row. Throws Error(input) unless the array has two dimensions.
inline Features nonzero_features(const NpyArray& array) {
  if (array.shape.size() != 2 || array.shape[1] > 2147483647) {
    fail(ErrorKind::input, array.name, ": expected a row of features for each node, found ", shape_text(array));
  }
  Features features;
  features.rows = array.shape[0];
  features.columns = array.shape[1];
  const std::vector<float> values = to_floats(array);
  features.offsets.reserve(features.rows + 1);
  for (std::size_t row = 0; row < features.rows; ++row) {
    for (std::size_t column = 0; column < features.columns; ++column) {
      const float value = values[row * features.columns + column];
      if (value == 0) continue;
      features.indices.push_back(static_cast<std::int32_t>(column));
      features.values.push_back(value);
    }
    features.offsets.push_back(static_cast<std::int64_t>(features.values.size()));
  }
  return features;
}

}  // namespace gnn::datasets
