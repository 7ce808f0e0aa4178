// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/graph/graph_traits.hpp>
#include <boost/graph/properties.hpp>
#include <boost/iterator/counting_iterator.hpp>
#include <boost/iterator/iterator_facade.hpp>
#include <boost/property_map/property_map.hpp>
#include <cstddef>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include <graphs/csr.hpp>
#include <graphs/error.hpp>

/// Our graphs for the algorithms of Boost.Graph. Needs Boost.
namespace gnn::graphs {

/// An edge as Boost's algorithms pass it around.
struct BoostEdge {
  NodeId source = -1;
  EdgeOffset index = 0;  ///< 0 to E-1, by source, then by target: what edge_index gives

  bool operator==(const BoostEdge& other) const { return index == other.index; }
  auto operator<=>(const BoostEdge& other) const { return index <=> other.index; }
};

/// A square Csr as Boost.Graph sees one: a directed VertexListGraph, EdgeListGraph, BidirectionalGraph (and
/// with it an IncidenceGraph), AdjacencyGraph and PropertyGraph with the properties vertex_index, edge_index
/// and edge_weight.
///
///   const gnn::graphs::BoostView graph(csr);
///   boost::breadth_first_search(graph, 0, boost::visitor(visitor));
///
/// The view shares the arrays of the Csr. Boost walks over edges out of a node and a Csr lists those into it:
/// of a symmetric graph both lists are the same, of any other the constructor makes the second one, once.
/// Copies of a view are cheap.
class BoostView {
 public:
  /// Throws Error(usage) when the matrix is not square.
  explicit BoostView(const Csr& graph) : in_(graph), out_(graph) {
    if (graph.num_rows() != graph.num_columns()) {
      fail(ErrorKind::usage, "boost view: expected as many sources as targets, found ", +graph.num_columns(),
           " and ", +graph.num_rows());
    }
    std::vector<EdgeOffset> place;
    Csr out = graph.transposed(&place);
    if (!is_same(out, graph)) {
      std::vector<EdgeOffset> index(place.size());
      for (std::size_t k = 0; k < place.size(); ++k) index[std::size_t(place[k])] = EdgeOffset(k);
      index_ = SharedArray<EdgeOffset>(std::move(index));
      out_ = std::move(out);
    }
    offsets_ = out_.offsets().data();
    targets_ = out_.columns().data();
  }

  NodeId num_nodes() const { return out_.num_rows(); }
  EdgeOffset num_edges() const { return out_.num_edges(); }
  const EdgeOffset* offsets() const { return offsets_; }  ///< of the edges out of each node
  const NodeId* targets() const { return targets_; }      ///< of each edge, by index
  const Csr& in() const { return in_; }

  /// 1 in a graph without weights.
  float weight(BoostEdge edge) const {
    return out_.weights().empty() ? 1.0f : out_.weights()[std::size_t(edge.index)];
  }

  /// The edge at place k of the row of `target` among the edges into nodes.
  BoostEdge edge_into(NodeId target, EdgeOffset k) const {
    const NodeId source = in_.columns()[std::size_t(k)];
    if (!index_.empty()) return {source, index_[std::size_t(k)]};
    // Symmetric: this edge stands in the row of its source as often, in the same order.
    const auto of_target = in_.row(target), of_source = in_.row(source);
    const auto first = std::lower_bound(of_target.begin(), of_target.end(), source);
    const EdgeOffset rank = EdgeOffset(k - in_.offsets()[std::size_t(target)] - (first - of_target.begin()));
    const auto same = std::lower_bound(of_source.begin(), of_source.end(), target);
    return {source, EdgeOffset(in_.offsets()[std::size_t(source)] + (same - of_source.begin()) + rank)};
  }

 private:
  // Rows of a transposed matrix are sorted, so those of one that equals its own are, too.
  static bool is_same(const Csr& a, const Csr& b) {
    return std::ranges::equal(a.offsets(), b.offsets()) && std::ranges::equal(a.columns(), b.columns()) &&
           std::ranges::equal(a.weights(), b.weights());
  }

  Csr in_, out_;
  SharedArray<EdgeOffset> index_;  // of each edge of in_; empty: symmetric
  const EdgeOffset* offsets_ = nullptr;
  const NodeId* targets_ = nullptr;
};

/// Over the edges out of a node.
class BoostOutEdges
    : public boost::iterator_facade<BoostOutEdges, BoostEdge, boost::random_access_traversal_tag, BoostEdge> {
 public:
  BoostOutEdges() = default;
  explicit BoostOutEdges(BoostEdge at) : at_(at) {}

 private:
  friend class boost::iterator_core_access;
  BoostEdge dereference() const { return at_; }
  bool equal(const BoostOutEdges& other) const { return at_.index == other.at_.index; }
  void increment() { ++at_.index; }
  void decrement() { --at_.index; }
  void advance(std::ptrdiff_t n) { at_.index = EdgeOffset(at_.index + n); }
  std::ptrdiff_t distance_to(const BoostOutEdges& other) const {
    return std::ptrdiff_t(other.at_.index - at_.index);
  }

  BoostEdge at_;
};

/// Over the edges into a node.
class BoostInEdges
    : public boost::iterator_facade<BoostInEdges, BoostEdge, boost::random_access_traversal_tag, BoostEdge> {
 public:
  BoostInEdges() = default;
  BoostInEdges(const BoostView& graph, NodeId target, EdgeOffset at)
      : graph_(&graph), target_(target), at_(at) {}

 private:
  friend class boost::iterator_core_access;
  BoostEdge dereference() const { return graph_->edge_into(target_, at_); }
  bool equal(const BoostInEdges& other) const { return at_ == other.at_; }
  void increment() { ++at_; }
  void decrement() { --at_; }
  void advance(std::ptrdiff_t n) { at_ = EdgeOffset(at_ + n); }
  std::ptrdiff_t distance_to(const BoostInEdges& other) const { return std::ptrdiff_t(other.at_ - at_); }

  const BoostView* graph_ = nullptr;
  NodeId target_ = -1;
  EdgeOffset at_ = 0;
};

/// Over all edges, by index.
class BoostAllEdges
    : public boost::iterator_facade<BoostAllEdges, BoostEdge, boost::forward_traversal_tag, BoostEdge> {
 public:
  BoostAllEdges() = default;
  BoostAllEdges(const BoostView& graph, BoostEdge at) : graph_(&graph), at_(at) { skip_empty_rows(); }

 private:
  friend class boost::iterator_core_access;
  BoostEdge dereference() const { return at_; }
  bool equal(const BoostAllEdges& other) const { return at_.index == other.at_.index; }
  void increment() {
    ++at_.index;
    skip_empty_rows();
  }
  void skip_empty_rows() {
    while (at_.source < graph_->num_nodes() && at_.index == graph_->offsets()[std::size_t(at_.source) + 1])
      ++at_.source;
  }

  const BoostView* graph_ = nullptr;
  BoostEdge at_;
};

/// Gives the property of an edge of a view.
template <class Value, Value (*of_edge)(const BoostView&, BoostEdge)>
struct BoostEdgeMap {
  using key_type = BoostEdge;
  using value_type = Value;
  using reference = Value;
  using category = boost::readable_property_map_tag;

  const BoostView* graph = nullptr;
  friend Value get(const BoostEdgeMap& map, BoostEdge edge) { return of_edge(*map.graph, edge); }
};

inline float weight_of(const BoostView& graph, BoostEdge edge) {
  return graph.weight(edge);
}
inline std::size_t index_of(const BoostView&, BoostEdge edge) {
  return std::size_t(edge.index);
}

using BoostWeights = BoostEdgeMap<float, weight_of>;
using BoostEdgeIndex = BoostEdgeMap<std::size_t, index_of>;
using BoostNodeIndex = boost::typed_identity_property_map<NodeId>;

// What the concepts of Boost.Graph ask for; Boost finds them beside the class.
inline std::size_t num_vertices(const BoostView& g) {
  return std::size_t(g.num_nodes());
}
inline std::size_t num_edges(const BoostView& g) {
  return std::size_t(g.num_edges());
}
inline NodeId source(BoostEdge e, const BoostView&) {
  return e.source;
}
inline NodeId target(BoostEdge e, const BoostView& g) {
  return g.targets()[e.index];
}
inline std::pair<boost::counting_iterator<NodeId>, boost::counting_iterator<NodeId>> vertices(
    const BoostView& g) {
  return {boost::counting_iterator<NodeId>(0), boost::counting_iterator<NodeId>(g.num_nodes())};
}
inline NodeId vertex(std::size_t i, const BoostView&) {
  return NodeId(i);
}
inline std::pair<BoostAllEdges, BoostAllEdges> edges(const BoostView& g) {
  return {BoostAllEdges(g, {0, 0}), BoostAllEdges(g, {g.num_nodes(), g.num_edges()})};
}
inline std::pair<BoostOutEdges, BoostOutEdges> out_edges(NodeId v, const BoostView& g) {
  return {BoostOutEdges({v, g.offsets()[v]}), BoostOutEdges({v, g.offsets()[std::ptrdiff_t(v) + 1]})};
}
inline std::size_t out_degree(NodeId v, const BoostView& g) {
  return std::size_t(g.offsets()[std::ptrdiff_t(v) + 1] - g.offsets()[v]);
}
inline std::pair<BoostInEdges, BoostInEdges> in_edges(NodeId v, const BoostView& g) {
  const EdgeOffset* row = g.in().offsets().data() + v;
  return {BoostInEdges(g, v, row[0]), BoostInEdges(g, v, row[1])};
}
inline std::size_t in_degree(NodeId v, const BoostView& g) {
  return std::size_t(g.in().degree(v));
}
inline std::size_t degree(NodeId v, const BoostView& g) {
  return in_degree(v, g) + out_degree(v, g);
}
inline std::pair<const NodeId*, const NodeId*> adjacent_vertices(NodeId v, const BoostView& g) {
  return {g.targets() + g.offsets()[v], g.targets() + g.offsets()[std::ptrdiff_t(v) + 1]};
}
inline BoostNodeIndex get(boost::vertex_index_t, const BoostView&) {
  return {};
}
inline NodeId get(boost::vertex_index_t, const BoostView&, NodeId v) {
  return v;
}
inline BoostEdgeIndex get(boost::edge_index_t, const BoostView& g) {
  return {&g};
}
inline std::size_t get(boost::edge_index_t, const BoostView&, BoostEdge e) {
  return std::size_t(e.index);
}
inline BoostWeights get(boost::edge_weight_t, const BoostView& g) {
  return {&g};
}
inline float get(boost::edge_weight_t, const BoostView& g, BoostEdge e) {
  return g.weight(e);
}

}  // namespace gnn::graphs

namespace boost {

template <>
struct graph_traits<gnn::graphs::BoostView> {
  using vertex_descriptor = gnn::NodeId;
  using edge_descriptor = gnn::graphs::BoostEdge;
  using directed_category = bidirectional_tag;
  using edge_parallel_category = allow_parallel_edge_tag;
  struct traversal_category : bidirectional_graph_tag,
                              adjacency_graph_tag,
                              vertex_list_graph_tag,
                              edge_list_graph_tag {};
  using vertices_size_type = std::size_t;
  using edges_size_type = std::size_t;
  using degree_size_type = std::size_t;
  using vertex_iterator = counting_iterator<gnn::NodeId>;
  using edge_iterator = gnn::graphs::BoostAllEdges;
  using out_edge_iterator = gnn::graphs::BoostOutEdges;
  using in_edge_iterator = gnn::graphs::BoostInEdges;
  using adjacency_iterator = const gnn::NodeId*;
  static vertex_descriptor null_vertex() { return -1; }
};
template <>
struct graph_traits<const gnn::graphs::BoostView> : graph_traits<gnn::graphs::BoostView> {};

template <>
struct property_map<gnn::graphs::BoostView, vertex_index_t> {
  using type = gnn::graphs::BoostNodeIndex;
  using const_type = type;
};
template <>
struct property_map<gnn::graphs::BoostView, edge_index_t> {
  using type = gnn::graphs::BoostEdgeIndex;
  using const_type = type;
};
template <>
struct property_map<gnn::graphs::BoostView, edge_weight_t> {
  using type = gnn::graphs::BoostWeights;
  using const_type = type;
};

}  // namespace boost
