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

RawEdges read(const std::string& text, const EdgeOptions& options = {}) {
  return read_matrix_market_edges(memory_file(text), options);
}
std::string error_of(const std::string& text, const EdgeOptions& options = {}) {
  return error_text([&] { read(text, options); });
}
Features features(const std::string& text, NodeId nodes) {
  return read_matrix_market_features(memory_file(text), nodes);
}

const std::string banner = "%%MatrixMarket matrix coordinate real general\n";

}  // namespace

TEST_CASE("matrix market: entries are edges from row to column, with their values as weights") {
  const RawEdges raw = read(banner + "% comment\n\n3 3 2\n1 2 0.5\r\n\n%\n3 1 -2e1\n");
  CHECK(raw.edges.num_nodes == 3);
  CHECK(raw.edges.source == std::vector<NodeId>{0, 2});
  CHECK(raw.edges.target == std::vector<NodeId>{1, 0});
  CHECK(raw.edges.weight == std::vector<float>{0.5f, -20});
  CHECK(!raw.is_symmetric);
}

TEST_CASE("matrix market: pattern, integer and symmetric are understood, in any case") {
  RawEdges raw = read("%%MatrixMarket MATRIX Coordinate pattern Symmetric\n3 3 2\n2 1\n1 3");
  CHECK(!raw.edges.weighted());
  CHECK(raw.is_symmetric);
  CHECK(raw.notes == std::vector<std::string>{"1 entries above the diagonal of a symmetric matrix"});
  raw = read("%%MatrixMarket matrix coordinate integer general\n1 1 1\n1 1 +7\n");
  CHECK(raw.edges.weight == std::vector<float>{7});
}

TEST_CASE("matrix market: index base, number of nodes and relabelling are obeyed") {
  EdgeOptions options;
  options.index_base = 0;
  options.num_nodes = 5;
  RawEdges raw = read(banner + "3 3 1\n0 2 1\n", options);
  CHECK(raw.edges.num_nodes == 5);
  CHECK(raw.edges.target == std::vector<NodeId>{2});
  options.num_nodes = 2;
  CHECK(error_of(banner + "3 3 1\n0 2 1\n", options) ==
        "3 x:2:1: expected at most 2 nodes, as asked for, found 3");
  options = {};
  options.relabel = true;
  raw = read(banner + "2000000000 2000000000 1\n7 1999999999 1\n", options);
  CHECK(raw.edges.num_nodes == 2);
  CHECK(raw.node_names == std::vector<std::string>{"7", "1999999999"});
}

TEST_CASE("matrix market: a text of many pieces is read like a short one, and errors count its lines") {
  std::string text = banner + "1000 1000 600000\n";
  for (int i = 0; i < 600000; ++i)
    text += std::to_string(i % 1000 + 1) + " " + std::to_string(i / 1000 + 1) + " 0.25\n";
  const RawEdges raw = read(text);
  REQUIRE(raw.edges.source.size() == 600000);
  bool same = true;
  for (int i = 0; i < 600000; ++i)
    same =
        same && raw.edges.source[std::size_t(i)] == i % 1000 && raw.edges.target[std::size_t(i)] == i / 1000;
  CHECK(same);
  text += "1 x 1\n";
  CHECK(error_of(text) == "3 x:600003:3: expected a column from 1 to 1000 (declared in line 2), found 'x'");
}

TEST_CASE("matrix market: every malformed file is refused with line and column") {
  CHECK(error_of("") == "3 x:1:1: expected the banner '%%MatrixMarket matrix ...', found an empty file");
  CHECK(error_of("%MatrixMarket matrix coordinate real general\n1 1 0\n") ==
        "3 x:1:1: expected the banner '%%MatrixMarket matrix ...', found '%MatrixMarket'");
  CHECK(error_of("%%MatrixMarket vector coordinate real general\n").find("3 x:1:16: expected 'matrix'") == 0);
  CHECK(error_of("%%MatrixMarket matrix coordinate complex general\n")
            .find("3 x:1:34: expected 'pattern', 'real'") == 0);
  CHECK(error_of("%%MatrixMarket matrix coordinate real skew-symmetric\n")
            .find("3 x:1:39: expected 'general'") == 0);
  CHECK(error_of("%%MatrixMarket matrix coordinate real\n1 1 0\n").find("found the end of the line") !=
        std::string::npos);
  CHECK(error_of("%%MatrixMarket matrix array real general\n1 1\n1\n") ==
        "3 x:1:1: expected a 'coordinate' matrix as edges, found 'array'");
  CHECK(error_of(banner + "% only comments\n") ==
        "3 x:3:1: expected a line of sizes, found the end of the file");
  CHECK(error_of(banner + "2 2\n").find("3 x:2:4: expected a number of entries, found the end of the line") ==
        0);
  CHECK(error_of(banner + "-3 3 1\n").find("3 x:2:1: expected a number of rows") == 0);
  CHECK(error_of(banner + "3 9999999999999999999999 1\n").find("3 x:2:3: expected a number of columns") == 0);
  CHECK(error_of(banner + "3 4 1\n1 1 1\n") ==
        "3 x:2:3: expected a square matrix as edges, found 3 rows and 4 columns");
  CHECK(error_of(banner + "2000000000 2000000000 1\n1 1 1\n") ==
        "3 x:2:1: expected at most 1048576 nodes in a file of 1 edges, found 2000000000");
  CHECK(error_of(banner + "2 2 1\n0 1 1\n") ==
        "3 x:3:1: expected a row from 1 to 2 (declared in line 2), found '0'");
  CHECK(error_of(banner + "2 2 1\n1 3 1\n") ==
        "3 x:3:3: expected a column up to 2 (declared in line 2), found 3");
  CHECK(error_of(banner + "2 2 1\n1.0 1 1\n").find("3 x:3:1: expected a row") == 0);
  CHECK(error_of(banner + "2 2 1\n1 1 x\n") == "3 x:3:5: expected a finite number, found 'x'");
  CHECK(error_of(banner + "2 2 1\n1 1 nan\n") == "3 x:3:5: expected a finite number, found 'nan'");
  CHECK(error_of(banner + "2 2 1\n1 1 1e39\n") == "3 x:3:5: expected a finite number, found '1e39'");
  CHECK(error_of(banner + "2 2 1\n1 1\n") ==
        "3 x:3:4: expected 3 fields, row, column and value, found the end of the line");
  CHECK(error_of(banner + "2 2 1\n1 1 1 9\n") ==
        "3 x:3:7: expected 3 fields, row, column and value, found '9'");
  CHECK(error_of("%%MatrixMarket matrix coordinate integer general\n2 2 1\n1 1 1.5\n") ==
        "3 x:3:5: expected a whole number, found '1.5'");
  CHECK(error_of(banner + "2 2 3\n1 1 1\n2 2 1\n") ==
        "3 x:4:1: expected 3 entries (declared in line 2), found 2");
  CHECK(error_of(banner + "2 2 1\n1 1 1\n\n2 2 1\n") ==
        "3 x:5:1: expected 1 entries (declared in line 2), found 2");
  CHECK(error_of(banner + "2 2 9223372036854775807\n1 1 1\n").find("found 1") != std::string::npos);
}

TEST_CASE("matrix market: features come from coordinate and array files") {
  Features sparse = features("%%MatrixMarket matrix coordinate pattern general\n2 3 3\n2 3\n1 2\n2 1\n", 2);
  CHECK(sparse.offsets == std::vector<std::int64_t>{0, 1, 3});
  CHECK(sparse.indices == std::vector<std::int32_t>{1, 0, 2});
  CHECK(sparse.values == std::vector<float>{1, 1, 1});
  CHECK(sparse.columns == 3);
  Features dense = features("%%MatrixMarket matrix array real general\n2 3\n1\n0\n0\n4\n2.5\n6\n", 2);
  CHECK(dense.offsets == std::vector<std::int64_t>{0, 2, 4});
  CHECK(dense.indices == std::vector<std::int32_t>{0, 2, 1, 2});
  CHECK(dense.values == std::vector<float>{1, 2.5f, 4, 6});

  const auto error = [](const std::string& text) { return error_text([&] { features(text, 2); }); };
  CHECK(error(banner + "3 3 1\n1 1 1\n") == "3 x:2:1: expected 2 rows, one a node, found 3");
  CHECK(error(banner + "2 2147483647 1\n1 1 1\n").find("3 x:2:1: expected at most 1048576 columns") == 0);
  CHECK(error(banner + "2 2 2\n1 1 1\n1 1 2\n") == "3 x: row 0, column 0: expected one entry, found two");
  CHECK(error("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n") ==
        "3 x:5:1: expected 4 entries (declared in line 2), found 3");
  CHECK(error("%%MatrixMarket matrix array real symmetric\n2 2\n").find("3 x:1:34: expected 'general'") == 0);
}
