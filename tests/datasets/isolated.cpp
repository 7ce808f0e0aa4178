// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fstream>

#include <datasets/error_text.hpp>
#include <datasets/formats/isolated.hpp>
#include <support/temporary_folder.hpp>

using namespace gnn::datasets;
using gnn::NodeId;
using gnn::test::error_text;

namespace {

struct Table {
  gnn::test::TemporaryFolder folder;
  NodeTable table;

  explicit Table(const char* text, bool is_labels = false) {
    table.path = folder.path() / "t.csv";
    table.is_labels = is_labels;
    std::ofstream(table.path) << text;
  }
};

RawEdges named_edges() {
  RawEdges raw;
  raw.node_names = {"b", "d", "f"};
  raw.edges.num_nodes = 3;
  raw.edges.source = {0, 2, 1};
  raw.edges.target = {1, 0, 1};
  return raw;
}

RawEdges numbered_edges() {
  RawEdges raw = named_edges();
  raw.node_names.clear();
  return raw;
}

}  // namespace

TEST_CASE("isolated: names of tables join those of edges in sorted order, and edges keep their ends") {
  RawEdges raw = named_edges();
  const Table features("id,x\nf,1\na,2\ne,3\ng,4\n"), labels("node,label\ne,1\nz,2\nb,1\n", true);
  add_isolated_nodes(raw, {features.table, labels.table});
  CHECK(raw.node_names == std::vector<std::string>{"a", "b", "d", "e", "f", "g", "z"});
  CHECK(raw.edges.num_nodes == 7);
  CHECK(raw.edges.source == std::vector<NodeId>{1, 4, 2});
  CHECK(raw.edges.target == std::vector<NodeId>{2, 1, 2});
  CHECK(raw.notes == std::vector<std::string>{"4 nodes without edges added"});
}

TEST_CASE("isolated: a table without new nodes changes nothing") {
  RawEdges raw = named_edges();
  const Table table("id,x\nf,1\nb,2\n");
  add_isolated_nodes(raw, {table.table});
  CHECK(raw.node_names == named_edges().node_names);
  CHECK(raw.edges.source == named_edges().edges.source);
  CHECK(raw.notes.empty());
}

TEST_CASE("isolated: numbers raise the number of nodes, rows without ids do not") {
  RawEdges raw = numbered_edges();
  const Table with_ids("id,x\n5,1\n0,2\n"), without("x,y\n9,9\n8,8\n");
  add_isolated_nodes(raw, {with_ids.table, without.table});
  CHECK(raw.edges.num_nodes == 6);
  CHECK(raw.node_names.empty());
  CHECK(raw.edges.source == numbered_edges().edges.source);
  CHECK(raw.notes == std::vector<std::string>{"3 nodes without edges added"});
}

TEST_CASE("isolated: a small table cannot ask for many nodes") {
  RawEdges raw = numbered_edges();
  const Table table("id,x\n99999999999,1\n");
  CHECK(error_text([&] { add_isolated_nodes(raw, {table.table}); }).find("expected at most 1048576 nodes") != std::string::npos);
  CHECK(raw.edges.num_nodes == 3);
}
