// SPDX-License-Identifier: Apache-2.0
#include <graphs/transforms.hpp>

#include <doctest/doctest.h>

#include <map>

#include <graphs/csr.hpp>
#include <graphs/error.hpp>
#include <graphs/stats.hpp>

#include "random_edges.hpp"

using namespace gnn::graphs;
using gnn::NodeId;
using Nodes = std::vector<NodeId>;
using Weights = std::vector<float>;

TEST_CASE("symmetrise: adds the reverse of every edge that is no self-loop") {
  const auto [edges, count] = symmetrise({3, {0, 1, 2}, {1, 1, 0}, {4, 5, 6}});
  CHECK(edges.source == Nodes{0, 1, 2, 1, 0});
  CHECK(edges.target == Nodes{1, 1, 0, 0, 2});
  CHECK(edges.weight == Weights{4, 5, 6, 4, 6});
  CHECK(count == 2);
}

TEST_CASE("symmetrise: a random list becomes symmetric") {
  std::mt19937_64 random(4);
  const EdgeList edges = random_edges(40, 200, true, random);
  CHECK_FALSE(is_symmetric(Csr::from_edges(edges)));
  CHECK(is_symmetric(Csr::from_edges(symmetrise(edges).edges)));
}

TEST_CASE("merge_duplicates: weights add up") {
  const auto [edges, count] = merge_duplicates({3, {2, 0, 2, 2}, {1, 1, 1, 0}, {1, 2, 4, 8}});
  CHECK(edges.source == Nodes{2, 0, 2});
  CHECK(edges.target == Nodes{0, 1, 1});
  CHECK(edges.weight == Weights{8, 2, 5});
  CHECK(count == 1);
}

TEST_CASE("merge_duplicates: an unweighted list stays unweighted") {
  const auto [edges, count] = merge_duplicates({2, {1, 1, 1}, {0, 0, 0}, {}});
  CHECK(edges.source == Nodes{1});
  CHECK_FALSE(edges.weighted());
  CHECK(count == 2);
}

TEST_CASE("merge_duplicates: random lists agree with a map, in any order of the list") {
  std::mt19937_64 random(5);
  const EdgeList edges = random_edges(12, 300, true, random);
  std::map<std::pair<NodeId, NodeId>, float> expected;
  for (size_t e = 0; e < edges.source.size(); ++e)
    expected[{edges.target[e], edges.source[e]}] += edges.weight[e];

  const EdgeList merged = merge_duplicates(shuffled(edges, random)).edges;
  REQUIRE(merged.source.size() == expected.size());
  size_t e = 0;
  for (const auto& [pair, weight] : expected) {
    CHECK(merged.target[e] == pair.first);
    CHECK(merged.source[e] == pair.second);
    CHECK(merged.weight[e] == weight);
    ++e;
  }
}

TEST_CASE("merge_duplicates: the order of the list does not change the rounding") {
  // In double 2^53 + 1 rounds back to 2^53: summed as they stand, the first list gives 0 and the second 2.
  const Weights weight{0x1p53f, 1, 1, -0x1p53f};
  const EdgeList first{2, {1, 1, 1, 1}, {0, 0, 0, 0}, weight};
  const EdgeList second{2, {1, 1, 1, 1}, {0, 0, 0, 0}, {weight[2], weight[3], weight[0], weight[1]}};
  CHECK(merge_duplicates(first).edges.weight == merge_duplicates(second).edges.weight);
}

TEST_CASE("merge_duplicates: a sum beyond float is refused") {
  CHECK_THROWS_WITH_AS(merge_duplicates({2, {1, 1}, {0, 0}, {3e38f, 3e38f}}),
                       "edge list: the weights of edge 1 -> 0 add up to 6e+38, too large for float",
                       gnn::Error);
}

TEST_CASE("check_no_duplicates: names the first duplicate") {
  check_no_duplicates({3, {0, 1}, {1, 0}, {}});
  CHECK_THROWS_WITH_AS(check_no_duplicates({3, {2, 0, 0, 2, 2}, {2, 1, 1, 2, 2}, {}}),
                       "edge list: edge 0 -> 1 occurs 2 times", gnn::Error);
}

TEST_CASE("remove_self_loops: the other edges keep their order") {
  const auto [edges, count] = remove_self_loops({3, {2, 1, 0, 0}, {1, 1, 2, 0}, {1, 2, 3, 4}});
  CHECK(edges.source == Nodes{2, 0});
  CHECK(edges.target == Nodes{1, 2});
  CHECK(edges.weight == Weights{1, 3});
  CHECK(count == 2);
}

TEST_CASE("fill_self_loops: nodes without get one of weight 1, the others keep theirs") {
  const auto [edges, count] = fill_self_loops({3, {1, 1, 0}, {1, 1, 2}, {7, 8, 9}});
  CHECK(count == 2);
  CHECK(edges.source == std::vector<NodeId>{1, 1, 0, 0, 2});
  CHECK(edges.target == std::vector<NodeId>{1, 1, 2, 0, 2});
  CHECK(edges.weight == std::vector<float>{7, 8, 9, 1, 1});
  CHECK_FALSE(fill_self_loops({3, {1}, {1}, {}}).edges.weighted());
}

TEST_CASE("add_self_loops: every node has exactly one, of weight 1") {
  const auto [edges, count] = add_self_loops({3, {1, 1, 0}, {1, 1, 2}, {7, 8, 9}});
  CHECK(edges.source == Nodes{0, 0, 1, 2});
  CHECK(edges.target == Nodes{2, 0, 1, 2});
  CHECK(edges.weight == Weights{9, 1, 1, 1});
  CHECK(count == 2);
  CHECK_FALSE(add_self_loops({3, {1}, {1}, {}}).edges.weighted());
}

TEST_CASE("transforms: a list without edges stays a list") {
  const EdgeList none{2, {}, {}, {}};
  CHECK(symmetrise(none).edges.num_edges() == 0);
  CHECK(merge_duplicates(none).edges.num_nodes == 2);
  CHECK(remove_self_loops(none).count == 0);
  CHECK(add_self_loops(none).edges.num_edges() == 2);
}

TEST_CASE("transforms: a bad list is refused") {
  const EdgeList bad{1, {0}, {1}, {}};
  CHECK_THROWS_AS(symmetrise(bad), gnn::Error);
  CHECK_THROWS_AS(merge_duplicates(bad), gnn::Error);
  CHECK_THROWS_AS(check_no_duplicates(bad), gnn::Error);
  CHECK_THROWS_AS(remove_self_loops(bad), gnn::Error);
  CHECK_THROWS_AS(add_self_loops(bad), gnn::Error);
}
