// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/typed_field.hpp>

#include <algorithm>

#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

std::string list_of(const std::vector<NodeTypeShape>& types) {
  std::string list;
  for (const NodeTypeShape& type : types) list += (list.empty() ? "" : ", ") + type.name;
  return graphs::quote_for_message(list, 2000);
}

std::string list_of(const std::vector<RelationShape>& relations) {
  std::string list;
  for (const RelationShape& r : relations) list += (list.empty() ? "" : ", ") + r.name + " (" + r.source + " to " + r.target + ")";
  return graphs::quote_for_message(list, 2000);
}

void check_schema(const ModelConfig& expected, const datasets::TypedDataset& data) {
  ModelConfig found;
  take_schema(data, found);
  const auto same_type = [](const NodeTypeShape& a, const NodeTypeShape& b) { return a.name == b.name; };
  const auto same_relation = [](const RelationShape& a, const RelationShape& b) {
    return a.name == b.name && a.source == b.source && a.target == b.target;
  };
  if (!std::ranges::equal(expected.node_types, found.node_types, same_type)) {
    fail(ErrorKind::mismatch, "model expects the node types ", list_of(expected.node_types), "; data has ", list_of(found.node_types));
  }
  if (!std::ranges::equal(expected.relations, found.relations, same_relation)) {
    fail(ErrorKind::mismatch, "model expects the relations ", list_of(expected.relations), "; data has ", list_of(found.relations));
  }
  if (expected.target != found.target) {
    fail(ErrorKind::mismatch, "model classifies ", graphs::quote_for_message(expected.target), ", data has labels of ",
         graphs::quote_for_message(found.target));
  }
  for (std::size_t m = 0; m < found.node_types.size(); ++m) {
    const NodeTypeShape &ours = expected.node_types[m], &theirs = found.node_types[m];
    const std::string name = graphs::quote_for_message(ours.name);
    if (ours.features != theirs.features) {
      fail(ErrorKind::mismatch, "model expects ", ours.features, " features of ", name, ", data has ", theirs.features);
    }
    if (ours.nodes != theirs.nodes) {
      fail(ErrorKind::mismatch, "model has a trained row for each of ", ours.nodes, " nodes of ", name, ", data has ", theirs.nodes);
    }
  }
}

graphs::Csr without_nodes(const graphs::Csr& edges, bool as_rows, bool as_columns, std::span<const NodeId> hidden) {
  if (hidden.empty() || (!as_rows && !as_columns)) return edges;
  std::vector<EdgeOffset> offsets = {0};
  std::vector<NodeId> columns;
  for (NodeId i = 0; i < edges.num_rows(); ++i) {
    const bool row_is_hidden = as_rows && std::ranges::binary_search(hidden, i);
    for (const NodeId j : edges.row(i)) {
      if (!row_is_hidden && !(as_columns && std::ranges::binary_search(hidden, j))) columns.push_back(j);
    }
    offsets.push_back(EdgeOffset(columns.size()));
  }
  return graphs::Csr(edges.num_columns(), std::move(offsets), std::move(columns));
}

}  // namespace

TypedInput TypedField::input(Tape& tape) const {
  TypedInput input{&graph, {}};
  for (const NodeFeatures& x : *features) {
    if (x.dense.defined()) {
      input.features.emplace_back(tape.constant(x.dense));
    } else if (x.sparse.rows() > 0) {
      input.features.emplace_back(x.sparse);
    } else {
      input.features.emplace_back(Var());
    }
  }
  return input;
}

void take_schema(const datasets::TypedDataset& data, ModelConfig& config) {
  config.node_types.clear();
  config.relations.clear();
  const std::vector<graphs::NodeType>& types = data.graph.types;
  for (std::size_t m = 0; m < types.size(); ++m) {
    const std::size_t columns = data.features[m].columns;
    config.node_types.push_back({types[m].name, columns == 0 ? std::size_t(types[m].count) : 0, columns});
  }
  for (const graphs::Relation& r : data.graph.relations) {
    config.relations.push_back({r.name, types[r.source].name, types[r.target].name});
  }
  config.target = types[data.target].name;
}

TypedField typed_field(Context& ctx, const datasets::TypedDataset& data, const ModelConfig& config,
                       std::shared_ptr<const std::vector<NodeFeatures>> features, std::span<const NodeId> hidden) {
  check_schema(config, data);
  std::vector<std::size_t> counts;
  for (const graphs::NodeType& type : data.graph.types) counts.push_back(std::size_t(type.count));
  std::vector<graphs::Csr> relations;
  for (const graphs::Relation& r : data.graph.relations) {
    relations.push_back(without_nodes(r.edges, r.target == data.target, r.source == data.target, hidden));
  }
  return {std::move(features), metapath_graph(ctx, config, std::move(counts), relations), data.target};
}

}  // namespace gnn::inline GNN_PRECISION
