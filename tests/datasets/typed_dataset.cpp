// SPDX-License-Identifier: Apache-2.0
#include <datasets/typed_dataset.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "error_text.hpp"

namespace datasets = gnn::datasets;
namespace graphs = gnn::graphs;
using Nodes = std::vector<gnn::NodeId>;

namespace {

/// Two authors, two papers (the target, with labels), a venue without features. Paper 0 cites itself.
datasets::TypedDataset papers() {
  datasets::TypedDataset data;
  data.name = "papers";
  data.graph.types = {{"author", 2}, {"paper", 2}, {"venue", 1}};
  data.graph.relations.push_back({"author-paper", 0, 1, graphs::bipartite({2, {0, 1}, {0, 0}, {}}, 2, 2)});
  data.graph.relations.push_back({"paper-author", 1, 0, graphs::bipartite({2, {0, 0}, {0, 1}, {}}, 2, 2)});
  data.graph.relations.push_back({"paper-venue", 1, 2, graphs::bipartite({2, {1}, {0}, {}}, 1, 2)});
  data.graph.relations.push_back({"cites", 1, 1, graphs::bipartite({2, {0}, {0}, {}}, 2, 2)});
  data.features = {{2, 3, {0, 1, 2}, {2, 0}, {5, 6}}, {2, 2, {0, 1, 1}, {1}, {7}}, {1, 0, {0, 0}, {}, {}}};
  data.target = 1;
  data.labels = {1, -1};
  data.num_classes = 2;
  data.split = {"public", {0}, {}, {1}};
  data.node_names = {{"a", "b"}, {"p", "q"}, {"v"}};
  return data;
}

template <class Change>
std::string refusal(Change change) {
  auto data = papers();
  change(data);
  return gnn::test::error_text([&] { datasets::validate(data); });
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("validate typed: what does not fit is named") {
  CHECK(refusal([](auto&) {}) == "no error");
  CHECK(refusal([](auto& d) { d.labels = {0}; }) == "3 papers: labels: expected 2, one a node, found 1");
  CHECK(contains(refusal([](auto& d) { d.labels[0] = 2; }), "expected a class below 2 or -1, found 2"));
  CHECK(contains(refusal([](auto& d) { d.target = 3; }), "expected a target below 3, the node types, found 3"));
  CHECK(contains(refusal([](auto& d) { d.features.pop_back(); }), "expected 3, one a node type, found 2"));
  CHECK(contains(refusal([](auto& d) { d.features[0].rows = 1; }), "papers: author: features: expected 2 rows"));
  CHECK(contains(refusal([](auto& d) { d.split.val = {2}; }), "expected nodes below 2, found 2"));
  CHECK(contains(refusal([](auto& d) { d.node_names[1].pop_back(); }), "papers: paper: node names"));
  CHECK(contains(refusal([](auto& d) { d.node_names.pop_back(); }), "lists of node names"));
  CHECK(contains(refusal([](auto& d) { d.targets = {1, 0}; }), "targets: expected 2 x 2 values, found 2"));
  CHECK(contains(refusal([](auto& d) { d.graph.types[0].name = "paper"; }), "'paper' twice"));
}

TEST_CASE("merge_types: one simple graph with a block of columns a type") {
  const auto merged = datasets::merge_types(papers());
  CHECK(merged.num_nodes() == 5);
  CHECK(merged.graph.num_edges() == 6);
  CHECK(std::ranges::equal(merged.graph.row(2), Nodes{0, 1}));
  CHECK(std::ranges::equal(merged.graph.row(3), Nodes{4}));
  CHECK(merged.features.columns == 5);
  CHECK(merged.features.offsets == std::vector<std::int64_t>{0, 1, 2, 3, 3, 3});
  CHECK(merged.features.indices == std::vector<std::int32_t>{2, 0, 4});
  CHECK(merged.labels == std::vector<std::int32_t>{-1, -1, 1, -1, -1});
  CHECK(merged.split.train == Nodes{2});
  CHECK(merged.split.test == Nodes{3});
  CHECK(merged.node_names == std::vector<std::string>{"a", "b", "p", "q", "v"});
  CHECK(merged.notes == std::vector<std::string>{"1 self-loops removed", "1 missing reverse edges added",
                                                 "3 node types and 4 relations merged"});
}

TEST_CASE("merge_types: features of one width share their columns, types without any do not count") {
  auto data = papers();
  data.features[0] = {2, 2, {0, 1, 2}, {1, 0}, {5, 6}};
  const auto merged = datasets::merge_types(data);
  CHECK(merged.features.columns == 2);
  CHECK(merged.features.indices == std::vector<std::int32_t>{1, 0, 1});
}

TEST_CASE("merge_types: targets move with their nodes, and weights are left out with a note") {
  auto data = papers();
  data.labels = {0, -1};
  data.targets = {1, 1, 0, 0};
  data.graph.relations[2].edges = graphs::bipartite({2, {1}, {0}, {4}}, 1, 2);
  const auto merged = datasets::merge_types(data);
  CHECK(merged.targets == std::vector<std::uint8_t>{0, 0, 0, 0, 1, 1, 0, 0, 0, 0});
  CHECK(merged.graph.weights().empty());
  CHECK(merged.notes.front() == "edge weights left out");
}
