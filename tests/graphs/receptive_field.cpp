// SPDX-License-Identifier: Apache-2.0
#include <graphs/receptive_field.hpp>

#include <doctest/doctest.h>

#include <graphs/error.hpp>

using namespace gnn;
using namespace gnn::graphs;

namespace {

// 0 -> 1 -> 2 -> 3, 4 -> 2, and 5 alone.
Csr path_graph() { return Csr::from_edges({6, {0, 1, 2, 4}, {1, 2, 3, 2}, {}}); }

std::vector<NodeId> list(std::span<const NodeId> nodes) { return {nodes.begin(), nodes.end()}; }

}  // namespace

TEST_CASE("receptive_field: each hop holds the edges into the nodes that the next one reads") {
  const std::vector<NodeId> targets = {3};
  const std::vector<Hop> field = receptive_field(path_graph(), targets, 2);
  REQUIRE(field.size() == 2);
  CHECK(field[1].ids == std::vector<NodeId>{3, 2});
  CHECK(field[1].edges.num_rows() == 1);
  CHECK(list(field[1].edges.row(0)) == std::vector<NodeId>{1});
  CHECK(field[0].ids == std::vector<NodeId>{3, 2, 1, 4});
  CHECK(field[0].edges.num_rows() == 2);
  CHECK(list(field[0].edges.row(0)) == std::vector<NodeId>{1});
  CHECK(list(field[0].edges.row(1)) == std::vector<NodeId>{2, 3});
}

TEST_CASE("receptive_field: a node without edges needs itself only") {
  const std::vector<NodeId> targets = {5};
  const std::vector<Hop> field = receptive_field(path_graph(), targets, 3);
  for (const Hop& hop : field) {
    CHECK(hop.ids == std::vector<NodeId>{5});
    CHECK(hop.edges.num_edges() == 0);
  }
}

TEST_CASE("receptive_field: all nodes as targets give the whole graph in its own numbers") {
  const Csr graph = path_graph();
  const std::vector<NodeId> targets = {0, 1, 2, 3, 4, 5};
  for (const Hop& hop : receptive_field(graph, targets, 2)) {
    CHECK(hop.ids == targets);
    CHECK(list(hop.edges.columns()) == list(graph.columns()));
  }
}

TEST_CASE("count_receptive_edges: counts the edges of all hops without building them") {
  const Csr graph = path_graph();
  for (const std::vector<NodeId>& targets : std::vector<std::vector<NodeId>>{{3}, {5}, {2, 5}, {0, 1, 2, 3, 4, 5}, {}}) {
    for (const std::size_t hops : {1u, 2u, 3u, 5u}) {
      std::int64_t edges = 0;
      for (const Hop& hop : receptive_field(graph, targets, hops)) edges += hop.edges.num_edges();
      CHECK(count_receptive_edges(graph, targets, hops) == edges);
    }
  }
}

TEST_CASE("receptive_field: weights go along") {
  const Csr graph = Csr::from_edges({3, {0, 2}, {1, 1}, {0.5f, 0.25f}});
  const std::vector<NodeId> targets = {1};
  const Hop hop = receptive_field(graph, targets, 1)[0];
  CHECK(hop.edges.weights()[0] == 0.5f);
  CHECK(hop.edges.weights()[1] == 0.25f);
}

TEST_CASE("receptive_field: targets that are no nodes, or do not ascend, are refused") {
  const std::vector<NodeId> outside = {6}, twice = {2, 2};
  CHECK_THROWS_WITH_AS(receptive_field(path_graph(), outside, 1), "receptive field: expected a node below 6, found 6", Error);
  CHECK_THROWS_WITH_AS(receptive_field(path_graph(), twice, 1), "receptive field: targets must ascend", Error);
}
