// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// Numbers classes given by name, one a node, in sorted order: sets labels, num_classes and class_names of the set.
inline void number_classes(std::span<const std::string_view> names, Dataset& data) {
  std::vector<std::string_view> sorted(names.begin(), names.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  data.class_names.assign(sorted.begin(), sorted.end());
  data.num_classes = static_cast<std::int32_t>(sorted.size());
  data.labels.clear();
  for (const std::string_view name : names) {
    const auto place = std::lower_bound(sorted.begin(), sorted.end(), name) - sorted.begin();
    data.labels.push_back(static_cast<std::int32_t>(place));
  }
}

}  // namespace gnn::datasets
