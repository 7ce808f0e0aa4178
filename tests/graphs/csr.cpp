// SPDX-License-Identifier: Apache-2.0
#include <graphs/csr.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <set>
#include <tuple>

#include <graphs/error.hpp>

#include "random_edges.hpp"

using namespace gnn::graphs;
using gnn::EdgeOffset;
using gnn::NodeId;

namespace {

template <class T>
std::vector<T> to_vector(std::span<const T> values) {
  return {values.begin(), values.end()};
}

void check_equal(const Csr& a, const Csr& b) {
  CHECK(a.num_columns() == b.num_columns());
  CHECK(to_vector(a.offsets()) == to_vector(b.offsets()));
  CHECK(to_vector(a.columns()) == to_vector(b.columns()));
  CHECK(to_vector(a.weights()) == to_vector(b.weights()));
}

}  // namespace

TEST_CASE("csr: a row holds the edges into its node, sorted by source") {
  // 3 -> 1, 0 -> 1, 2 -> 2, 1 -> 0; node 3 has none.
  const Csr graph = Csr::from_edges({4, {3, 0, 2, 1}, {1, 1, 2, 0}, {}});
  CHECK(graph.num_rows() == 4);
  CHECK(graph.num_columns() == 4);
  CHECK(graph.num_edges() == 4);
  CHECK(to_vector(graph.offsets()) == std::vector<EdgeOffset>{0, 1, 3, 4, 4});
  CHECK(to_vector(graph.columns()) == std::vector<NodeId>{1, 0, 3, 2});
  CHECK(to_vector(graph.row(1)) == std::vector<NodeId>{0, 3});
  CHECK(graph.degree(3) == 0);
  CHECK(graph.weights().empty());
}

TEST_CASE("csr: duplicates are sorted by weight, equal ones keep their order in position") {
  std::vector<EdgeOffset> position;
  const Csr graph = Csr::from_edges({2, {1, 1, 0, 1}, {0, 0, 0, 0}, {5, 3, 9, 5}}, &position);
  CHECK(to_vector(graph.weights()) == std::vector<float>{9, 3, 5, 5});
  CHECK(position == std::vector<EdgeOffset>{2, 1, 0, 3});
}

TEST_CASE("csr: an empty graph and a graph without edges are valid") {
  CHECK(Csr().num_rows() == 0);
  CHECK(Csr::from_edges({}).num_edges() == 0);
  const Csr graph = Csr::from_edges({3, {}, {}, {}});
  CHECK(to_vector(graph.offsets()) == std::vector<EdgeOffset>{0, 0, 0, 0});
  check_equal(graph.transposed(), graph);
}

TEST_CASE("csr: random lists agree with a sorted set of edges") {
  std::mt19937_64 random(1);
  for (const bool weighted : {false, true}) {
    const EdgeList edges = random_edges(45, 700, weighted, random);
    std::vector<EdgeOffset> position;
    const Csr graph = Csr::from_edges(edges, &position);

    std::multiset<std::tuple<NodeId, NodeId, float>> expected;
    std::set<EdgeOffset> places;
    const EdgeList back = graph.to_edges();
    for (size_t e = 0; e < edges.source.size(); ++e) {
      expected.emplace(edges.target[e], edges.source[e], weighted ? edges.weight[e] : 1.0f);
      const auto place = size_t(position[e]);
      places.insert(position[e]);
      CHECK(back.source[place] == edges.source[e]);
      CHECK(back.target[place] == edges.target[e]);
      if (weighted) CHECK(back.weight[place] == edges.weight[e]);
    }
    CHECK(places.size() == edges.source.size());
    size_t place = 0;
    for (const auto& [target, source, weight] : expected) {
      CHECK(back.target[place] == target);
      CHECK(back.source[place] == source);
      if (weighted) CHECK(back.weight[place] == weight);
      ++place;
    }
  }
}

TEST_CASE("csr: shuffled edges give the same matrix, the sign of zero included") {
  std::mt19937_64 random(2);
  const EdgeList edges = random_edges(20, 500, true, random);
  const Csr graph = Csr::from_edges(edges);
  for (int round = 0; round < 5; ++round) {
    const Csr other = Csr::from_edges(shuffled(edges, random));
    check_equal(other, graph);
    for (size_t e = 0; e < graph.weights().size(); ++e) {
      CHECK(std::signbit(other.weights()[e]) == std::signbit(graph.weights()[e]));
    }
  }
}

TEST_CASE("csr: the transposed matrix has the same edges by source") {
  std::mt19937_64 random(3);
  const EdgeList edges = random_edges(33, 400, true, random);
  const Csr graph = Csr::from_edges(edges);
  std::vector<EdgeOffset> edge;
  const Csr reversed = graph.transposed(&edge);

  check_equal(reversed, Csr::from_edges({edges.num_nodes, edges.target, edges.source, edges.weight}));
  check_equal(reversed.transposed(), graph);
  const EdgeList forward = graph.to_edges();
  const EdgeList backward = reversed.to_edges();
  for (size_t place = 0; place < edge.size(); ++place) {
    CHECK(backward.source[place] == forward.target[size_t(edge[place])]);
    CHECK(backward.target[place] == forward.source[size_t(edge[place])]);
    CHECK(backward.weight[place] == forward.weight[size_t(edge[place])]);
  }
}

TEST_CASE("csr: a rectangular matrix transposes and goes back to a list") {
  const Csr block(4, {0, 2, 3}, {3, 0, 3}, {1, 2, 3});
  const Csr reversed = block.transposed();
  CHECK(reversed.num_rows() == 4);
  CHECK(reversed.num_columns() == 2);
  CHECK(to_vector(reversed.offsets()) == std::vector<EdgeOffset>{0, 1, 1, 1, 3});
  CHECK(to_vector(reversed.columns()) == std::vector<NodeId>{0, 0, 1});
  CHECK(to_vector(reversed.weights()) == std::vector<float>{2, 1, 3});
  CHECK(block.to_edges().num_nodes == 4);
  CHECK(reversed.to_edges().num_nodes == 4);
}

TEST_CASE("csr: arrays that form no matrix are refused") {
  using Offsets = std::vector<EdgeOffset>;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS(Csr(-1, Offsets{0}, {}), "csr: the number of columns is -1", gnn::Error);
  CHECK_THROWS_WITH_AS(Csr(1, Offsets{}, {}), "csr: offsets must start with 0", gnn::Error);
  CHECK_THROWS_WITH_AS(Csr(1, Offsets{1, 1}, {0}), "csr: offsets must start with 0", gnn::Error);
  CHECK_THROWS_WITH_AS(Csr(1, Offsets{0, 2, 1}, {0}), "csr: offsets fall from 2 to 1 at row 1", gnn::Error);
  CHECK_THROWS_WITH_AS(Csr(1, Offsets{0, 2}, {0}), "csr: offsets end at 2, there are 1 columns", gnn::Error);
  CHECK_THROWS_WITH_AS(Csr(1, Offsets{0, 1}, {0}, {1, 2}), "csr: 1 edges, but 2 weights", gnn::Error);
  CHECK_THROWS_WITH_AS(Csr(2, Offsets{0, 1}, {2}), "csr: edge 0 has column 2 of 2", gnn::Error);
  CHECK_THROWS_WITH_AS(Csr(2, Offsets{0, 1}, {-1}), "csr: edge 0 has column -1 of 2", gnn::Error);
  CHECK_THROWS_WITH_AS(Csr(2, Offsets{0, 1}, {1}, {nan}), "csr: edge 0 has weight nan", gnn::Error);
}

TEST_CASE("csr: a large matrix, which is transposed in pieces, has every edge at its place") {
  // 2^17 rows of 129 edges each, that of row i to i, i + 1, i + 4, i + 9 and so on, and no square more than 128^2 on.
  constexpr NodeId rows = 1 << 17, edges_of_row = 129, columns = rows + 128 * 128;
  std::vector<EdgeOffset> offsets = {0};
  std::vector<NodeId> to;
  for (NodeId i = 0; i < rows; ++i) {
    for (NodeId k = 0; k < edges_of_row; ++k) to.push_back(i + k * k);
    offsets.push_back(EdgeOffset(to.size()));
  }
  const Csr graph(columns, offsets, to, {});
  std::vector<EdgeOffset> edge;
  const Csr reversed = graph.transposed(&edge);
  REQUIRE(edge.size() == to.size());
  std::size_t wrong = 0;
  for (NodeId j = 0; j < columns; ++j) {
    const std::size_t first = std::size_t(reversed.offsets()[std::size_t(j)]);
    const std::span<const NodeId> row = reversed.row(j);
    for (std::size_t k = 0; k < row.size(); ++k) {
      const std::size_t e = std::size_t(edge[first + k]);
      wrong += to[e] != j || NodeId(e / edges_of_row) != row[k] || (k > 0 && row[k - 1] > row[k]);
    }
  }
  CHECK(wrong == 0);
}
