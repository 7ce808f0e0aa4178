// SPDX-License-Identifier: Apache-2.0
#include <graphs/boost.hpp>

#include <doctest/doctest.h>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/betweenness_centrality.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/core_numbers.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/graph_concepts.hpp>
#include <boost/graph/page_rank.hpp>

#include <graphs/generators.hpp>
#include <graphs/transforms.hpp>

using namespace gnn;
using namespace gnn::graphs;

BOOST_CONCEPT_ASSERT((boost::concepts::VertexListGraphConcept<BoostView>));
BOOST_CONCEPT_ASSERT((boost::concepts::EdgeListGraphConcept<BoostView>));
BOOST_CONCEPT_ASSERT((boost::concepts::IncidenceGraphConcept<BoostView>));
BOOST_CONCEPT_ASSERT((boost::concepts::BidirectionalGraphConcept<BoostView>));
BOOST_CONCEPT_ASSERT((boost::concepts::AdjacencyGraphConcept<BoostView>));
BOOST_CONCEPT_ASSERT(
    (boost::concepts::ReadablePropertyGraphConcept<BoostView, NodeId, boost::vertex_index_t>));
BOOST_CONCEPT_ASSERT(
    (boost::concepts::ReadablePropertyGraphConcept<BoostView, BoostEdge, boost::edge_index_t>));
BOOST_CONCEPT_ASSERT(
    (boost::concepts::ReadablePropertyGraphConcept<BoostView, BoostEdge, boost::edge_weight_t>));

namespace {

using Weighted =
    boost::property<boost::edge_weight_t, float, boost::property<boost::edge_index_t, std::size_t>>;
using Peer =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, boost::no_property, Weighted>;

// A graph with hubs, self-loops, duplicates and isolated nodes; weights are made of the ends, so that a
// symmetric one keeps its.
EdgeList edges_of(bool symmetric) {
  EdgeList list = rmat(7, 600, 3);
  if (symmetric) list = symmetrise(list).edges;
  for (std::size_t k = 0; k < list.source.size(); ++k)
    list.weight.push_back(float(1 + (list.source[k] + list.target[k]) % 7));
  return list;
}

/// The same graph as Boost's own kind, its edges numbered as the view numbers them.
Peer peer_of(const BoostView& view) {
  Peer peer(num_vertices(view));
  for (auto [e, end] = edges(view); e != end; ++e) {
    add_edge(std::size_t(source(*e, view)), std::size_t(target(*e, view)),
             Weighted(view.weight(*e), std::size_t((*e).index)), peer);
  }
  return peer;
}

/// What a property map over nodes holds after `fill(graph, map)`.
template <class T, class Graph, class Fill>
std::vector<T> over_nodes(const Graph& graph, const Fill& fill) {
  std::vector<T> values(num_vertices(graph));
  fill(graph, boost::make_iterator_property_map(values.begin(), get(boost::vertex_index, graph)));
  return values;
}

/// fill() gives the same on the view as on Boost's own graph.
template <class T, class Fill>
void check_same(const Fill& fill) {
  for (const bool symmetric : {true, false}) {
    const BoostView view(Csr::from_edges(edges_of(symmetric)));
    const Peer peer = peer_of(view);
    const std::vector<T> ours = over_nodes<T>(view, fill), theirs = over_nodes<T>(peer, fill);
    REQUIRE(ours.size() == theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) CHECK(ours[i] == doctest::Approx(theirs[i]).epsilon(1e-9));
  }
}

}  // namespace

TEST_CASE("boost view: a symmetric graph is shared in both directions") {
  const Csr csr = Csr::from_edges(edges_of(true));
  const BoostView view(csr);
  CHECK(view.targets() == csr.columns().data());
  CHECK(view.offsets() == csr.offsets().data());
}

TEST_CASE("boost view: edges out of and into nodes are the same edges") {
  for (const bool symmetric : {true, false}) {
    const BoostView view(Csr::from_edges(edges_of(symmetric)));
    std::vector<int> seen(num_edges(view));
    for (NodeId v = 0; v < view.num_nodes(); ++v) {
      CHECK(std::size_t(std::distance(in_edges(v, view).first, in_edges(v, view).second)) ==
            in_degree(v, view));
      for (auto [e, end] = in_edges(v, view); e != end; ++e) {
        ++seen[get(boost::edge_index, view, *e)];
        CHECK(target(*e, view) == v);
        const auto out = out_edges(source(*e, view), view);
        CHECK(std::find(out.first, out.second, *e) != out.second);
      }
    }
    CHECK(std::ranges::count(seen, 1) == std::ptrdiff_t(seen.size()));
  }
}

TEST_CASE("boost view: refuses a rectangular matrix") {
  CHECK_THROWS_WITH_AS(BoostView(Csr(3, {0, 1}, {2})),
                       "boost view: expected as many sources as targets, found 3 and 1", Error);
}

TEST_CASE("boost view: breadth-first search") {
  check_same<int>([](const auto& graph, auto distance) {
    const auto visitor = boost::make_bfs_visitor(boost::record_distances(distance, boost::on_tree_edge()));
    boost::breadth_first_search(graph, *vertices(graph).first, boost::visitor(visitor));
  });
}

TEST_CASE("boost view: connected components") {
  // Their algorithm is for graphs whose edges go both ways.
  const BoostView view(Csr::from_edges(edges_of(true)));
  const Peer peer = peer_of(view);
  const auto fill = [](const auto& graph, auto component) { boost::connected_components(graph, component); };
  CHECK(over_nodes<int>(view, fill) == over_nodes<int>(peer, fill));
}

TEST_CASE("boost view: PageRank") {
  check_same<double>([](const auto& graph, auto rank) {
    boost::graph::page_rank(graph, rank, boost::graph::n_iterations(30));
  });
}

TEST_CASE("boost view: Dijkstra") {
  check_same<double>([](const auto& graph, auto distance) {
    boost::dijkstra_shortest_paths(
        graph, *vertices(graph).first,
        boost::distance_map(distance).weight_map(get(boost::edge_weight, graph)).distance_inf(1e9));
  });
}

TEST_CASE("boost view: betweenness of nodes and edges") {
  check_same<double>(
      [](const auto& graph, auto centrality) { boost::brandes_betweenness_centrality(graph, centrality); });
  const BoostView view(Csr::from_edges(edges_of(true)));
  const Peer peer = peer_of(view);
  const auto of_edges = [](const auto& graph) {
    std::vector<double> nodes(num_vertices(graph)), values(num_edges(graph));
    boost::brandes_betweenness_centrality(
        graph, boost::make_iterator_property_map(nodes.begin(), get(boost::vertex_index, graph)),
        boost::make_iterator_property_map(values.begin(), get(boost::edge_index, graph)));
    return values;
  };
  const std::vector<double> ours = of_edges(view), theirs = of_edges(peer);
  for (std::size_t k = 0; k < ours.size(); ++k) CHECK(ours[k] == doctest::Approx(theirs[k]).epsilon(1e-9));
}

TEST_CASE("boost view: core numbers") {
  check_same<int>([](const auto& graph, auto core) { boost::core_numbers(graph, core); });
}

TEST_CASE("csr_from_boost: a directed list gives the matrix of its edges") {
  const EdgeList list = edges_of(false);
  const BoostView view(Csr::from_edges(list));
  const Peer peer = peer_of(view);
  const Csr csr = csr_from_boost(peer, get(boost::edge_weight, peer));
  CHECK(std::ranges::equal(csr.offsets(), view.in().offsets()));
  CHECK(std::ranges::equal(csr.columns(), view.in().columns()));
  CHECK(std::ranges::equal(csr.weights(), view.in().weights()));
  CHECK(csr_from_boost(peer).weights().empty());
}

TEST_CASE("csr_from_boost: an undirected list gives both directions, a self-loop once") {
  boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS> graph(3);
  add_edge(0, 1, graph);
  add_edge(1, 2, graph);
  add_edge(1, 1, graph);
  const Csr csr = csr_from_boost(graph);
  CHECK(std::ranges::equal(csr.offsets(), std::vector<EdgeOffset>{0, 1, 4, 5}));
  CHECK(std::ranges::equal(csr.columns(), std::vector<NodeId>{1, 0, 1, 2, 1}));
}

TEST_CASE("csr_from_boost: vertices in a list are numbered by the caller's map") {
  boost::adjacency_list<boost::listS, boost::listS, boost::directedS,
                        boost::property<boost::vertex_index_t, int>>
      graph;
  const auto a = add_vertex(1, graph), b = add_vertex(0, graph);
  add_edge(a, b, graph);
  const Csr csr = csr_from_boost(graph);
  CHECK(csr.degree(0) == 1);
  CHECK(csr.columns()[0] == 1);
  put(boost::vertex_index, graph, a, 7);
  CHECK_THROWS_WITH_AS(csr_from_boost(graph), "edge list: edge 0 goes from 7 to 0, the graph has 2 nodes",
                       Error);
}

TEST_CASE("csr_from_boost: a compressed_sparse_row_graph comes through") {
  const std::vector<std::pair<int, int>> pairs = {{0, 1}, {0, 2}, {2, 0}};
  const boost::compressed_sparse_row_graph<> graph(boost::edges_are_unsorted, pairs.begin(), pairs.end(), 3);
  const Csr csr = csr_from_boost(graph);
  CHECK(std::ranges::equal(csr.offsets(), std::vector<EdgeOffset>{0, 1, 2, 3}));
  CHECK(std::ranges::equal(csr.columns(), std::vector<NodeId>{2, 0, 0}));
}
