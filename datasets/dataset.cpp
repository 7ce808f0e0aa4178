// SPDX-License-Identifier: Apache-2.0
#include <datasets/dataset.hpp>

#include <algorithm>
#include <functional>

#include <datasets/checks.hpp>
#include <datasets/splits.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

/// Nodes of one graph stand together, and no edge joins two graphs.
void check_graph_ids(const Dataset& data) {
  const auto& id = data.graph_id;
  if (id.empty()) return;
  if (id.front() < 0) fail(ErrorKind::input, data.name, ": graph ids: expected at least 0, found ", id.front());
  const auto fall = std::adjacent_find(id.begin(), id.end(), std::greater<>());
  if (fall != id.end()) {
    fail(ErrorKind::input, data.name, ": graph ids: node ", fall - id.begin() + 1,
         ": expected ids that never fall, found ", fall[1], " after ", *fall);
  }
  for (NodeId target = 0; target < data.num_nodes(); ++target) {
    for (const NodeId source : data.graph.row(target)) {
      if (id[static_cast<std::size_t>(source)] == id[static_cast<std::size_t>(target)]) continue;
      fail(ErrorKind::input, data.name, ": graph ids: expected edges inside a graph only, found ", +source, " -> ",
           +target, " from graph ", id[static_cast<std::size_t>(source)], " to ", id[static_cast<std::size_t>(target)]);
    }
  }
}

void check_exact_rows(const Dataset& data) {
  const auto& exact = data.exact_rows;
  const auto wrong = std::find_if(exact.begin(), exact.end(), [](std::uint8_t value) { return value > 1; });
  if (wrong == exact.end()) return;
  fail(ErrorKind::input, data.name, ": exact rows: node ", wrong - exact.begin(), ": expected 0 or 1, found ", +*wrong);
}

}  // namespace

void validate(const Dataset& data) {
  const auto num_nodes = static_cast<std::size_t>(data.num_nodes());
  if (data.graph.num_columns() != data.graph.num_rows()) {
    fail(ErrorKind::input, data.name, ": graph: expected as many sources as targets, found ",
         +data.graph.num_columns(), " and ", +data.graph.num_rows());
  }
  check_features(data.features, num_nodes, data.name);
  check_labels({num_nodes, data.labels, data.targets, data.num_classes, data.class_names}, data.name);
  check_one_a_node(data.node_names.size(), num_nodes, data.name, "node names");
  check_one_a_node(data.graph_id.size(), num_nodes, data.name, "graph ids");
  check_one_a_node(data.exact_rows.size(), num_nodes, data.name, "exact rows");
  check_graph_ids(data);
  check_exact_rows(data);
  validate(data.split, data.num_nodes());
}

}  // namespace gnn::datasets
