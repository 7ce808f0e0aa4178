// SPDX-License-Identifier: Apache-2.0
#include <datasets/normalise.hpp>

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
    for (std::size_t i = begin; i < end; ++i) {
      features.values[i] = static_cast<float>(static_cast<double>(features.values[i]) / sum);
      if (!std::isfinite(features.values[i])) {
        fail(ErrorKind::input, "features: row ", row, ": expected a sum that rows can be divided by, found ",
             sum);
      }
    }
  }
  return features;
}

}  // namespace gnn::datasets
