// SPDX-License-Identifier: Apache-2.0
#include <graphs/typed_graph.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include <graphs/error.hpp>

namespace graphs = gnn::graphs;
using Nodes = std::vector<gnn::NodeId>;

namespace {

/// Two papers and three authors: authors 0 and 2 wrote paper 0, author 2 wrote paper 1.
graphs::TypedGraph papers() {
  graphs::TypedGraph graph;
  graph.types = {{"paper", 2}, {"author", 3}};
  graph.relations.push_back({"author-paper", 1, 0, graphs::bipartite({3, {0, 2, 2}, {0, 0, 1}, {}}, 2, 3)});
  return graph;
}

template <class Action>
std::string refusal(Action action) {
  try {
    action();
  } catch (const gnn::Error& error) {
    return std::to_string(int(error.kind())) + " " + error.what();
  }
  return "no error";
}

template <class Change>
std::string invalid(Change change) {
  auto graph = papers();
  change(graph);
  return refusal([&] { graphs::validate(graph); });
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("bipartite: rows are targets, columns sources, each in its own numbers") {
  const auto graph = papers();
  const graphs::Csr& edges = graph.relations[0].edges;
  CHECK(edges.num_rows() == 2);
  CHECK(edges.num_columns() == 3);
  CHECK(std::ranges::equal(edges.row(0), Nodes{0, 2}));
  CHECK(std::ranges::equal(edges.row(1), Nodes{2}));
  const auto weighted = graphs::bipartite({3, {2, 0}, {0, 0}, {5, 7}}, 1, 3);
  CHECK(std::ranges::equal(weighted.weights(), std::vector<float>{7, 5}));
}

TEST_CASE("bipartite: an edge outside the bounds is refused") {
  CHECK(refusal([] { graphs::bipartite({3, {0}, {2}, {}}, 2, 3); }) ==
        "3 typed graph: expected targets below 2, found 2");
  CHECK(contains(refusal([] { graphs::bipartite({3, {2}, {0}, {}}, 3, 2); }), "column 2 of 2"));
  CHECK(contains(refusal([] { graphs::bipartite({1, {0}, {0}, {}}, 2, 1); }), "expected at most 1"));
}

TEST_CASE("typed graph: what does not fit is named") {
  CHECK(invalid([](auto&) {}) == "no error");
  CHECK(invalid([](auto& g) { g.types[1].name = "paper"; }) ==
        "3 typed graph: expected a different name for each node type, found 'paper' twice");
  CHECK(contains(invalid([](auto& g) { g.relations.push_back(g.relations[0]); }), "for each relation"));
  CHECK(contains(invalid([](auto& g) { g.relations[0].source = 2; }), "expected node types below 2, found 2"));
  CHECK(contains(invalid([](auto& g) { g.types[0].count = 3; }),
                 "expected 3 targets and 3 sources as its types have, found 2 and 3"));
  CHECK(contains(invalid([](auto& g) { g.types[0].count = -1; }), "expected a count of at least 0, found -1"));
}

TEST_CASE("reversed: sources and targets change places") {
  const auto relation = graphs::reversed(papers().relations[0], "paper-author");
  CHECK(relation.name == "paper-author");
  CHECK(relation.source == 0);
  CHECK(relation.target == 1);
  CHECK(std::ranges::equal(relation.edges.row(0), Nodes{0}));
  CHECK(relation.edges.row(1).empty());
  CHECK(std::ranges::equal(relation.edges.row(2), Nodes{0, 1}));
}

TEST_CASE("add_reverse_relations: adds what is missing, once") {
  auto graph = papers();
  CHECK(graphs::add_reverse_relations(graph) == 1);
  REQUIRE(graph.relations.size() == 2);
  CHECK(graph.relations[1].name == "rev-author-paper");
  CHECK(graph.relations[1].edges.num_rows() == 3);
  CHECK(graphs::add_reverse_relations(graph) == 0);
  // A relation of the same types with other edges is no reverse.
  graph.relations[1].edges = graphs::bipartite({3, {0}, {1}, {}}, 3, 2);
  graph.relations[1].name = "cited-by";
  CHECK(graphs::add_reverse_relations(graph) == 2);
}

TEST_CASE("add_reverse_relations: a symmetric relation is its own reverse") {
  graphs::TypedGraph graph;
  graph.types = {{"paper", 2}};
  graph.relations.push_back({"cites", 0, 0, graphs::bipartite({2, {0, 1}, {1, 0}, {}}, 2, 2)});
  CHECK(graphs::add_reverse_relations(graph) == 0);
}

TEST_CASE("merge_types: types stand behind one another") {
  auto graph = papers();
  const auto merged = graphs::merge_types(graph);
  CHECK(merged.num_nodes == 5);
  CHECK(merged.source == Nodes{2, 4, 4});
  CHECK(merged.target == Nodes{0, 0, 1});
  CHECK(merged.weight.empty());
  graph.relations.push_back({"cites", 0, 0, graphs::bipartite({2, {0}, {1}, {3}}, 2, 2)});
  CHECK(graphs::merge_types(graph).weight == std::vector<float>{1, 1, 1, 3});
}
