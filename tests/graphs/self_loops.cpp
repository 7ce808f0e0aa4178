// SPDX-License-Identifier: Apache-2.0
#include <graphs/self_loops.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "random_edges.hpp"

using namespace gnn;
using namespace gnn::graphs;

namespace {

bool equal(const Csr& a, const Csr& b) {
  return a.num_columns() == b.num_columns() && std::ranges::equal(a.offsets(), b.offsets()) &&
         std::ranges::equal(a.columns(), b.columns()) && std::ranges::equal(a.weights(), b.weights());
}

}  // namespace

TEST_CASE("with_self_loops: equals build_csr of the edges") {
  std::mt19937_64 random(7);
  for (const bool weighted : {false, true}) {
    EdgeList edges = random_edges(40, 300, weighted, random);
    edges.source.insert(edges.source.end(), {3, 3, 17});  // self-loops, one of them twice
    edges.target.insert(edges.target.end(), {3, 3, 17});
    if (weighted) edges.weight.insert(edges.weight.end(), {2, 1, 3});
    const Csr graph = Csr::from_edges(edges);
    for (const SelfLoops wish : {SelfLoops::keep, SelfLoops::add, SelfLoops::remove, SelfLoops::fill}) {
      CAPTURE(int(wish));
      CHECK(equal(with_self_loops(graph, wish), build_csr(EdgeList(edges), {.self_loops = wish}).graph));
    }
  }
}

TEST_CASE("with_self_loops: rows that are not sorted come out sorted, and no edges or nodes are no trouble") {
  const Csr unsorted(3, {0, 2, 2, 3}, {2, 1, 2});
  CHECK(equal(with_self_loops(unsorted, SelfLoops::add), Csr(3, {0, 3, 4, 5}, {0, 1, 2, 1, 2})));
  const Csr equal_edges(2, {0, 2, 2}, {1, 1}, {2, 1});
  CHECK(equal(with_self_loops(equal_edges, SelfLoops::fill), Csr(2, {0, 3, 4}, {0, 1, 1, 1}, {1, 1, 2, 1})));
  CHECK(equal(with_self_loops(Csr(2, {0, 0, 0}, {}), SelfLoops::add), Csr(2, {0, 1, 2}, {0, 1})));
  CHECK(equal(with_self_loops(Csr(), SelfLoops::add), Csr()));
}
