// SPDX-License-Identifier: Apache-2.0
#include <graphs/stats.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <graphs/error.hpp>
#include <graphs/generators.hpp>

#include "random_edges.hpp"

using namespace gnn::graphs;
using gnn::NodeId;

TEST_CASE("statistics: a small graph by hand") {
  // 0 -> 1, 2 -> 1, 1 -> 1 and 3 -> 4; node 5 has no edge, node 6 only a self-loop.
  const Stats stats = statistics(Csr::from_edges({7, {0, 2, 1, 3, 6}, {1, 1, 1, 4, 6}, {}}));
  CHECK(stats.num_components == 4);
  CHECK(stats.num_isolated == 1);
  CHECK(stats.num_self_loops == 2);
  CHECK(stats.min_degree == 0);
  CHECK(stats.max_degree == 3);
  CHECK(stats.mean_degree == doctest::Approx(5.0 / 7.0));
  CHECK(stats.degree_histogram == std::vector<NodeId>{4, 2, 1});  // degree 0; 1; 2 and 3
}

TEST_CASE("statistics: a ring is one component, a star has one hub") {
  const Stats of_ring = statistics(Csr::from_edges(ring(100)));
  CHECK(of_ring.num_components == 1);
  CHECK(of_ring.min_degree == 1);
  CHECK(of_ring.max_degree == 1);
  const Stats of_star = statistics(Csr::from_edges(star(65)));
  CHECK(of_star.num_components == 1);
  CHECK(of_star.num_isolated == 0);
  CHECK(of_star.degree_histogram == std::vector<NodeId>{64, 0, 0, 0, 0, 0, 0, 1});
}

TEST_CASE("statistics: no nodes give zeros") {
  const Stats stats = statistics(Csr());
  CHECK(stats.num_components == 0);
  CHECK(stats.mean_degree == 0);
  CHECK(stats.degree_histogram.empty());
}

TEST_CASE("statistics: components agree with spreading the smallest number") {
  std::mt19937_64 random(6);
  for (int round = 0; round < 20; ++round) {
    const EdgeList edges = erdos_renyi(40, 25, random());
    std::vector<NodeId> smallest(40);
    std::iota(smallest.begin(), smallest.end(), 0);
    for (int step = 0; step < 40; ++step) {
      for (size_t e = 0; e < edges.source.size(); ++e) {
        auto& a = smallest[size_t(edges.source[e])];
        auto& b = smallest[size_t(edges.target[e])];
        a = b = std::min(a, b);
      }
    }
    NodeId components = 0;
    for (NodeId i = 0; i < 40; ++i) components += smallest[size_t(i)] == i;
    CHECK(statistics(Csr::from_edges(edges)).num_components == components);
  }
}

TEST_CASE("edge_homophily: counts edges between known labels") {
  const Csr graph = Csr::from_edges({4, {0, 1, 2, 3, 0}, {1, 2, 3, 0, 0}, {}});
  const std::vector<std::int32_t> label{5, 5, 6, -1};
  CHECK(edge_homophily(graph, label) == 0.5);  // 0 -> 1 joins, 1 -> 2 does not
  CHECK(std::isnan(edge_homophily(graph, std::vector<std::int32_t>(4, -1))));
  CHECK_THROWS_WITH_AS(edge_homophily(graph, std::vector<std::int32_t>(3, 0)),
                       "edge_homophily: 3 labels, but 4 nodes", gnn::Error);
}

TEST_CASE("is_symmetric: needs every reverse, as often and with the same weight") {
  const auto symmetric = [](const EdgeList& edges) { return is_symmetric(Csr::from_edges(edges)); };
  CHECK(symmetric({3, {}, {}, {}}));
  CHECK(symmetric({3, {0, 1, 2}, {1, 0, 2}, {}}));
  CHECK_FALSE(symmetric({3, {0}, {1}, {}}));
  CHECK_FALSE(symmetric({3, {0, 0, 1}, {1, 1, 0}, {}}));
  CHECK_FALSE(symmetric({3, {0, 1}, {1, 0}, {2, 3}}));
  CHECK(symmetric({3, {0, 1, 0, 1}, {1, 0, 1, 0}, {2, 3, 3, 2}}));
}

TEST_CASE("is_symmetric: rows need not be sorted") {
  CHECK(is_symmetric(Csr(3, {0, 2, 3, 4}, {2, 1, 0, 0})));
}

TEST_CASE("statistics: a rectangular matrix is refused") {
  const Csr block(3, {0, 1}, {2});
  CHECK_FALSE(is_symmetric(block));
  CHECK_THROWS_WITH_AS(statistics(block), "statistics: needs a square matrix, got 1x3", gnn::Error);
  CHECK_THROWS_AS(edge_homophily(block, std::vector<std::int32_t>(1, 0)), gnn::Error);
}
