// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/simple_graph.hpp>

#include <utility>

#include <graphs/transforms.hpp>

namespace gnn::datasets {
namespace {

/// Keeps the edges of a transform and says what it did, unless that was nothing.
void apply(graphs::Transformed transformed, const char* what, graphs::EdgeList& edges,
           std::vector<std::string>& notes) {
  edges = std::move(transformed.edges);
  if (transformed.count > 0) notes.push_back(std::to_string(transformed.count) + " " + what);
}

}  // namespace

graphs::Csr simple_graph(graphs::EdgeList edges, std::vector<std::string>& notes, SimpleGraphOptions options) {
  edges.weight.clear();
  apply(graphs::merge_duplicates(edges), "duplicate entries merged", edges, notes);
  if (!options.keep_self_loops) apply(graphs::remove_self_loops(edges), "self-loops removed", edges, notes);
  if (options.directed) return graphs::Csr::from_edges(edges);
  // Where the files list every edge at both ends this adds nothing that the merging leaves.
  const auto listed = edges.num_edges();
  edges = graphs::merge_duplicates(graphs::symmetrise(edges).edges).edges;
  if (edges.num_edges() > listed) {
    notes.push_back(std::to_string(edges.num_edges() - listed) + " missing reverse edges added");
  }
  return graphs::Csr::from_edges(edges);
}

}  // namespace gnn::datasets
