// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <datasets/formats/edge_readers.hpp>
#include <datasets/formats/feature_readers.hpp>

#include "error_text.hpp"
#include "memory_file.hpp"

using namespace gnn;
using namespace gnn::datasets;
using gnn::test::error_text;
using gnn::test::memory_file;

namespace {

RawEdges metis(const std::string& text, const EdgeOptions& options = {}) {
  return read_metis_edges(memory_file(text), options);
}
std::string metis_error(const std::string& text) {
  return error_text([&] { metis(text); });
}

Features svmlight(const std::string& text, NodeId nodes, Labels* labels = nullptr) {
  return read_svmlight_features(memory_file(text), nodes, labels);
}
std::string svmlight_error(const std::string& text, NodeId nodes = 1) {
  Labels labels;
  return error_text([&] { svmlight(text, nodes, &labels); });
}

}  // namespace

TEST_CASE("metis: line k lists the neighbours of node k, an empty line none") {
  const RawEdges raw = metis("% c\n4 2\n2 3\n1\n% c\n1\n\n");
  CHECK(raw.edges.num_nodes == 4);
  CHECK(raw.edges.source == std::vector<NodeId>{0, 0});
  CHECK(raw.edges.target == std::vector<NodeId>{1, 2});
  CHECK(!raw.edges.weighted());
  CHECK(raw.is_symmetric);
}

TEST_CASE("metis: vertex sizes and weights are skipped, edge weights kept") {
  const RawEdges raw = metis("3 2 111 2\n9 8 7 2 1.5\n9 8 7 1 1.5 3 4\n9 8 7 2 4\n");
  CHECK(raw.edges.source == std::vector<NodeId>{0, 1});
  CHECK(raw.edges.target == std::vector<NodeId>{1, 2});
  CHECK(raw.edges.weight == std::vector<float>{1.5f, 4});
  CHECK(raw.notes == std::vector<std::string>{"9 vertex weights and sizes skipped"});
  CHECK(metis("2 1 011\n1 2 5\n1 1 5\n").edges.weight == std::vector<float>{5});
  CHECK(metis("2 1 1\n2 5\n1 5\n").edges.weight == std::vector<float>{5});
}

TEST_CASE("metis: relabelling keeps the nodes that have edges") {
  EdgeOptions options;
  options.relabel = true;
  const RawEdges raw = metis("3 1\n\n3\n2\n", options);
  CHECK(raw.node_names == std::vector<std::string>{"2", "3"});
  CHECK(raw.edges.num_nodes == 2);
}

TEST_CASE("metis: every malformed file is refused") {
  CHECK(metis_error("") == "3 x:1:1: expected a line of sizes, found the end of the file");
  CHECK(metis_error("x 1\n").find("3 x:1:1: expected a number of nodes") == 0);
  CHECK(metis_error("2\n").find("3 x:1:2: expected a number of edges, found the end of the line") == 0);
  CHECK(metis_error("2 1 2\n").find("3 x:1:5: expected a format of up to three digits") == 0);
  CHECK(metis_error("2 1 11 0\n").find("3 x:1:8: expected a number of vertex weights from 1") == 0);
  CHECK(metis_error("2 1 1 1\n") == "3 x:1:7: expected the end of the sizes, found '1'");
  CHECK(metis_error("2 1\n2\n") == "3 x:2:1: expected 2 lines of neighbours (declared in line 1), found 1");
  CHECK(metis_error("2147483647 1\n2\n1\n").find("expected 2147483647 lines of neighbours") !=
        std::string::npos);
  CHECK(metis_error("2 1\n3\n1\n") == "3 x:2:1: expected a node from 1 to 2 (declared in line 1), found '3'");
  CHECK(metis_error("2 1\n2\n0\n") == "3 x:3:1: expected a node from 1 to 2 (declared in line 1), found '0'");
  CHECK(metis_error("2 1\n1\n1\n") == "3 x:2:1: expected another node than the line's own, found '1'");
  CHECK(metis_error("2 1 1\n2 0\n1 0\n") == "3 x:2:3: expected an edge weight above 0, found '0'");
  CHECK(metis_error("2 1 1\n2\n1 1\n") == "3 x:2:2: expected an edge weight, found the end of the line");
  CHECK(metis_error("2 1 10\nx 2\n1 1\n") == "3 x:2:1: expected a vertex weight, found 'x'");
  CHECK(metis_error("2 1\n2\n1\n1\n") == "3 x:4:1: expected the end of the file after 2 nodes, found '1'");
  CHECK(metis_error("2 2\n2\n1\n") == "3 x:1:1: expected 4 neighbours for 2 edges, found 2");
  CHECK(metis_error("3 1\n2 3\n\n\n") ==
        "3 x: expected edge 1 2 as often in the line of either node, found it more often in that of node 1");
  CHECK(metis_error("3 2\n2\n1 3\n1\n") ==
        "3 x: expected edge 1 3 as often in the line of either node, found it more often in that of node 3");
  CHECK(metis_error("2 1 1\n2 5\n1 6\n") ==
        "3 x: expected one weight for edge 1 2 in the lines of both nodes, found 5 and 6");
}

TEST_CASE("svmlight: features count from 1 unless 0 occurs, labels become classes") {
  Labels labels;
  Features features = svmlight("# c\n+1 1:0.5 3:-2e0 # tail\n\n-1 2:1\n1\n", 3, &labels);
  CHECK(features.columns == 3);
  CHECK(features.offsets == std::vector<std::int64_t>{0, 2, 3, 3});
  CHECK(features.indices == std::vector<std::int32_t>{0, 2, 1});
  CHECK(features.values == std::vector<float>{0.5f, -2, 1});
  CHECK(labels.labels == std::vector<std::int32_t>{1, 0, 1});
  CHECK(labels.class_names == std::vector<std::string>{"-1", "1"});
  CHECK(labels.num_classes == 2);
  features = svmlight("1 0:1 2:3\n0 1:1\n", 2, &labels);
  CHECK(features.indices == std::vector<std::int32_t>{0, 2, 1});
  CHECK(labels.labels == std::vector<std::int32_t>{1, 0});
  CHECK(labels.class_names.empty());
  CHECK(svmlight("2.5 1:1\n", 1).values == std::vector<float>{1});
}

TEST_CASE("svmlight: every malformed line is refused with its column") {
  CHECK(svmlight_error("1.5 1:1\n") == "3 x:1:1: expected a whole number as the label, found '1.5'");
  CHECK(svmlight_error("1,2 1:1\n") == "3 x:1:1: expected a whole number as the label, found '1,2'");
  CHECK(svmlight_error("1 5\n") == "3 x:1:3: expected INDEX:VALUE, found '5'");
  CHECK(svmlight_error("1 qid:5 1:1\n").find("3 x:1:3: expected an index from 0") == 0);
  CHECK(svmlight_error("1 -1:5\n").find("found '-1'") != std::string::npos);
  CHECK(svmlight_error("1 2:1 2:1\n") == "3 x:1:7: expected an index above 2, found '2'");
  CHECK(svmlight_error("1 3:1 2:1\n") == "3 x:1:7: expected an index above 3, found '2'");
  CHECK(svmlight_error("1 3:inf\n") == "3 x:1:5: expected a finite number, found 'inf'");
  CHECK(svmlight_error("1 3:\n") == "3 x:1:5: expected a finite number, found ''");
  CHECK(svmlight_error("1 3:1\n2 1:1\n") == "3 x: expected 1 rows, one a node, found 2");
  CHECK(svmlight_error("1 2147483646:1\n").find("expected at most 1048576 columns of features") !=
        std::string::npos);
}
