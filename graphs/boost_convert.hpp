// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/graph/graph_traits.hpp>
#include <boost/graph/properties.hpp>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <graphs/build_csr.hpp>
#include <graphs/parallel.hpp>
#include <graphs/sizes.hpp>

/// Graphs of Boost.Graph as ours. Needs Boost.
namespace gnn::graphs {

/// In csr_from_boost(): every edge weighs 1.
struct NoWeights {};

/// The edges of any graph of Boost's as a list. index: a property map from vertices to 0 ... num_vertices-1;
/// weight: one from edges to numbers, or NoWeights. An undirected graph gives both directions of every edge.
/// Vertices are gone through in parallel where the graph lists the edges out of each. Throws Error(input)
/// when an index or a weight is out of range.
template <class Graph, class IndexMap, class WeightMap>
EdgeList edges_from_boost(const Graph& graph, const IndexMap& index, const WeightMap& weight) {
  using Traits = boost::graph_traits<Graph>;
  using boost::get;
  constexpr bool weighted = !std::is_same_v<WeightMap, NoWeights>;
  constexpr bool directed = std::is_convertible_v<typename Traits::directed_category, boost::directed_tag>;
  constexpr bool lists_out_edges =
      std::is_convertible_v<typename Traits::traversal_category, boost::incidence_graph_tag>;
  EdgeList list;
  list.num_nodes = to_node_count(num_vertices(graph));
  const auto node = [&](const auto& v) { return static_cast<NodeId>(get(index, v)); };
  const auto resize = [&](std::size_t size) {
    list.source.resize(size);
    list.target.resize(size);
    if constexpr (weighted) list.weight.resize(size);
  };
  const auto put = [&](std::size_t at, NodeId from, NodeId to, [[maybe_unused]] const auto& edge) {
    list.source[at] = from;
    list.target[at] = to;
    if constexpr (weighted) list.weight[at] = static_cast<float>(get(weight, edge));
  };

  if constexpr (lists_out_edges) {
    // Pass 1 counts, pass 2 writes; vertices are cut into blocks with a start each, so that nobody waits for
    // another.
    const auto [first, last] = vertices(graph);
    const std::vector<typename Traits::vertex_descriptor> all(first, last);
    constexpr std::size_t vertices_a_block = 4096;
    const std::size_t num_blocks = (all.size() + vertices_a_block - 1) / vertices_a_block;
    // An undirected graph of Boost's lists a self-loop twice at its node.
    const auto visit = [&](std::size_t block, const auto& take) {
      const std::size_t end = std::min(all.size(), (block + 1) * vertices_a_block);
      for (std::size_t k = block * vertices_a_block; k < end; ++k) {
        const NodeId from = node(all[k]);
        bool second_end = false;
        for (auto [e, e_end] = out_edges(all[k], graph); e != e_end; ++e) {
          const NodeId to = node(target(*e, graph));
          if (!directed && to == from && (second_end = !second_end) == false) continue;
          take(from, to, *e);
        }
      }
    };
    std::vector<std::size_t> start(num_blocks + 1, 0);
    parallel_for(num_blocks, [&](std::size_t block) {
      std::size_t count = 0;
      if constexpr (directed) {
        const std::size_t end = std::min(all.size(), (block + 1) * vertices_a_block);
        for (std::size_t k = block * vertices_a_block; k < end; ++k)
          count += std::size_t(out_degree(all[k], graph));
      } else {
        visit(block, [&](NodeId, NodeId, const auto&) { ++count; });
      }
      start[block + 1] = count;
    });
    for (std::size_t block = 0; block < num_blocks; ++block) start[block + 1] += start[block];
    to_edge_count(start.back());
    resize(start.back());
    parallel_for(num_blocks, [&](std::size_t block) {
      std::size_t at = start[block];
      visit(block, [&](NodeId from, NodeId to, const auto& e) { put(at++, from, to, e); });
    });
  } else {
    for (auto [e, end] = edges(graph); e != end; ++e) {
      const NodeId from = node(source(*e, graph)), to = node(target(*e, graph));
      const std::size_t at = list.source.size();
      resize(at + (directed || from == to ? 1 : 2));
      put(at, from, to, *e);
      if (!directed && from != to) put(at + 1, to, from, *e);
    }
  }
  return list;
}

/// Any graph of Boost's with a vertex_index (or the one given) as a Csr: boost::adjacency_list,
/// compressed_sparse_row_graph, an adapter. Throws as edges_from_boost() and build_csr() do.
template <class Graph, class WeightMap, class IndexMap>
Csr csr_from_boost(const Graph& graph, const WeightMap& weight, const IndexMap& index,
                   const CsrOptions& options = {}) {
  return build_csr(edges_from_boost(graph, index, weight), options).graph;
}

template <class Graph, class WeightMap = NoWeights>
Csr csr_from_boost(const Graph& graph, const WeightMap& weight = {}, const CsrOptions& options = {}) {
  return csr_from_boost(graph, weight, get(boost::vertex_index, graph), options);
}

}  // namespace gnn::graphs
