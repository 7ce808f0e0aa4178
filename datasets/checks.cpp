// SPDX-License-Identifier: Apache-2.0
#include <datasets/checks.hpp>

#include <algorithm>
#include <cmath>

#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

void check_rows(const Features& features, std::size_t num_nodes, const std::string& where) {
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

/// A row for each node; nodes whose row is known have the label 0, others -1.
void check_targets(const NodeFacts& facts, const std::string& where) {
  const auto classes = static_cast<std::size_t>(facts.num_classes);
  if (classes == 0 || facts.targets.size() / classes != facts.num_nodes || facts.targets.size() % classes != 0) {
    fail(ErrorKind::input, where, ": targets: expected ", facts.num_nodes, " x ", classes, " values, found ",
         facts.targets.size());
  }
  for (std::size_t i = 0; i < facts.targets.size(); ++i) {
    if (facts.targets[i] > 1) {
      fail(ErrorKind::input, where, ": targets: row ", i / classes, ", column ", i % classes,
           ": expected 0 or 1, found ", +facts.targets[i]);
    }
  }
  for (std::size_t node = 0; node < facts.num_nodes; ++node) {
    if (facts.labels[node] > 0) {
      fail(ErrorKind::input, where, ": labels: node ", node, ": expected 0 beside targets, or -1, found ",
           facts.labels[node]);
    }
  }
}

}  // namespace

void check_features(const Features& features, std::size_t num_nodes, const std::string& where) {
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
  check_rows(features, num_nodes, where);
}

void check_labels(const NodeFacts& facts, const std::string& where) {
  if (facts.labels.size() != facts.num_nodes) {
    fail(ErrorKind::input, where, ": labels: expected ", facts.num_nodes, ", one a node, found ",
         facts.labels.size());
  }
  for (std::size_t node = 0; node < facts.num_nodes; ++node) {
    if (facts.labels[node] < -1 || facts.labels[node] >= facts.num_classes) {
      fail(ErrorKind::input, where, ": labels: node ", node, ": expected a class below ", facts.num_classes,
           " or -1, found ", facts.labels[node]);
    }
  }
  if (!facts.targets.empty()) check_targets(facts, where);
  if (!facts.class_names.empty() && facts.class_names.size() != static_cast<std::size_t>(facts.num_classes)) {
    fail(ErrorKind::input, where, ": expected ", facts.num_classes, " class names, found ",
         facts.class_names.size());
  }
}

void check_one_a_node(std::size_t found, std::size_t num_nodes, const std::string& where, const char* what) {
  if (found == 0 || found == num_nodes) return;
  fail(ErrorKind::input, where, ": ", what, ": expected none or ", num_nodes, ", one a node, found ", found);
}

}  // namespace gnn::datasets
