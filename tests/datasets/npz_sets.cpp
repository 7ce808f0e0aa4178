// SPDX-License-Identifier: Apache-2.0
// Tiny sets whose arrays are npz files: heterophilous graphs, Amazon and Coauthor, splits of Geom-GCN, typed CSV.
#include <doctest/doctest.h>

#include <algorithm>
#include <span>

#include <datasets/formats/npz.hpp>
#include <datasets/registry.hpp>
#include <datasets/sets/geom_gcn.hpp>
#include <datasets/sets/npz_sets.hpp>
#include <datasets/sets/typed_csv.hpp>
#include <support/temporary_folder.hpp>

#include "error_text.hpp"
#include "set_seeds.hpp"

namespace datasets = gnn::datasets;
using gnn::test::error_text;
using Bytes = std::vector<std::byte>;
using Arrays = std::vector<std::pair<std::string, Bytes>>;
using Ids = std::vector<std::int32_t>;
using Nodes = std::vector<gnn::NodeId>;
using Texts = std::vector<std::string>;
using Longs = std::vector<std::int64_t>;
using Masks = std::vector<std::uint8_t>;

namespace {

template <class T>
Bytes npy(const std::string& descr, std::vector<std::size_t> shape, const std::vector<T>& values) {
  return datasets::make_npy(descr, shape, std::as_bytes(std::span(values)));
}

Bytes longs(std::vector<std::size_t> shape, const Longs& values) { return npy("<i8", std::move(shape), values); }
Bytes floats(std::vector<std::size_t> shape, const std::vector<float>& values) { return npy("<f4", std::move(shape), values); }
Bytes masks(std::vector<std::size_t> shape, const Masks& values) { return npy("|b1", std::move(shape), values); }

void write_npz(const gnn::test::TemporaryFolder& folder, const std::string& name, const Arrays& arrays) {
  const Bytes bytes = datasets::make_npz(arrays);
  folder.write(name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// Puts `array` in the place of the one of that name, or takes that away when it is empty.
Arrays changed(Arrays arrays, const std::string& name, const Bytes& array) {
  const auto found = std::ranges::find(arrays, name, &std::pair<std::string, Bytes>::first);
  if (array.empty()) {
    arrays.erase(found);
  } else {
    found->second = array;
  }
  return arrays;
}

/// Three nodes, edges 0-1 and 2-1, two splits.
Arrays heterophilous() {
  return {{"node_features", floats({3, 2}, {0, 2, 0, 0, 1, 0})},
          {"node_labels", longs({3}, {1, 0, 1})},
          {"edges", longs({2, 2}, {0, 1, 2, 1})},
          {"train_masks", masks({2, 3}, {1, 0, 0, 0, 0, 1})},
          {"val_masks", masks({2, 3}, {0, 1, 0, 0, 1, 0})},
          {"test_masks", masks({2, 3}, {0, 0, 1, 0, 0, 0})}};
}

Arrays csr(const std::string& prefix, const Longs& shape, const Longs& indptr, const Longs& indices,
           const std::vector<float>& data) {
  return {{prefix + "shape", longs({shape.size()}, shape)},
          {prefix + "indptr", longs({indptr.size()}, indptr)},
          {prefix + "indices", longs({indices.size()}, indices)},
          {prefix + "data", floats({data.size()}, data)}};
}

/// Three nodes, edges 0-1, 1-0, 2-2; the row of node 0 has unsorted columns.
Arrays shchur() {
  Arrays arrays = csr("adj_", {3, 3}, {0, 1, 2, 3}, {1, 0, 2}, {1, 1, 1});
  for (auto& array : csr("attr_", {3, 4}, {0, 2, 2, 3}, {3, 1, 0}, {5, 6, 7})) arrays.push_back(std::move(array));
  arrays.emplace_back("labels", longs({3}, {0, 1, 0}));
  return arrays;
}

std::string refusal(const Arrays& arrays) {
  gnn::test::TemporaryFolder folder;
  write_npz(folder, "x.npz", arrays);
  return error_text([&] {
    const auto path = folder.path() / "x.npz";
    arrays.front().first == "node_features" ? datasets::read_heterophilous(path, "x") : datasets::read_shchur(path, "x");
  });
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void write_typed(const gnn::test::TemporaryFolder& folder) {
  folder.write("paper-author.csv", "paper,author\n0,2\n1,0\n0,2\n");
  folder.write("paper-paper.csv", "paper,paper\n0,1\n");
  folder.write("paper-labels.csv", "node,class,split\n2,1,test\n0,0,train\n");
  write_npz(folder, "paper-features.npz", csr("", {3, 4}, {0, 1, 1, 2}, {3, 0}, {1, 1}));
}

}  // namespace

TEST_CASE("heterophilous: an npz file becomes a set with the split of one row") {
  gnn::test::TemporaryFolder folder;
  write_npz(folder, "tiny.npz", heterophilous());
  const auto data = datasets::load((folder.path() / "tiny.npz").string(), {});
  CHECK(data.name == "tiny");
  CHECK(data.labels == Ids{1, 0, 1});
  CHECK(data.features.indices == Ids{1, 0});
  CHECK(data.graph.num_edges() == 4);
  CHECK(data.split.train == Nodes{0});
  CHECK(data.split.test == Nodes{2});
  const auto second = datasets::published_split(data, (folder.path() / "tiny.npz").string(), {}, 1);
  CHECK(second.train == Nodes{2});
  CHECK(second.test.empty());
  CHECK(datasets::load(folder.path().string(), {}).name == "tiny");
}

TEST_CASE("heterophilous: edges of a file that ends in _directed keep their direction") {
  gnn::test::TemporaryFolder folder;
  write_npz(folder, "tiny_directed.npz", heterophilous());
  const auto data = datasets::read_heterophilous(folder.path() / "tiny_directed.npz", "x");
  CHECK(data.graph.num_edges() == 2);
  CHECK(std::ranges::equal(data.graph.row(1), Nodes{0, 2}));
}

TEST_CASE("heterophilous: malformed entries are named") {
  const Arrays good = heterophilous();
  CHECK(refusal(good) == "no error");
  CHECK(contains(refusal(changed(good, "edges", {})), "edges"));
  CHECK(contains(refusal(changed(good, "test_masks", {})), "test_masks"));
  CHECK(contains(refusal(changed(good, "edges", longs({2, 2}, {0, 1, 2, 3}))),
                 "row 1, column 1: expected a node from 0 to 2, found 3"));
  CHECK(contains(refusal(changed(good, "edges", longs({4}, {0, 1, 2, 1}))), "expected two nodes a row, found 4"));
  CHECK(contains(refusal(changed(good, "node_labels", longs({2}, {0, 1}))), "expected 3 labels, one a node, found 2"));
  CHECK(contains(refusal(changed(good, "node_labels", longs({3}, {0, 1, 900}))), "row 2: expected a class from 0 to 2"));
  CHECK(contains(refusal(changed(good, "node_features", floats({6}, {0, 2, 0, 0, 1, 0}))), "expected a row of features"));
  CHECK(contains(refusal(changed(good, "train_masks", masks({1, 2}, {1, 0}))), "expected a mask of 3 nodes"));
  CHECK(contains(refusal(changed(good, "train_masks", masks({1, 3}, {0, 1, 0}))), "expected nodes of no other part, found 1"));
  CHECK(contains(refusal(changed(good, "train_masks", longs({1, 3}, {0, 1, 0}))), "expected a mask of 3 nodes in bool"));
  CHECK(contains(refusal(changed(good, "train_masks", masks({0, 3}, {}))), "expected a mask 0, found 0 masks"));
}

TEST_CASE("shchur: sparse matrices become graph and features, names are optional") {
  gnn::test::TemporaryFolder folder;
  Arrays arrays = shchur();
  arrays.emplace_back("class_names", npy<char32_t>("<U2", {2}, {U'a', U'b', U'c', 0}));
  write_npz(folder, "tiny.npz", arrays);
  const auto data = datasets::load(folder.path().string(), {});
  CHECK(data.graph.num_edges() == 2);
  CHECK(data.features.columns == 4);
  CHECK(data.features.indices == Ids{1, 3, 0});
  CHECK(data.features.values == std::vector<float>{6, 5, 7});
  CHECK(data.class_names == Texts{"ab", "c"});
  CHECK(data.split.train.empty());
  CHECK(data.notes == Texts{"1 self-loops removed"});
}

TEST_CASE("shchur: malformed entries are named") {
  const Arrays good = shchur();
  CHECK(refusal(good) == "no error");
  CHECK(contains(refusal(changed(good, "labels", {})), "labels"));
  CHECK(contains(refusal(changed(good, "adj_indptr", longs({3}, {0, 1, 2}))), "entry adj_indptr: expected 4 entries"));
  CHECK(contains(refusal(changed(good, "adj_indptr", longs({4}, {0, 2, 1, 3}))), "expected numbers that never fall, found 1 after 2"));
  CHECK(contains(refusal(changed(good, "adj_indptr", longs({4}, {0, 1, 2, 9}))), "position 3: expected 3, the number of indices, found 9"));
  CHECK(contains(refusal(changed(good, "adj_indices", longs({3}, {1, 0, 3}))), "position 2: expected a number from 0 to 2, found 3"));
  CHECK(contains(refusal(changed(good, "adj_indices", longs({3}, {1, -1, 2}))), "found -1"));
  CHECK(contains(refusal(changed(good, "adj_data", floats({3}, {1, 1, 2}))), "expected edges of weight 1, found 2"));
  CHECK(contains(refusal(changed(good, "adj_data", floats({2}, {1, 1}))), "entry adj_data: expected 3 entries"));
  CHECK(contains(refusal(changed(good, "adj_shape", longs({1}, {3}))), "entry adj_shape: expected 2 numbers, rows and columns, found 1"));
  CHECK(contains(refusal(changed(good, "adj_shape", longs({2}, {3, 4}))), "as many rows as columns, found 3 and 4"));
  CHECK(contains(refusal(changed(good, "attr_shape", longs({2}, {-1, 4}))), "expected numbers from 0 to 2147483647, found -1"));
  CHECK(contains(refusal(changed(good, "attr_indices", longs({3}, {3, 3, 0}))), "row 0, column 3: expected one entry, found two"));
  CHECK(contains(refusal(changed(good, "attr_indptr", longs({4}, {0, 2, 2, 3}))), "no error"));
}

TEST_CASE("geom: splits are read from masks of either type, beside the set or below it") {
  gnn::test::TemporaryFolder folder;
  folder.write("out1_node_feature_label.txt", gnn::test::geom_nodes);
  folder.write("out1_graph_edges.txt", gnn::test::geom_edges);
  CHECK(datasets::load(folder.path().string(), {}).split.train.empty());
  const auto write = [&](const std::string& name, const Masks& train) {
    write_npz(folder, name, {{"train_mask", masks({3}, train)},
                             {"val_mask", npy<std::uint8_t>("|u1", {3}, {0, 1, 0})},
                             {"test_mask", masks({3}, {0, 0, 0})}});
  };
  std::filesystem::create_directory(folder.path() / "geom-gcn-splits");
  write("geom-gcn-splits/tiny_split_0.6_0.2_0.npz", {0, 0, 1});
  write("tiny_split_0.6_0.2_3.npz", {1, 0, 1});
  const auto data = datasets::load(folder.path().string(), {});
  CHECK(data.split.name == "geom:0");
  CHECK(data.split.train == Nodes{2});
  CHECK(data.split.val == Nodes{1});
  CHECK(datasets::geom_split(data, folder.path(), 3).train == Nodes{0, 2});
  CHECK(contains(error_text([&] { datasets::geom_split(data, folder.path(), 7); }), "_split_0.6_0.2_7.npz"));
  write("geom-gcn-splits/tiny_split_0.6_0.2_0.npz", {0, 1, 1});
  CHECK(contains(error_text([&] { datasets::load(folder.path().string(), {}); }), "expected nodes of no other part, found 1"));
  write_npz(folder, "geom-gcn-splits/tiny_split_0.6_0.2_0.npz", {{"train_mask", masks({3}, {0, 0, 1})}});
  CHECK(contains(error_text([&] { datasets::load(folder.path().string(), {}); }), "val_mask"));
}

TEST_CASE("typed csv: files become types, relations with their reverses, labels and a split") {
  gnn::test::TemporaryFolder folder;
  write_typed(folder);
  const auto data = datasets::load_typed(folder.path().string(), {});
  REQUIRE(data.graph.types.size() == 2);
  CHECK(data.graph.types[0].name == "paper");
  CHECK(data.graph.types[0].count == 3);
  CHECK(data.graph.types[1].count == 3);
  REQUIRE(data.graph.relations.size() == 3);
  CHECK(data.graph.relations[0].name == "paper-author");
  CHECK(std::ranges::equal(data.graph.relations[0].edges.row(2), Nodes{0}));
  CHECK(data.graph.relations[2].name == "author-paper");
  CHECK(std::ranges::equal(data.graph.relations[2].edges.row(0), Nodes{2}));
  CHECK(data.features[0].indices == Ids{3, 0});
  CHECK(data.features[1].columns == 0);
  CHECK(data.labels == Ids{0, -1, 1});
  CHECK(data.split.train == Nodes{0});
  CHECK(data.split.test == Nodes{2});
  CHECK(data.notes == Texts{"1 duplicate lines of paper-author merged",
                            "relation author-paper added as the reverse of paper-author"});
}

TEST_CASE("typed csv: malformed files are refused where they are wrong") {
  const auto text = [](const std::string& file, const std::string& bytes) {
    gnn::test::TemporaryFolder folder;
    write_typed(folder);
    folder.write(file, bytes);
    return error_text([&] { datasets::read_typed_csv(folder.path(), "x"); });
  };
  CHECK(contains(text("paper-author.csv", ""), "paper-author.csv: expected a header of two node types, found an empty file"));
  CHECK(contains(text("paper-author.csv", "author,paper\n0,0\n"), "paper-author.csv:1:1: expected the node types of the"));
  CHECK(contains(text("paper-author.csv", "paper,author\n0\n"), "paper-author.csv:2:2: expected a node number"));
  CHECK(contains(text("paper-author.csv", "paper,author\n0,x\n"), "paper-author.csv:2:3: expected a node number from 0"));
  CHECK(contains(text("paper-author.csv", "paper,author\n3,0\n"), "paper-author.csv:2: expected node numbers below 3"));
  CHECK(contains(text("paper-author.csv", "paper,author\n0,2000000000\n"), "paper-author.csv:2:3: expected a node number from 0 to"));
  CHECK(contains(text("paper-labels.csv", "a,b,c\n"), "paper-labels.csv:1:1: expected the header node,class,split"));
  CHECK(contains(text("paper-labels.csv", "node,class,split\n0,0,best\n"), ":2:5: expected train, val or test, found 'best'"));
  CHECK(contains(text("paper-labels.csv", "node,class,split\n0,0,val\n0,1,val\n"), ":3:1: expected each node once, found '0'"));
  CHECK(contains(text("paper-labels.csv", "node,class,split\n5,0,val\n"), ":2: expected node numbers below 3"));
  CHECK(contains(text("paper-labels.csv", "node,class,split\n0,-1,val\n"), ":2:3: expected a class from 0"));
  CHECK(contains(text("author-labels.csv", "node,class,split\n0,0,val\n"), "expected one file TYPE-labels.csv"));
  CHECK(contains(text("paper-features.npz", "PK"), "paper-features.npz"));
}
