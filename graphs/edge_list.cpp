// SPDX-License-Identifier: Apache-2.0
#include <graphs/edge_list.hpp>

#include <cmath>

#include <graphs/sizes.hpp>

namespace gnn::graphs {

void validate(const EdgeList& edges) {
  const size_t count = edges.source.size();
  if (edges.num_nodes < 0) fail(ErrorKind::input, "edge list: the number of nodes is ", +edges.num_nodes);
  if (edges.target.size() != count) {
    fail(ErrorKind::input, "edge list: ", count, " sources, but ", edges.target.size(), " targets");
  }
  if (edges.weighted() && edges.weight.size() != count) {
    fail(ErrorKind::input, "edge list: ", count, " edges, but ", edges.weight.size(), " weights");
  }
  to_edge_count(count);

  const auto is_node = [&](NodeId id) { return id >= 0 && id < edges.num_nodes; };
  for (size_t e = 0; e < count; ++e) {
    if (!is_node(edges.source[e]) || !is_node(edges.target[e])) {
      fail(ErrorKind::input, "edge list: edge ", e, " goes from ", +edges.source[e], " to ", +edges.target[e],
           ", the graph has ", +edges.num_nodes, " nodes");
    }
  }
  for (size_t e = 0; e < edges.weight.size(); ++e) {
    if (!std::isfinite(edges.weight[e])) {
      fail(ErrorKind::input, "edge list: edge ", e, " has weight ", edges.weight[e]);
    }
  }
}

}  // namespace gnn::graphs
