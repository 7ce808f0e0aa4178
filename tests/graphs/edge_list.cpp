// SPDX-License-Identifier: Apache-2.0
#include <graphs/edge_list.hpp>

#include <doctest/doctest.h>

#include <limits>

#include <graphs/error.hpp>

using namespace gnn::graphs;

TEST_CASE("validate: accepts duplicates, self-loops, no edges and no nodes") {
  validate({});
  validate({3, {}, {}, {}});
  validate({3, {0, 0, 2}, {1, 1, 2}, {}});
  validate({3, {0, 0, 2}, {1, 1, 2}, {1, -2, 0}});
}

TEST_CASE("validate: says what is wrong") {
  CHECK_THROWS_WITH_AS(validate({-1, {}, {}, {}}), "edge list: the number of nodes is -1", gnn::Error);
  CHECK_THROWS_WITH_AS(validate({3, {0, 1}, {1}, {}}), "edge list: 2 sources, but 1 targets", gnn::Error);
  CHECK_THROWS_WITH_AS(validate({3, {0, 1}, {1, 2}, {1}}), "edge list: 2 edges, but 1 weights", gnn::Error);
  CHECK_THROWS_WITH_AS(validate({3, {0, 3}, {1, 2}, {}}),
                       "edge list: edge 1 goes from 3 to 2, the graph has 3 nodes", gnn::Error);
  CHECK_THROWS_WITH_AS(validate({3, {0, 1}, {-1, 2}, {}}),
                       "edge list: edge 0 goes from 0 to -1, the graph has 3 nodes", gnn::Error);
  CHECK_THROWS_WITH_AS(validate({3, {0}, {1}, {std::numeric_limits<float>::infinity()}}),
                       "edge list: edge 0 has weight inf", gnn::Error);
}

TEST_CASE("validate: a bad list is an error of the input") {
  try {
    validate({1, {0}, {1}, {}});
    FAIL("accepted");
  } catch (const gnn::Error& error) {
    CHECK(error.kind() == gnn::ErrorKind::input);
  }
}
