// SPDX-License-Identifier: Apache-2.0
#include <graphs/generators.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include <graphs/csr.hpp>
#include <graphs/error.hpp>
#include <graphs/stats.hpp>
#include <graphs/transforms.hpp>

using namespace gnn::graphs;
using gnn::NodeId;
using Nodes = std::vector<NodeId>;

TEST_CASE("ring: every node has one edge in and one out") {
  const EdgeList edges = ring(4);
  CHECK(edges.source == Nodes{0, 1, 2, 3});
  CHECK(edges.target == Nodes{1, 2, 3, 0});
  CHECK(ring(0).num_edges() == 0);
  CHECK(ring(1).target == Nodes{0});
}

TEST_CASE("star: every edge ends at the hub") {
  const EdgeList edges = star(4);
  CHECK(edges.source == Nodes{1, 2, 3});
  CHECK(edges.target == Nodes{0, 0, 0});
  CHECK(star(0).num_edges() == 0);
}

TEST_CASE("erdos_renyi: the edges are different, without self-loops, as many as asked for") {
  for (const int num_edges : {0, 1, 100, 379, 380}) {
    const EdgeList edges = erdos_renyi(20, num_edges, 1);
    validate(edges);
    CHECK(edges.num_edges() == num_edges);
    check_no_duplicates(edges);
    CHECK(remove_self_loops(edges).count == 0);
  }
  CHECK(erdos_renyi(0, 0, 1).num_edges() == 0);
  CHECK(erdos_renyi(1, 0, 1).num_edges() == 0);
}

TEST_CASE("erdos_renyi: every edge is equally likely") {
  std::vector<int> count(9, 0);
  const int rounds = 3000;
  for (int seed = 0; seed < rounds; ++seed) {
    const EdgeList edges = erdos_renyi(3, 2, std::uint64_t(seed));
    for (size_t e = 0; e < 2; ++e) ++count[size_t(3 * edges.source[e] + edges.target[e])];
  }
  for (size_t pair = 0; pair < 9; ++pair) {
    if (pair % 4 == 0) {
      CHECK(count[pair] == 0);
    } else {
      // Binomial with chance 1/3; five standard deviations.
      CHECK(std::abs(count[pair] - rounds / 3) < 5 * std::sqrt(rounds * 2.0 / 9.0));
    }
  }
}

TEST_CASE("rmat: the low quadrant gets its share") {
  const EdgeList edges = rmat(6, 10000, 1);
  validate(edges);
  CHECK(edges.num_nodes == 64);
  CHECK(edges.num_edges() == 10000);
  int low_low = 0;
  int low_high = 0;
  for (size_t e = 0; e < 10000; ++e) {
    low_low += edges.source[e] < 32 && edges.target[e] < 32;
    low_high += edges.source[e] < 32 && edges.target[e] >= 32;
  }
  // Five standard deviations of a binomial number are below 250.
  CHECK(std::abs(low_low - 5700) < 250);
  CHECK(std::abs(low_high - 1900) < 250);
  CHECK(rmat(0, 3, 1).source == Nodes{0, 0, 0});
}

TEST_CASE("planted_partition: the share of edges inside blocks is the one asked for") {
  for (const double inside : {0.0, 0.8, 1.0}) {
    const auto [edges, block] = planted_partition(50, 7, 5000, inside, 1);
    validate(edges);
    CHECK(edges.num_edges() == 5000);
    CHECK(remove_self_loops(edges).count == 0);
    const double share = edge_homophily(Csr::from_edges(edges), block);
    CHECK(std::abs(share - inside) <= 5 * std::sqrt(inside * (1 - inside) / 5000));
  }
}

TEST_CASE("planted_partition: blocks are numbered in order and differ by at most one node") {
  const auto block = planted_partition(50, 7, 0, 0.5, 1).block;
  CHECK(block.size() == 50);
  CHECK(std::is_sorted(block.begin(), block.end()));
  for (int b = 0; b < 7; ++b) {
    const auto size = std::count(block.begin(), block.end(), b);
    CHECK(size >= 7);
    CHECK(size <= 8);
  }
}

TEST_CASE("generators: the seed decides the graph, on every platform") {
  CHECK(erdos_renyi(20, 30, 5).source == erdos_renyi(20, 30, 5).source);
  CHECK(erdos_renyi(20, 30, 5).source != erdos_renyi(20, 30, 6).source);
  // Stored results: a change here changes every test and benchmark that draws a graph.
  const EdgeList uniform = erdos_renyi(1000, 4, 1);
  CHECK(uniform.source == Nodes{754, 262, 852, 303});
  CHECK(uniform.target == Nodes{548, 317, 2, 550});
  const EdgeList power = rmat(10, 4, 1);
  CHECK(power.source == Nodes{16, 132, 0, 520});
  CHECK(power.target == Nodes{1, 0, 259, 16});
  const EdgeList planted = planted_partition(1000, 10, 4, 0.5, 1).edges;
  CHECK(planted.source == Nodes{500, 270, 614, 451});
  CHECK(planted.target == Nodes{528, 246, 628, 424});
}

TEST_CASE("generators: bad arguments are refused") {
  CHECK_THROWS_WITH_AS(ring(-1), "generator: the number of nodes is -1", gnn::Error);
  CHECK_THROWS_WITH_AS(erdos_renyi(3, -1, 1), "generator: the number of edges is -1", gnn::Error);
  CHECK_THROWS_WITH_AS(erdos_renyi(3, 7, 1), "erdos_renyi: 3 nodes have 6 possible edges, asked for 7",
                       gnn::Error);
  CHECK_THROWS_WITH_AS(rmat(-1, 1, 1), "rmat: scale must be in [0, 63), got -1", gnn::Error);
  CHECK_THROWS_WITH_AS(rmat(31, 1, 1),
                       "graph: 2147483648 nodes are too many, this build holds at most 2147483647",
                       gnn::Error);
  CHECK_THROWS_AS(rmat(3, 1, 1, {0.5, 0.5, 0.5}), gnn::Error);
  CHECK_THROWS_WITH_AS(planted_partition(5, 3, 1, 0.5, 1),
                       "planted_partition: needs two blocks of two nodes, got 3 blocks and 5 nodes",
                       gnn::Error);
  CHECK_THROWS_WITH_AS(planted_partition(6, 3, 1, 1.5, 1),
                       "planted_partition: inside must be in [0, 1], got 1.5", gnn::Error);
}
