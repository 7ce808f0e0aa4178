// SPDX-License-Identifier: Apache-2.0
#include <datasets/typed_dataset.hpp>

#include <algorithm>
#include <functional>
#include <utility>

#include <datasets/checks.hpp>
#include <datasets/sets/simple_graph.hpp>
#include <datasets/splits.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

std::size_t node_count(const TypedDataset& data, std::size_t type) {
  return static_cast<std::size_t>(data.graph.types[type].count);
}

/// Where the columns of each type begin in the merged features. Types with features share their columns when all of
/// these have as many.
std::vector<std::size_t> column_starts(const std::vector<Features>& features, std::size_t& num_columns) {
  std::vector<std::size_t> widths;
  for (const Features& type : features) {
    if (type.columns > 0) widths.push_back(type.columns);
  }
  const bool same = std::adjacent_find(widths.begin(), widths.end(), std::not_equal_to<>()) == widths.end();
  std::vector<std::size_t> starts;
  std::size_t next = 0;
  num_columns = 0;
  for (const Features& type : features) {
    starts.push_back(next);
    num_columns = std::max(num_columns, next + type.columns);
    if (!same) next += type.columns;
  }
  if (num_columns > 2147483647) {
    fail(ErrorKind::input, "merged types: expected fewer than 2^31 features, found ", num_columns);
  }
  return starts;
}

Features merge_features(const std::vector<Features>& features) {
  Features merged;
  const std::vector<std::size_t> starts = column_starts(features, merged.columns);
  for (std::size_t type = 0; type < features.size(); ++type) {
    const auto stored = static_cast<std::int64_t>(merged.values.size());
    merged.rows += features[type].rows;
    for (const std::int32_t column : features[type].indices) {
      merged.indices.push_back(static_cast<std::int32_t>(starts[type]) + column);
    }
    merged.values.insert(merged.values.end(), features[type].values.begin(), features[type].values.end());
    for (std::size_t row = 1; row < features[type].offsets.size(); ++row) {
      merged.offsets.push_back(stored + features[type].offsets[row]);
    }
  }
  return merged;
}

/// Labels, targets and split are moved to where the target's nodes stand.
void place_target(const TypedDataset& data, std::size_t first, Dataset& merged) {
  const auto num_nodes = static_cast<std::size_t>(merged.num_nodes());
  const auto place = static_cast<std::ptrdiff_t>(first);
  merged.labels.assign(num_nodes, -1);
  std::copy(data.labels.begin(), data.labels.end(), merged.labels.begin() + place);
  if (!data.targets.empty()) {
    const auto classes = static_cast<std::size_t>(data.num_classes);
    merged.targets.assign(num_nodes * classes, 0);
    std::copy(data.targets.begin(), data.targets.end(), merged.targets.begin() + place * data.num_classes);
  }
  merged.split = data.split;
  for (auto* part : {&merged.split.train, &merged.split.val, &merged.split.test}) {
    for (NodeId& node : *part) node = static_cast<NodeId>(node + static_cast<NodeId>(first));
  }
}

}  // namespace

void validate(const TypedDataset& data) {
  graphs::validate(data.graph);
  const std::size_t num_types = data.graph.types.size();
  if (data.features.size() != num_types) {
    fail(ErrorKind::input, data.name, ": features: expected ", num_types, ", one a node type, found ",
         data.features.size());
  }
  if (data.target >= num_types) {
    fail(ErrorKind::input, data.name, ": expected a target below ", num_types, ", the node types, found ", data.target);
  }
  check_one_a_node(data.node_names.size(), num_types, data.name, "lists of node names, by type");
  for (std::size_t type = 0; type < num_types; ++type) {
    const std::string where = data.name + ": " + data.graph.types[type].name;
    check_features(data.features[type], node_count(data, type), where);
    if (!data.node_names.empty()) {
      check_one_a_node(data.node_names[type].size(), node_count(data, type), where, "node names");
    }
  }
  const std::size_t num_targets = node_count(data, data.target);
  check_labels({num_targets, data.labels, data.targets, data.num_classes, data.class_names}, data.name);
  validate(data.split, data.graph.types[data.target].count);
}

Dataset merge_types(const TypedDataset& data) {
  validate(data);
  Dataset merged;
  merged.name = data.name;
  merged.notes = data.notes;
  graphs::EdgeList edges = graphs::merge_types(data.graph);
  if (edges.weighted()) merged.notes.push_back("edge weights left out");
  merged.graph = simple_graph(std::move(edges), merged.notes);
  merged.features = merge_features(data.features);
  merged.num_classes = data.num_classes;
  merged.class_names = data.class_names;
  std::size_t first = 0;
  for (std::size_t type = 0; type < data.target; ++type) first += node_count(data, type);
  place_target(data, first, merged);
  const bool all_named = !data.node_names.empty() && std::ranges::all_of(data.node_names, [&](const auto& names) {
    return names.size() == node_count(data, static_cast<std::size_t>(&names - data.node_names.data()));
  });
  for (const auto& names : data.node_names) {
    if (all_named) merged.node_names.insert(merged.node_names.end(), names.begin(), names.end());
  }
  merged.notes.push_back(std::to_string(data.graph.types.size()) + " node types and " +
                         std::to_string(data.graph.relations.size()) + " relations merged");
  validate(merged);
  return merged;
}

Dataset target_nodes(TypedDataset data) {
  validate(data);
  Dataset nodes;
  nodes.name = data.name;
  const NodeId count = data.graph.types[data.target].count;
  nodes.graph = graphs::Csr(count, std::vector<EdgeOffset>(static_cast<std::size_t>(count) + 1, 0), std::vector<NodeId>());
  nodes.features = data.features[data.target];
  nodes.labels = data.labels;
  nodes.targets = data.targets;
  nodes.num_classes = data.num_classes;
  nodes.class_names = data.class_names;
  nodes.split = data.split;
  if (!data.node_names.empty()) nodes.node_names = data.node_names[data.target];
  nodes.notes = data.notes;
  nodes.typed = std::make_shared<const TypedDataset>(std::move(data));
  return nodes;
}

}  // namespace gnn::datasets
