// SPDX-License-Identifier: Apache-2.0
#include <datasets/planetoid.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <datasets/pickle.hpp>
#include <datasets/planetoid_tables.hpp>
#include <datasets/registry.hpp>
#include <graphs/file.hpp>

#include "error_text.hpp"
#include "tiny_planetoid.hpp"

namespace datasets = gnn::datasets;
namespace pickle = gnn::test::pickle;

namespace {

/// The error that the tiny set gives when `part` has other bytes.
std::string refusal(const std::string& part, const std::string& bytes) {
  gnn::test::TemporaryFolder folder;
  auto parts = gnn::test::tiny_planetoid();
  parts.at(part) = bytes;
  gnn::test::write_planetoid(folder, parts);
  return gnn::test::error_text([&] { datasets::read_planetoid(folder.path(), "tiny"); });
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("planetoid: the eight files become one set") {
  gnn::test::TemporaryFolder folder;
  gnn::test::write_planetoid(folder, gnn::test::tiny_planetoid());
  const auto data = datasets::read_planetoid(folder.path(), "tiny");
  CHECK(data.name == "tiny");
  CHECK(data.num_nodes() == 8);
  CHECK(data.num_classes == 2);
  CHECK(data.labels == std::vector<std::int32_t>{0, 1, 1, 0, 1, 0, -1, 1});
  CHECK(data.features.columns == 4);
  // Row 0 of tx belongs to node 7, the first line of test.index; node 6 has no row.
  CHECK(data.features.offsets == std::vector<std::int64_t>{0, 2, 3, 3, 5, 6, 8, 8, 9});
  CHECK(data.features.indices == std::vector<std::int32_t>{0, 2, 1, 2, 3, 0, 0, 1, 3});
  CHECK(data.split.name == "public");
  CHECK(data.split.train == std::vector<gnn::NodeId>{0, 1});
  CHECK(data.split.val == std::vector<gnn::NodeId>{2, 3, 4});
  CHECK(data.split.test == std::vector<gnn::NodeId>{5, 7});
}

TEST_CASE("planetoid: the graph is symmetric and simple, and the notes say what was done") {
  gnn::test::TemporaryFolder folder;
  gnn::test::write_planetoid(folder, gnn::test::tiny_planetoid());
  const auto data = datasets::read_planetoid(folder.path(), "tiny");
  CHECK(data.graph.num_edges() == 6);
  const auto neighbours = [&](gnn::NodeId node) {
    const auto row = data.graph.row(node);
    return std::vector<gnn::NodeId>(row.begin(), row.end());
  };
  CHECK(neighbours(0) == std::vector<gnn::NodeId>{1});
  CHECK(neighbours(2).empty());
  CHECK(neighbours(4) == std::vector<gnn::NodeId>{5});
  CHECK(neighbours(5) == std::vector<gnn::NodeId>{4});
  CHECK(data.notes == std::vector<std::string>{"1 nodes without features and label",
                                               "2 duplicate entries merged", "1 self-loops removed",
                                               "1 missing reverse edges added"});
}

TEST_CASE("planetoid: a missing file beside its siblings is named") {
  gnn::test::TemporaryFolder folder;
  auto parts = gnn::test::tiny_planetoid();
  parts.erase("graph");
  gnn::test::write_planetoid(folder, parts);
  const std::string text = gnn::test::error_text([&] { datasets::read_planetoid(folder.path(), "tiny"); });
  CHECK(contains(text, "3 ind.tiny.graph: no such file beside ind.tiny.x, "));
  CHECK(contains(text, "expected all eight files of the set, found 7"));
}

TEST_CASE("planetoid: a folder without any of the files is a file error") {
  gnn::test::TemporaryFolder folder;
  const auto read = [&] { datasets::read_planetoid(folder.path(), "tiny"); };
  CHECK(contains(gnn::test::error_text(read), "4 " + folder.path().string()));
}

TEST_CASE("planetoid: files that do not fit together are refused") {
  const auto matrix = [](const auto& rows, std::int32_t columns) {
    return pickle::file(pickle::matrix(rows, columns));
  };
  using Rows = std::vector<std::vector<std::int32_t>>;
  CHECK(refusal("y", pickle::file(pickle::one_hot({0}, 2))) ==
        "3 ind.tiny.y: expected 2 rows as in ind.tiny.x, found 1");
  CHECK(refusal("ty", pickle::file(pickle::one_hot({0}, 2))) ==
        "3 ind.tiny.ty: expected 2 rows as in ind.tiny.tx, found 1");
  CHECK(refusal("ty", pickle::file(pickle::one_hot({0, 0}, 3))) ==
        "3 ind.tiny.ty: expected 2 columns as in ind.tiny.ally, found 3");
  CHECK(refusal("tx", matrix(Rows{{3}, {0}}, 5)) ==
        "3 ind.tiny.tx: expected 4 columns as in ind.tiny.allx, found 5");
  CHECK(refusal("x", matrix(Rows{{0, 3}, {1}}, 4)) ==
        "3 ind.tiny.x: expected the first rows of ind.tiny.allx, found other rows");
  CHECK(refusal("y", pickle::file(pickle::one_hot({1, 1}, 2))) ==
        "3 ind.tiny.y: expected the first rows of ind.tiny.ally, found other rows");
  CHECK(contains(refusal("graph", pickle::file(pickle::lists({}))), "found '7'"));
}

TEST_CASE("planetoid: test.index has one new node a line") {
  CHECK(refusal("test.index", "7\nabc\n") ==
        "3 ind.tiny.test.index:2: expected a node number from 0 to 7, found 'abc'");
  CHECK(contains(refusal("test.index", "-1\n5\n"), "ind.tiny.test.index:1"));
  CHECK(contains(refusal("test.index", "7\n8\n"), "found '8'"));
  CHECK(contains(refusal("test.index", "7\n\n5\n"), ":2: expected a node number from 0 to 7, found ''"));
  CHECK(contains(refusal("test.index", "7\n99999999999999999999\n"), ":2:"));
  CHECK(contains(refusal("test.index", "7\n7\n"), ":2: expected each node once, found 7 again"));
  CHECK(
      contains(refusal("test.index", "7\n4\n"), ":2: expected a node after the 5 of ind.tiny.allx, found 4"));
  CHECK(contains(refusal("test.index", "7\n"), "expected 2 lines, the rows as in ind.tiny.tx, found 1"));
  CHECK(refusal("test.index", "7\r\n5") == "no error");
}

TEST_CASE("planetoid: a matrix must be valid CSR") {
  const auto text = [](const std::string& indptr, const std::string& indices, const std::string& data) {
    return refusal("x", pickle::file(pickle::raw_matrix(2, 4, indptr, indices, data)));
  };
  using Ints = std::vector<std::int32_t>;
  using Floats = std::vector<float>;
  const auto good = pickle::array(Ints{0, 2, 3});
  const auto columns = pickle::array(Ints{0, 2, 1});
  const auto ones = pickle::array(Floats{1, 1, 1});
  CHECK(text(good, columns, ones) == "no error");
  CHECK(contains(text(good, columns, pickle::array(Floats{1, 1})), "data: expected 3 numbers"));
  CHECK(contains(text(pickle::array(Ints{0, 3}), columns, ones), "indptr: expected 3 numbers"));
  CHECK(contains(text(pickle::array(Ints{0, 2, 2}), columns, ones), "offsets from 0 to 3, found 0 to 2"));
  CHECK(
      contains(text(pickle::array(Ints{0, 4, 3}), columns, ones), "never fall, found 3 at the end of row 1"));
  CHECK(contains(text(pickle::array(Floats{0, 2, 3}), columns, ones), "indptr: expected integers"));
  CHECK(contains(text(good, pickle::array(Ints{0, 4, 1}), ones), "row 0: expected columns below 4, found 4"));
  CHECK(contains(text(good, pickle::array(Ints{2, 0, 1}), ones), "ascending columns, found 0 after 2"));
  CHECK(contains(text(good, pickle::array(Ints{2, 2, 1}), ones), "ascending columns, found 2 after 2"));
  CHECK(contains(text(good, columns, pickle::array(Floats{1, 1, NAN})),
                 "row 1, column 1: expected a finite number"));
  const auto doubles = pickle::raw_array("f8", {3}, pickle::bytes_of(std::vector<double>{1, 1e39, 1}));
  CHECK(contains(text(good, columns, doubles), "in the range of float, found 1e+39"));
  const auto longs =
      pickle::raw_array("i8", {3}, pickle::bytes_of(std::vector<std::int64_t>{0, 1LL << 40, 1}));
  CHECK(contains(text(good, longs, ones), "found 1099511627776"));
  CHECK(contains(refusal("x", pickle::file("N")), "expected a sparse matrix"));
}

TEST_CASE("planetoid: labels are one-hot rows") {
  using Ints = std::vector<std::int32_t>;
  const auto text = [](const Ints& values) {
    return refusal("y", pickle::file(pickle::raw_array("i4", {2, 2}, pickle::bytes_of(values))));
  };
  CHECK(contains(text({1, 1, 0, 1}),
                 "row 0, column 1: expected a single 1 and otherwise 0 in a row, found a second 1"));
  CHECK(
      contains(text({1, 0, 0, 2}), "row 1, column 1: expected a single 1 and otherwise 0 in a row, found 2"));
  CHECK(contains(refusal("y", pickle::file(pickle::raw_array("i4", {2}, "12345678"))), "2 dimensions"));
  CHECK(contains(refusal("y", pickle::file(pickle::raw_array("i4", {2147483647, 0}, ""))),
                 "a column for each class"));
}

TEST_CASE("planetoid: the keys of the graph are its nodes") {
  CHECK(contains(refusal("graph", pickle::file(pickle::lists({{0, {}}, {2, {}}}))),
                 "from 0 to 1 once as a key, found 2"));
  CHECK(contains(refusal("graph", pickle::file(pickle::lists({{0, {}}, {0, {}}}))), "found 0 twice"));
  CHECK(contains(refusal("graph", pickle::file(pickle::lists({{0, {-2}}}))),
                 "node 0: expected neighbours from 0 to 0, found -2"));
  CHECK(contains(refusal("graph", pickle::file("]")), "expected a dictionary of neighbour lists"));
}

TEST_CASE("planetoid: Citeseer has 9104 edges, and 15 nodes without features and label") {
  const char* folder = std::getenv("GNN_DATA_DIR");
  if (!folder) {
    MESSAGE("skipped: GNN_DATA_DIR is not set");
    return;
  }
  const auto data = datasets::read_planetoid(std::filesystem::path(folder) / "citeseer", "citeseer");
  CHECK(data.num_nodes() == 3327);
  CHECK(data.graph.num_edges() == 9104);
  CHECK(data.features.columns == 3703);
  CHECK(std::count(data.labels.begin(), data.labels.end(), -1) == 15);
  CHECK(data.split.train.size() == 120);
  CHECK(data.split.val.size() == 500);
  CHECK(data.split.test.size() == 1000);
  CHECK(data.notes == std::vector<std::string>{"15 nodes without features and label",
                                               "236 duplicate entries merged", "124 self-loops removed"});
}

TEST_CASE("planetoid: Pubmed reads once ind.pubmed.allx is there; here one whose other rows are made up") {
  const char* folder = std::getenv("GNN_DATA_DIR");
  if (!folder) {
    MESSAGE("skipped: GNN_DATA_DIR is not set");
    return;
  }
  const auto given = std::filesystem::path(folder) / "pubmed";
  gnn::test::TemporaryFolder copy;
  for (const std::string_view part : datasets::planetoid_parts) {
    const std::string file = "ind.pubmed." + std::string(part);
    if (part != "allx") std::filesystem::create_symlink(given / file, copy.path() / file);
  }
  // The first rows must be those of x; the published file has 18717 in all.
  const gnn::graphs::MappedFile mapped(given / "ind.pubmed.x");
  const auto x = datasets::to_features(gnn::datasets::pickle::read(mapped.bytes(), "x"), "x");
  std::vector<std::int32_t> offsets(x.offsets.begin(), x.offsets.end()), columns(x.indices.begin(), x.indices.end());
  std::vector<float> values = x.values;
  while (offsets.size() < 18718) {
    columns.push_back(static_cast<std::int32_t>(offsets.size() % 500));
    values.push_back(0.5f);
    offsets.push_back(static_cast<std::int32_t>(columns.size()));
  }
  copy.write("ind.pubmed.allx",
             gnn::test::pickle::file(gnn::test::pickle::raw_matrix(18717, 500, gnn::test::pickle::array(offsets), gnn::test::pickle::array(columns),
                                               gnn::test::pickle::array(values))));
  const auto data = datasets::load("pubmed", copy.path());
  CHECK(data.num_nodes() == 19717);
  CHECK(data.graph.num_edges() == 88648);
  CHECK(data.features.columns == 500);
  CHECK(data.num_classes == 3);
  CHECK(std::count(data.labels.begin(), data.labels.end(), 0) == 4103);
  CHECK(std::count(data.labels.begin(), data.labels.end(), 2) == 7875);
  CHECK(data.split.train.size() == 60);
  CHECK(data.split.test.size() == 1000);
  const auto split = datasets::published_split(data, "pubmed", folder, 0);
  CHECK(split.train.size() == 9463);
  CHECK(split.test.size() == 3944);
}
