// SPDX-License-Identifier: Apache-2.0
#include <datasets/dataset.hpp>

#include <algorithm>
#include <cmath>

#include <datasets/splits.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

void validate(const Features& features, std::size_t num_nodes, const std::string& where) {
  if (features.rows != num_nodes || features.offsets.size() != num_nodes + 1) {
    fail(ErrorKind::input, where, ": features: expected ", num_nodes, " rows, one a node, found ",
         features.rows);
  }
  if (features.values.size() != features.indices.size() || features.offsets.front() != 0 ||
      features.offsets.back() != static_cast<std::int64_t>(features.values.size())) {
    fail(ErrorKind::input, where, ": features: expected offsets from 0 to ", features.values.size(),
         " and as many columns, found ", features.offsets.front(), " to ", features.offsets.back(), " and ",
         features.indices.size());
  }
  if (!std::is_sorted(features.offsets.begin(), features.offsets.end())) {
    fail(ErrorKind::input, where, ": features: expected offsets that never fall, found one that does");
  }
  for (std::size_t row = 0; row < num_nodes; ++row) {
    std::int64_t previous = -1;
    for (auto i = static_cast<std::size_t>(features.offsets[row]);
         i < static_cast<std::size_t>(features.offsets[row + 1]); ++i) {
      const std::int64_t column = features.indices[i];
      if (column <= previous || static_cast<std::size_t>(column) >= features.columns) {
        fail(ErrorKind::input, where, ": features: row ", row, ": expected ascending columns below ",
             features.columns, ", found ", column, " after ", previous);
      }
      if (!std::isfinite(features.values[i])) {
        fail(ErrorKind::input, where, ": features: row ", row, ", column ", column,
             ": expected a finite number, found ", features.values[i]);
      }
      previous = column;
    }
  }
}

}  // namespace

void validate(const Dataset& data) {
  const auto num_nodes = static_cast<std::size_t>(data.num_nodes());
  if (data.graph.num_columns() != data.graph.num_rows()) {
    fail(ErrorKind::input, data.name, ": graph: expected as many sources as targets, found ",
         +data.graph.num_columns(), " and ", +data.graph.num_rows());
  }
  validate(data.features, num_nodes, data.name);
  if (data.labels.size() != num_nodes) {
    fail(ErrorKind::input, data.name, ": labels: expected ", num_nodes, ", one a node, found ",
         data.labels.size());
  }
  for (std::size_t node = 0; node < num_nodes; ++node) {
    if (data.labels[node] < -1 || data.labels[node] >= data.num_classes) {
      fail(ErrorKind::input, data.name, ": labels: node ", node, ": expected a class below ",
           data.num_classes, " or -1, found ", data.labels[node]);
    }
  }
  if (!data.class_names.empty() && data.class_names.size() != static_cast<std::size_t>(data.num_classes)) {
    fail(ErrorKind::input, data.name, ": expected ", data.num_classes, " class names, found ",
         data.class_names.size());
  }
  validate(data.split, data.num_nodes());
}

}  // namespace gnn::datasets
