// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <graphs/error.hpp>
#include <graphs/join.hpp>

using namespace gnn;
using namespace gnn::graphs;

namespace {

Csr csr(NodeId columns, std::vector<EdgeOffset> offsets, std::vector<NodeId> targets) {
  return Csr(columns, std::move(offsets), std::move(targets));
}

}  // namespace

TEST_CASE("simple_edges: ascending, each once, each worth 1") {
  const NumberedEdges simple = simple_edges(csr(4, {0, 4, 4, 5}, {3, 1, 3, 0, 2}));
  CHECK(std::vector<NodeId>(simple.edges.columns().begin(), simple.edges.columns().end()) == std::vector<NodeId>{0, 1, 3, 2});
  CHECK(simple.values == std::vector<double>{1, 1, 1, 1});
}

TEST_CASE("join: paths over a hub count less") {
  // Papers 0 and 1 share author 0; paper 1 has author 1 alone.
  const NumberedEdges papers = simple_edges(csr(2, {0, 1, 3}, {0, 0, 1})), authors = simple_edges(csr(2, {0, 2, 3}, {0, 1, 1}));
  const NumberedEdges both = join(papers, authors, JoinSize::entries);
  CHECK(std::vector<NodeId>(both.edges.columns().begin(), both.edges.columns().end()) == std::vector<NodeId>{0, 1, 0, 1});
  CHECK(both.values == std::vector<double>{0.25, 0.25, 0.25, 0.25 + 0.5});
}

TEST_CASE("join: a size is the number of edges, or the sum of their values") {
  NumberedEdges a = simple_edges(csr(1, {0, 1, 2}, {0, 0}));
  a.values = {0.5, 0.25};
  const NumberedEdges b = simple_edges(csr(1, {0, 1}, {0}));
  CHECK(join(a, b, JoinSize::entries).values == std::vector<double>{0.5 / 3, 0.25 / 3});
  CHECK(join(a, b, JoinSize::values).values == std::vector<double>{0.5 / 1.75, 0.25 / 1.75});
}

TEST_CASE("join: a node without edges on either side joins nothing, and sizes must meet") {
  const NumberedEdges a = simple_edges(csr(2, {0, 0, 1}, {1})), b = simple_edges(csr(3, {0, 1, 1}, {2}));
  const NumberedEdges none = join(a, b, JoinSize::entries);
  CHECK(none.edges.num_rows() == 2);
  CHECK(none.edges.num_columns() == 3);
  CHECK(none.values.empty());
  CHECK_THROWS_WITH_AS(join(b, a, JoinSize::entries),
                       "join: expected as many columns of the first as rows of the second, found 3 and 2", Error);
}

TEST_CASE("some_edges: the ones that are kept, with their values") {
  NumberedEdges all = simple_edges(csr(3, {0, 2, 3}, {0, 2, 1}));
  all.values = {1, 2, 3};
  const NumberedEdges some = some_edges(all, std::vector<char>{0, 1, 1});
  CHECK(some.values == std::vector<double>{2, 3});
  CHECK(some.edges.degree(0) == 1);
  CHECK(some.edges.row(0)[0] == 2);
}
