// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/ppi.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <span>

#include <datasets/formats/npy.hpp>
#include <datasets/input_file.hpp>
#include <datasets/registry.hpp>
#include <support/temporary_folder.hpp>

#include "error_text.hpp"

namespace datasets = gnn::datasets;
using Ids = std::vector<std::int32_t>;
using Nodes = std::vector<gnn::NodeId>;

namespace {

template <class T>
std::string npy(const std::string& descr, std::vector<std::size_t> shape, const std::vector<T>& values) {
  const auto bytes = datasets::make_npy(descr, shape, std::as_bytes(std::span(values)));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Six nodes: the path 0-1-2 and the node 3 are graph 1, which trains; 4 validates; 5 tests. Node 0 has a self-loop.
void write_graphsage(const gnn::test::TemporaryFolder& folder) {
  folder.write("tiny-G.json",
               R"({"directed": false, "graph": {"a": [1, {"b": null}]}, "nodes": [
{"test": false, "id": 0, "val": false}, {"id": 1}, {"id": 2}, {"id": 3, "name": "\u00e9\n"},
{"id": 4, "val": true, "test": false}, {"id": 5, "test": true}],
"links": [{"source": 0, "target": 0}, {"source": 0, "target": 1}, {"source": 2, "target": 1}], "multigraph": false})");
  folder.write("tiny-id_map.json", R"({"0": 0, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5})");
  folder.write("tiny-class_map.json",
               R"({"1": [1, 0], "0": [1, 1], "2": [0, 0], "3": [0, 1], "5": [1, 0]})");
  folder.write("tiny-feats.npy", npy<double>("<f8", {6, 2}, {1, 0, 1, 0, 3, 0, 3, 0, 5, 7, 0, 0}));
  folder.write("tissue_graph_id.npy", npy<std::int64_t>("<i8", {6}, {7, 7, 7, 7, 8, 9}));
  folder.write("labels-exact-row.npy", npy<std::uint8_t>("|b1", {6}, {1, 1, 0, 1, 1, 1}));
}

/// The error when one file has other bytes.
std::string refusal(const std::string& file, const std::string& bytes) {
  gnn::test::TemporaryFolder folder;
  write_graphsage(folder);
  folder.write(file, bytes);
  std::string text = gnn::test::error_text([&] { datasets::read_graphsage(folder.path(), "tiny"); });
  const std::string path = folder.path().string() + "/";
  for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path)) text.erase(at, path.size());
  return text;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("graphsage: the files become one set of many graphs") {
  gnn::test::TemporaryFolder folder;
  write_graphsage(folder);
  const auto data = datasets::load(folder.path().string(), {});
  CHECK(data.num_nodes() == 6);
  CHECK(data.graph.num_edges() == 4);
  CHECK(data.num_classes == 2);
  CHECK(data.targets == std::vector<std::uint8_t>{1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0});
  CHECK(data.labels == Ids{0, 0, 0, 0, -1, 0});
  CHECK(data.graph_id == Ids{0, 0, 0, 0, 1, 2});
  CHECK(data.exact_rows == std::vector<std::uint8_t>{1, 1, 0, 1, 1, 1});
  CHECK(data.split.train == Nodes{0, 1, 2, 3});
  CHECK(data.split.val == Nodes{4});
  CHECK(data.split.test == Nodes{5});
  CHECK(data.features.offsets == std::vector<std::int64_t>{0, 1, 2, 3, 4, 6, 6});
  CHECK(data.notes == std::vector<std::string>{"1 self-loops removed", "2 missing reverse edges added",
                                               "1 nodes have estimated labels"});
}

TEST_CASE("graphsage: malformed files are refused where they are wrong") {
  CHECK(refusal("tiny-G.json", "{\"nodes\": [{\"id\": 1}]}") ==
        "3 tiny-G.json:1:19: expected the id of the next node, 0, found '1'");
  CHECK(refusal("tiny-G.json", "{\"nodes\": [{\"id\": 0}],\n\"links\": [{\"source\": 0, \"target\": 9}]}") ==
        "3 tiny-G.json:2:35: expected a node from 0 to 0, found '9'");
  CHECK(contains(refusal("tiny-G.json", "{\"links\": []}"), ":1:2: expected \"nodes\" before them, found '\"links\"'"));
  CHECK(contains(refusal("tiny-G.json", "{\"nodes\": []}"), "found one without links"));
  CHECK(contains(refusal("tiny-G.json", "{\"nodes\": [], \"nodes\": []}"), ":1:15: expected each key once"));
  CHECK(contains(refusal("tiny-G.json", "{\"nodes\": [{\"id\": 0}], \"links\": [{\"source\": 0}]}"),
                 ":1:34: expected a link with source and target"));
  CHECK(contains(refusal("tiny-G.json", "{\"nodes\": [{\"id\": 0, \"val\": true, \"test\": true}], \"links\": []}"),
                 "expected a node that tests or validates, not both"));
  CHECK(contains(refusal("tiny-G.json", "[]"), ":1:1: expected an object, found '['"));
  CHECK(contains(refusal("tiny-G.json", "{\"nodes\": ["), "found the end of the file"));
  CHECK(contains(refusal("tiny-G.json", "{\"a\": " + std::string(100, '[')), "at most 64 brackets inside one another"));
  CHECK(contains(refusal("tiny-G.json", "{\"a\": 01}"), "a JSON number, found '01'"));
  CHECK(contains(refusal("tiny-G.json", "{\"a\": \"\\ud800x\"}"), "pair of surrogates"));
  CHECK(contains(refusal("tiny-G.json", "{\"a\": \"\x01\"}"), "no control byte in a text, found '\\x01"));
  CHECK(contains(refusal("tiny-id_map.json", "{\"0\": 1}"), "tiny-id_map.json:1:7: expected the row of the node's own"));
  CHECK(contains(refusal("tiny-id_map.json", "{\"0\": 0}"), "expected 6 nodes, found 1"));
  CHECK(contains(refusal("tiny-class_map.json", "{\"0\": [1, 2]}"), ":1:11: expected 0 or 1, found '2'"));
  CHECK(contains(refusal("tiny-class_map.json", "{\"0\": [1], \"1\": [1, 0]}"), "expected 1 numbers a node"));
  CHECK(contains(refusal("tiny-class_map.json", "{\"0\": [1], \"0\": [1]}"), ":1:12: expected each key once, found '0' twice"));
  CHECK(contains(refusal("tiny-class_map.json", "{\"6\": [1]}"), "expected a node from 0 to 5, found '\"6\"'"));
  CHECK(contains(refusal("tiny-class_map.json", "{}"), "expected a row for each node, found none"));
  CHECK(contains(refusal("tiny-feats.npy", npy<double>("<f8", {2, 3}, {1, 0, 1, 0, 3, 0})),
                 "expected 6 rows, one a node, found 2 x 3"));
  CHECK(contains(refusal("tissue_graph_id.npy", npy<std::int64_t>("<i8", {6}, {7, 7, 6, 7, 8, 9})),
                 "row 2: expected ids that never fall, found 6 after 7"));
  CHECK(contains(refusal("tissue_graph_id.npy", npy<std::int64_t>("<i8", {6}, {7, 7, 8, 8, 8, 9})),
                 "expected edges inside a graph only"));
  CHECK(contains(refusal("labels-exact-row.npy", npy<std::uint8_t>("|u1", {6}, {1, 1, 0, 2, 1, 1})),
                 "expected 0 or 1, found 2"));
}

TEST_CASE("graphsage: a missing file is named") {
  for (const std::string file : {"tiny-id_map.json", "tiny-class_map.json", "tiny-feats.npy"}) {
    gnn::test::TemporaryFolder folder;
    write_graphsage(folder);
    std::filesystem::remove(folder.path() / file);
    const auto text = gnn::test::error_text([&] { datasets::load(folder.path().string(), {}); });
    CHECK(text == "4 " + (folder.path() / file).string() + ": no such file");
  }
}

TEST_CASE("graphsage: without tissue_graph_id.npy each part of the split is a graph") {
  gnn::test::TemporaryFolder folder;
  write_graphsage(folder);
  std::filesystem::remove(folder.path() / "tissue_graph_id.npy");
  CHECK(datasets::read_graphsage(folder.path(), "tiny").graph_id == Ids{0, 0, 0, 0, 1, 2});
}

TEST_CASE("ppi in DGL form: components sorted, features standardised, one self-loop a node") {
  gnn::test::TemporaryFolder folder;
  write_graphsage(folder);
  auto sage = datasets::read_graphsage(folder.path(), "tiny");
  // Node 3 becomes the whole of graph 1 and node 0 is cut off from 1-2, so that it goes behind them to graph 0.
  sage.graph_id = {0, 0, 0, 1, 2, 3};
  sage.graph = gnn::graphs::Csr::from_edges({6, {1, 2}, {2, 1}, {}});
  const auto data = datasets::derive_dgl_ppi(sage);
  CHECK(data.graph_id == Ids{0, 0, 0, 1, 2, 3});
  CHECK(data.graph.num_edges() == 8);
  for (gnn::NodeId node = 0; node < 6; ++node) CHECK(std::ranges::count(data.graph.row(node), node) == 1);
  // Training column 0 is 1 1 3 3: mean 2, deviation 1. Column 1 is constant there and divided by 1: 7 stays.
  CHECK(data.features.values == std::vector<float>{-1, -1, 1, 1, 3, 7, -2});
  CHECK(data.split.train == Nodes{0, 1, 2, 3});
}

TEST_CASE("ppi in DGL form: twelve files become one set") {
  gnn::test::TemporaryFolder folder;
  for (const std::string part : {"train", "valid", "test"}) {
    folder.write(part + "_graph.json", R"({"directed": true, "nodes": [{"id": 0}, {"id": 1}],
      "links": [{"source": 0, "target": 0}, {"source": 0, "target": 1}, {"source": 1, "target": 0}]})");
    folder.write(part + "_feats.npy", npy<double>("<f8", {2, 2}, {0.5, 0, 0, -1}));
    folder.write(part + "_labels.npy", npy<std::int64_t>("<i8", {2, 3}, {0, 1, 1, 1, 0, 0}));
    folder.write(part + "_graph_id.npy", npy<std::int64_t>("<i8", {2}, {21, 21}));
  }
  const auto data = datasets::load(folder.path().string(), {});
  CHECK(data.num_nodes() == 6);
  CHECK(data.graph.num_edges() == 9);
  CHECK(data.graph_id == Ids{0, 0, 1, 1, 2, 2});
  CHECK(data.split.val == Nodes{2, 3});
  CHECK(data.targets.size() == 18);
  CHECK(data.features.values == std::vector<float>{0.5, -1, 0.5, -1, 0.5, -1});
  folder.write("valid_labels.npy", npy<std::int64_t>("<i8", {2, 2}, {0, 1, 1, 1}));
  CHECK(contains(gnn::test::error_text([&] { datasets::read_dgl_ppi(folder.path(), "x"); }), "found 2 x 2"));
  std::filesystem::remove(folder.path() / "test_graph_id.npy");
  folder.write("valid_labels.npy", npy<std::int64_t>("<i8", {2, 3}, {0, 1, 1, 1, 0, 0}));
  CHECK(contains(gnn::test::error_text([&] { datasets::read_dgl_ppi(folder.path(), "x"); }),
                 "test_graph_id.npy: no such file"));
}

TEST_CASE("ppi: the DGL form derived from GraphSAGE's files has the published graph ids and features") {
  const char* folder = std::getenv("GNN_DATA_DIR");
  if (!folder) {
    MESSAGE("skipped: GNN_DATA_DIR is not set");
    return;
  }
  const auto sage = datasets::load("ppi", folder);
  CHECK(sage.graph_id.back() == 23);
  CHECK(std::count(sage.exact_rows.begin(), sage.exact_rows.end(), 0) == 714);
  const std::vector<long> tissues = {1554, 1388, 2273, 2349, 1587, 1029, 1835, 2500, 602,  3326, 2407, 1884,
                                     1825, 3497, 2807, 2333, 2664, 2829, 3180, 3037, 3210, 3304, 3214, 2310};
  const std::vector<long> dgl = {1767, 1377, 2263, 2339, 1578, 1021, 1823, 2488, 591,  3312, 2401, 1878,
                                 1819, 3480, 2794, 2326, 2650, 2815, 3163, 3021, 3230, 3284, 3224, 2300};
  const auto data = datasets::load("ppi-dgl", folder);
  for (int k = 0; k < 24; ++k) {
    CHECK(std::count(sage.graph_id.begin(), sage.graph_id.end(), k) == tissues[std::size_t(k)]);
    CHECK(std::count(data.graph_id.begin(), data.graph_id.end(), k) == dgl[std::size_t(k)]);
  }
  CHECK(data.graph.num_edges() == 2 * (818716 - 25084) + 56944);
  const std::filesystem::path files = std::filesystem::path(folder) / "ppi" / "dgl";
  std::size_t node = 0;
  for (const char* name : {"train_graph_id.npy", "valid_graph_id.npy", "test_graph_id.npy"}) {
    const datasets::InputFile file(files / name);
    for (const std::int64_t id : datasets::to_integers(datasets::parse_npy(file.bytes(), name))) {
      REQUIRE(data.graph_id[node++] + 1 == id);
    }
  }
  CHECK(node == 56944);
  const datasets::InputFile file(files / "valid_feats.npy");
  const auto array = datasets::parse_npy(file.bytes(), file.name());
  std::vector<double> expected(array.size());
  std::memcpy(expected.data(), array.bytes.data(), array.bytes.size());
  double worst = 0;
  for (std::size_t row = 0; row < 6514; ++row) {
    std::vector<double> found(50);
    const auto& features = data.features;
    for (auto i = features.offsets[44906 + row]; i < features.offsets[44907 + row]; ++i) {
      found[std::size_t(features.indices[std::size_t(i)])] = double(features.values[std::size_t(i)]);
    }
    for (std::size_t c = 0; c < 50; ++c) {
      const double size = std::max(1.0, std::abs(expected[row * 50 + c]));
      worst = std::max(worst, std::abs(found[c] - expected[row * 50 + c]) / size);
    }
  }
  CHECK(worst < 6e-8);  // half a unit in the last place of float
}
