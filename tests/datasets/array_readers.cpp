// SPDX-License-Identifier: Apache-2.0
// Edges, features and whole data sets from npy and npz files.
#include <doctest/doctest.h>

#include <datasets/formats/edge_readers.hpp>
#include <datasets/formats/feature_readers.hpp>
#include <datasets/formats/npz_dataset.hpp>

#include "error_text.hpp"
#include "memory_file.hpp"
#include "npy_writer.hpp"
#include "zip_writer.hpp"

using namespace gnn;
using namespace gnn::datasets;
using gnn::test::error_text;
using gnn::test::memory_file;
using gnn::test::npy_of;
using gnn::test::raw;

namespace {

using Arrays = std::vector<std::pair<std::string, std::string>>;

InputFile npz(const Arrays& arrays) {
  std::vector<gnn::test::ZipFile> files;
  for (const auto& [name, bytes] : arrays) {
    gnn::test::ZipFile file;
    file.name = name + ".npy";
    file.content = bytes;
    file.deflated = files.size() % 2 == 1;
    files.push_back(file);
  }
  return memory_file(gnn::test::zip_file(files));
}

std::string integers(const std::string& shape, const std::vector<std::int64_t>& numbers) {
  return npy_of("<i8", shape, raw(numbers));
}
std::string floats(const std::string& shape, const std::vector<float>& numbers) {
  return npy_of("<f4", shape, raw(numbers));
}

RawEdges npy_edges(const std::string& file, const EdgeOptions& options = {}) {
  return read_npy_edges(memory_file(file), options);
}
std::string npy_error(const std::string& file, const EdgeOptions& options = {}) {
  return error_text([&] { npy_edges(file, options); });
}
std::string npz_error(const Arrays& arrays) {
  return error_text([&] { read_npz_dataset(npz(arrays)); });
}

/// The matrix 0 -> 1, 1 -> 0 and 1 -> 2, with one array replaced.
Arrays csr(const std::string& replaced = "", const std::string& by = "") {
  Arrays arrays = {{"adj_data", floats("(3,)", {1, 1, 2})},
                   {"adj_indices", integers("(3,)", {1, 0, 2})},
                   {"adj_indptr", integers("(4,)", {0, 1, 3, 3})},
                   {"adj_shape", integers("(2,)", {3, 3})}};
  for (auto& [name, bytes] : arrays) {
    if (name == replaced) bytes = by;
  }
  return arrays;
}

}  // namespace

TEST_CASE("npy edges: 2 x E and E x 2 give the same edges") {
  for (const std::string& file :
       {integers("(2, 3)", {0, 1, 4, 1, 2, 0}), integers("(3, 2)", {0, 1, 1, 2, 4, 0})}) {
    const RawEdges raw = npy_edges(file);
    CHECK(raw.edges.num_nodes == 5);
    CHECK(raw.edges.source == std::vector<NodeId>{0, 1, 4});
    CHECK(raw.edges.target == std::vector<NodeId>{1, 2, 0});
    CHECK(raw.notes.empty());
  }
  const RawEdges square = npy_edges(integers("(2, 2)", {0, 1, 2, 3}));
  CHECK(square.edges.target == std::vector<NodeId>{2, 3});
  CHECK(square.notes.size() == 1);
}

TEST_CASE("npy edges: index base, number of nodes and relabelling are obeyed") {
  const std::string file = integers("(2, 1)", {3, 9});
  EdgeOptions options;
  options.index_base = 1;
  CHECK(npy_edges(file, options).edges.num_nodes == 9);
  options.num_nodes = 20;
  CHECK(npy_edges(file, options).edges.num_nodes == 20);
  options.num_nodes = 8;
  CHECK(npy_error(file, options) == "3 x: row 1, column 0: expected a node number up to 8, found 9");
  options = {};
  options.relabel = true;
  const RawEdges raw = npy_edges(integers("(2, 1)", {4000000000, 9}), options);
  CHECK(raw.edges.source == std::vector<NodeId>{1});
  CHECK(raw.node_names == std::vector<std::string>{"9", "4000000000"});
}

TEST_CASE("npy edges: other shapes, types and numbers are refused") {
  CHECK(npy_error(integers("(3, 3)", std::vector<std::int64_t>(9))) ==
        "3 x: expected edges of shape 2 x E or E x 2, found 3 x 3");
  CHECK(npy_error(integers("(4,)", {0, 1, 2, 3})) == "3 x: expected edges of shape 2 x E or E x 2, found 4");
  CHECK(npy_error(floats("(2, 1)", {0, 1})) == "3 x: expected an integer type as descr, found '<f4'");
  CHECK(npy_error(integers("(2, 1)", {0, -1})) ==
        "3 x: row 1, column 0: expected a node number from 0, found -1");
  CHECK(npy_error(integers("(1, 2)", {0, 99999999999})) ==
        "3 x: row 0, column 1: expected a node number up to 1048575 in a file of 1 edges, found 99999999999");
}

TEST_CASE("npy features: N x F and N numbers, zeros left out") {
  Features features = read_npy_features(memory_file(floats("(2, 2)", {0, 1.5f, 2, 0})), 2);
  CHECK(features.columns == 2);
  CHECK(features.offsets == std::vector<std::int64_t>{0, 1, 2});
  CHECK(features.indices == std::vector<std::int32_t>{1, 0});
  CHECK(features.values == std::vector<float>{1.5f, 2});
  CHECK(read_npy_features(memory_file(integers("(2,)", {3, 4})), 2).values == std::vector<float>{3, 4});
  const auto error = [](const std::string& file) {
    return error_text([&] { read_npy_features(memory_file(file), 2); });
  };
  CHECK(error(floats("(3, 1)", {1, 2, 3})) == "3 x: expected 2 rows, one a node, found 3");
  CHECK(error(floats("(1, 2, 1)", {1, 2})) == "3 x: expected features of shape N x F, found 1 x 2 x 1");
  CHECK(error(floats("(2, 9223372036854775807, 0)", {})).find("3 x: expected") == 0);
  CHECK(error(floats("(2, 0)", {})) == "no error");
}

TEST_CASE("npz features: a scipy matrix or a dense array") {
  const Arrays matrix = {{"data", floats("(2,)", {5, 6})},
                         {"indices", integers("(2,)", {2, 0})},
                         {"indptr", integers("(3,)", {0, 2, 2})},
                         {"shape", integers("(2,)", {2, 3})},
                         {"format", npy_of("|S3", "()", "csr")}};
  const Features features = read_npz_features(npz(matrix), 2);
  CHECK(features.columns == 3);
  CHECK(features.indices == std::vector<std::int32_t>{0, 2});
  CHECK(features.values == std::vector<float>{6, 5});
  CHECK(read_npz_features(npz({{"any", floats("(2, 1)", {1, 2})}}), 2).values == std::vector<float>{1, 2});
  CHECK(error_text(
            [&] { read_npz_features(npz({{"a", floats("(1,)", {1})}, {"b", floats("(1,)", {1})}}), 2); }) ==
        "3 x: expected an entry 'features', 'x', 'node_features' or 'attr_matrix', or a CSR matrix, found a, "
        "b");
}

TEST_CASE("npz data set: edges, features, labels and masks as far as they are there") {
  const Dataset data =
      read_npz_dataset(npz({{"edges", integers("(2, 2)", {0, 1, 1, 2})},
                            {"node_features", floats("(4, 1)", {0, 1, 2, 3})},
                            {"node_labels", integers("(4,)", {0, 1, -1, 1})},
                            {"train_masks", npy_of("|b1", "(2, 4)", std::string("\1\0\0\0\0\1\0\0", 8))},
                            {"test_mask", npy_of("|u1", "(4,)", std::string("\0\0\0\1", 4))},
                            {"class_names", npy_of("|S2", "(2,)", std::string("a\0bc", 4))},
                            {"other", floats("(1,)", {1})}}));
  CHECK(data.class_names == std::vector<std::string>{"a", "bc"});
  CHECK(data.num_nodes() == 4);
  CHECK(data.graph.to_edges().source == std::vector<NodeId>{1, 0, 2, 1});
  CHECK(data.features.values == std::vector<float>{1, 2, 3});
  CHECK(data.labels == std::vector<std::int32_t>{0, 1, -1, 1});
  CHECK(data.num_classes == 2);
  CHECK(data.split.train == std::vector<NodeId>{0});
  CHECK(data.split.test == std::vector<NodeId>{3});
  CHECK(data.notes == std::vector<std::string>{"the first of 2 splits is used", "entry 'other' is not used",
                                               "2 reverse edges added"});
}

TEST_CASE("npz data set: zeros and ones a class are targets") {
  const Dataset data = read_npz_dataset(
      npz({{"edge_index", integers("(2, 1)", {0, 1})}, {"y", floats("(2, 3)", {0, 1, 1, 0, 0, 0})}}));
  CHECK(data.targets == std::vector<std::uint8_t>{0, 1, 1, 0, 0, 0});
  CHECK(data.num_classes == 3);
  CHECK(npz_error({{"edge_index", integers("(2, 1)", {0, 1})}, {"y", floats("(2, 2)", {0, 1, 2, 0})}}) ==
        "3 x: entry y: row 1, column 0: expected 0 or 1, found 2");
}

TEST_CASE("npz data set: a CSR matrix has rows as sources, and weights unless all are 1") {
  Arrays arrays = csr();
  arrays.emplace_back("num_nodes", integers("(1,)", {3}));
  const RawEdges raw = read_npz_edges(npz(arrays), {});
  CHECK(raw.edges.source == std::vector<NodeId>{0, 1, 1});
  CHECK(raw.edges.target == std::vector<NodeId>{1, 0, 2});
  CHECK(raw.edges.weight == std::vector<float>{1, 1, 2});
  CHECK(!read_npz_edges(npz(csr("adj_data", floats("(3,)", {1, 1, 1}))), {}).edges.weighted());
}

TEST_CASE("npz data set: CSR arrays that do not fit are refused") {
  CHECK(npz_error(csr("adj_indptr", integers("(4,)", {1, 1, 3, 3}))) ==
        "3 x: entry adj_indptr: position 0: expected 0, found 1");
  CHECK(npz_error(csr("adj_indptr", integers("(4,)", {0, 3, 1, 3}))) ==
        "3 x: entry adj_indptr: position 2: expected numbers that never fall, found 1 after 3");
  CHECK(npz_error(csr("adj_indptr", integers("(4,)", {0, 1, 3, 4}))) ==
        "3 x: entry adj_indptr: position 3: expected 3, the number of indices, found 4");
  CHECK(npz_error(csr("adj_indptr", integers("(3,)", {0, 1, 3}))) ==
        "3 x: entry adj_indptr: expected 4 entries, one more than there are rows, found 3");
  CHECK(npz_error(csr("adj_indices", integers("(3,)", {1, -1, 2}))) ==
        "3 x: entry adj_indices: position 1: expected a number from 0 to 2, found -1");
  CHECK(npz_error(csr("adj_indices", integers("(3,)", {1, 0, 3}))) ==
        "3 x: entry adj_indices: position 2: expected a number from 0 to 2, found 3");
  CHECK(npz_error(csr("adj_data", floats("(2,)", {1, 1}))) ==
        "3 x: entry adj_data: expected 3 entries, as many as there are indices, found 2");
  CHECK(npz_error(csr("adj_shape", integers("(1,)", {3}))) ==
        "3 x: entry adj_shape: expected 2 numbers, rows and columns, found 1");
  CHECK(npz_error(csr("adj_shape", integers("(2,)", {3, 4}))) ==
        "3 x: entry adj_shape: expected a square matrix as edges, found 3 x 4");
  CHECK(npz_error(csr("adj_shape", integers("(2,)", {-3, 3}))) ==
        "3 x: entry adj_shape: expected numbers from 0 to 2147483647, found -3");
  CHECK(npz_error(csr("adj_shape", integers("(2,)", {2147483647, 2147483647})))
            .find("3 x: entry adj_indptr: expected 2147483648 entries") == 0);
}

TEST_CASE("npz data set: parts that do not fit are refused with the entry") {
  const std::pair<std::string, std::string> edges = {"edge_index", integers("(2, 1)", {0, 1})};
  CHECK(npz_error({{"x", floats("(1,)", {1})}}).find("3 x: expected an entry 'edge_index'") == 0);
  CHECK(npz_error({edges, {"num_nodes", integers("(1,)", {3})}, {"x", floats("(2, 1)", {1, 2})}}) ==
        "3 x: entry x: expected 3 rows, one a node, found 2");
  CHECK(npz_error({edges, {"num_nodes", integers("(1,)", {0})}}) ==
        "3 x: entry num_nodes: expected one number from 1, found 0");
  CHECK(npz_error({edges, {"x", floats("(1, 1)", {1})}}) ==
        "3 x: entry edge_index: row 1, column 0: expected a node number up to 0, found 1");
  CHECK(npz_error({edges, {"y", integers("(3,)", {0, 1, 2})}, {"x", floats("(2, 1)", {1, 2})}}) ==
        "3 x: entry y: expected 2 labels, one a node, or 2 rows of zeros and ones, found 3");
  CHECK(npz_error({edges, {"y", integers("(2,)", {0, -2})}}) ==
        "3 x: entry y: row 1: expected a class from 0 to 65535, or -1 where it is unknown, found -2");
  CHECK(npz_error({edges, {"class_names", npy_of("|S1", "(1,)", "a")}}) ==
        "3 x: entry class_names: expected 0 names, one a class, found 1");
  CHECK(npz_error({edges, {"train_mask", integers("(3,)", {0, 1, 0})}}) ==
        "3 x: entry train_mask: expected a mask of 2 values, one a node, or rows of so many, found 3");
  CHECK(npz_error({edges, {"train_mask", integers("(2,)", {0, 2})}}) ==
        "3 x: entry train_mask: row 1: expected 0 or 1, found 2");
  CHECK(npz_error({edges, {"train_mask", integers("(2,)", {1, 1})}, {"val_mask", integers("(2,)", {1, 0})}})
            .find("3 x: ") == 0);
}
