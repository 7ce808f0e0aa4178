// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <graphs/csr.hpp>
#include <graphs/edge_list.hpp>

namespace gnn::graphs {

/// Nodes of one kind, numbered from 0 within it.
struct NodeType {
  std::string name;  ///< "paper"
  NodeId count = 0;
};

/// Edges of one kind: rows are nodes of the target type, columns nodes of the source type.
struct Relation {
  std::string name;  ///< "author-paper"
  std::size_t source = 0, target = 0;  ///< indices of node types
  Csr edges;
};

/// A heterogeneous graph: typed node sets and one CSR matrix a relation.
struct TypedGraph {
  std::vector<NodeType> types;
  std::vector<Relation> relations;
};

/// Throws Error(input) when names repeat, a relation names a type that is not there, or its matrix has other sizes than
/// its types.
void validate(const TypedGraph& graph);

/// The edges of a relation, given with one numbering for each end: sources below num_sources, targets below num_targets,
/// edges.num_nodes at least as large as both. Throws Error(input) when an edge leaves these bounds.
Csr bipartite(const EdgeList& edges, NodeId num_targets, NodeId num_sources);

/// The relation with sources and targets exchanged, under the given name.
Relation reversed(const Relation& relation, std::string name);

/// Adds the reverse of every relation whose reverse (types exchanged, same edges) is not there yet, named after the
/// relation with "rev-" before it. Returns how many were added.
std::size_t add_reverse_relations(TypedGraph& graph);

/// All types and relations as one plain graph: nodes of type k stand behind those of the types before it. Edges are as in
/// the relations, in their order; when one of these has weights, the edges of the others weigh 1.
EdgeList merge_types(const TypedGraph& graph);

}  // namespace gnn::graphs
