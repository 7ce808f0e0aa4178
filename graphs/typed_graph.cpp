// SPDX-License-Identifier: Apache-2.0
#include <graphs/typed_graph.hpp>

#include <algorithm>
#include <utility>

#include <graphs/quote.hpp>
#include <graphs/sizes.hpp>

namespace gnn::graphs {
namespace {

template <class T>
void check_names(const std::vector<T>& parts, const char* what) {
  std::vector<std::string> names;
  for (const T& part : parts) names.push_back(part.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return;
  fail(ErrorKind::input, "typed graph: expected a different name for each ", what, ", found ", in_quotes(*twice), " twice");
}

bool is_same(const Csr& a, const Csr& b) {
  return std::ranges::equal(a.offsets(), b.offsets()) && std::ranges::equal(a.columns(), b.columns()) &&
         std::ranges::equal(a.weights(), b.weights());
}

bool has_reverse(const TypedGraph& graph, const Relation& relation) {
  const Csr reverse = relation.edges.transposed();
  return std::ranges::any_of(graph.relations, [&](const Relation& other) {
    return other.source == relation.target && other.target == relation.source &&
           other.edges.num_edges() == reverse.num_edges() && is_same(other.edges, reverse);
  });
}

}  // namespace

void validate(const TypedGraph& graph) {
  check_names(graph.types, "node type");
  check_names(graph.relations, "relation");
  for (const NodeType& type : graph.types) {
    if (type.count < 0) {
      fail(ErrorKind::input, "typed graph: node type ", in_quotes(type.name), ": expected a count of at least 0, found ",
           +type.count);
    }
  }
  for (const Relation& relation : graph.relations) {
    for (const std::size_t type : {relation.source, relation.target}) {
      if (type < graph.types.size()) continue;
      fail(ErrorKind::input, "typed graph: relation ", in_quotes(relation.name), ": expected node types below ",
           graph.types.size(), ", found ", type);
    }
    const NodeId rows = graph.types[relation.target].count, columns = graph.types[relation.source].count;
    if (relation.edges.num_rows() != rows || relation.edges.num_columns() != columns) {
      fail(ErrorKind::input, "typed graph: relation ", in_quotes(relation.name), ": expected ", +rows, " targets and ",
           +columns, " sources as its types have, found ", +relation.edges.num_rows(), " and ",
           +relation.edges.num_columns());
    }
  }
}

Csr bipartite(const EdgeList& edges, NodeId num_targets, NodeId num_sources) {
  const Csr square = Csr::from_edges(edges);
  if (num_targets > edges.num_nodes || num_sources > edges.num_nodes) {
    fail(ErrorKind::input, "typed graph: expected at most ", +edges.num_nodes, " targets and sources, found ",
         +num_targets, " and ", +num_sources);
  }
  for (NodeId row = num_targets; row < edges.num_nodes; ++row) {
    if (square.degree(row) == 0) continue;
    fail(ErrorKind::input, "typed graph: expected targets below ", +num_targets, ", found ", +row);
  }
  // The constructor checks the sources.
  const auto offsets = square.offsets().first(std::size_t(num_targets) + 1);
  return Csr(num_sources, {offsets.begin(), offsets.end()}, {square.columns().begin(), square.columns().end()},
             {square.weights().begin(), square.weights().end()});
}

Relation reversed(const Relation& relation, std::string name) {
  return {std::move(name), relation.target, relation.source, relation.edges.transposed()};
}

std::size_t add_reverse_relations(TypedGraph& graph) {
  std::vector<Relation> added;
  for (const Relation& relation : graph.relations) {
    if (!has_reverse(graph, relation)) added.push_back(reversed(relation, "rev-" + relation.name));
  }
  for (Relation& relation : added) graph.relations.push_back(std::move(relation));
  validate(graph);
  return added.size();
}

EdgeList merge_types(const TypedGraph& graph) {
  validate(graph);
  std::vector<NodeId> first;  // of each type
  std::uint64_t num_nodes = 0, num_edges = 0;
  for (const NodeType& type : graph.types) {
    first.push_back(to_node_count(num_nodes));
    num_nodes += std::uint64_t(type.count);
  }
  EdgeList merged;
  merged.num_nodes = to_node_count(num_nodes);
  bool weighted = false;
  for (const Relation& relation : graph.relations) {
    num_edges += std::uint64_t(relation.edges.num_edges());
    to_edge_count(num_edges);
    weighted = weighted || !relation.edges.weights().empty();
  }
  for (const Relation& relation : graph.relations) {
    for (NodeId row = 0; row < relation.edges.num_rows(); ++row) {
      for (const NodeId column : relation.edges.row(row)) {
        merged.source.push_back(static_cast<NodeId>(first[relation.source] + column));
        merged.target.push_back(static_cast<NodeId>(first[relation.target] + row));
      }
    }
    if (!weighted) continue;
    const auto weights = relation.edges.weights();
    merged.weight.insert(merged.weight.end(), weights.begin(), weights.end());
    merged.weight.resize(merged.source.size(), 1);
  }
  return merged;
}

}  // namespace gnn::graphs
