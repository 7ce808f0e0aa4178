// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <datasets/error_text.hpp>
#include <datasets/formats/table_text.hpp>
#include <support/temporary_folder.hpp>

using gnn::NodeId;
using gnn::test::error_text;
using namespace gnn::datasets;

namespace {

const std::vector<std::string> names = {"alice", "bob", "carol"};
const Nodes three{3, {}};
const Nodes named{3, names};

/// Features as a dense matrix, row after row.
std::vector<float> dense(const std::string& text, const Nodes& nodes, const TableOptions& options = {}) {
  std::vector<std::string> notes;
  const Features features = read_features_text(text, "x.csv", nodes, options, notes);
  std::vector<float> values(features.rows * features.columns);
  for (std::size_t row = 0; row < features.rows; ++row) {
    for (auto i = std::size_t(features.offsets[row]); i < std::size_t(features.offsets[row + 1]); ++i) {
      values[row * features.columns + std::size_t(features.indices[i])] = features.values[i];
    }
  }
  return values;
}

std::string feature_error(const std::string& text, const Nodes& nodes = three,
                          const TableOptions& options = {}) {
  return error_text([&] { dense(text, nodes, options); });
}

Labels labels(const std::string& text, const Nodes& nodes = three, const TableOptions& options = {}) {
  return read_labels_text(text, "y.csv", nodes, options);
}

std::string label_error(const std::string& text, const Nodes& nodes = three,
                        const TableOptions& options = {}) {
  return error_text([&] { labels(text, nodes, options); });
}

TableOptions label_column(const std::string& column) {
  TableOptions options;
  options.label_column = column;
  return options;
}

using Floats = std::vector<float>;
using Ints = std::vector<std::int32_t>;
using Bytes = std::vector<std::uint8_t>;
using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("features: one row a node, by comma, semicolon, tab or blanks, with a header or without") {
  const Floats expected = {1, 2, 0, 4, 5, 6};
  for (const char* text : {"1,2\n0,4\n5,6\n", "1;2\n0;4\n5;6\n", "1\t2\n-0.0\t4\n5\t6\n",
                           " 1  2\n0 4 \n5 6\n", "a,b\n1,2\n0,4\n5,6\n", "\"1\",2\n0,4\n5,6\n"}) {
    CAPTURE(text);
    CHECK(dense(text, three) == expected);
  }
  TableOptions options;
  options.header = true;
  CHECK(dense("7,8\n1,2\n0,4\n5,6\n", three, options) == expected);
}

TEST_CASE(
    "features: a column of labels that is in another table need not be here, and is no feature where it is") {
  const Floats expected = {1, 2, 0, 4, 5, 6};
  for (const char* column : {"topic", "3", "topic,kind", "topic*"}) {
    CAPTURE(column);
    TableOptions options = label_column(column);
    options.labels_elsewhere = true;
    CHECK(dense("id,a,b\n0,1,2\n1,0,4\n2,5,6\n", three, options) == expected);
    options.labels_elsewhere = false;
    if (column != std::string("3")) {
      CHECK(feature_error("id,a,b\n0,1,2\n1,0,4\n2,5,6\n", three, options) != "no error");
    }
  }
  for (const char* column : {"topic", "topic*", "top*"}) {
    TableOptions options = label_column(column);
    options.labels_elsewhere = true;
    CHECK(dense("id,a,topic,b\n0,1,9,2\n1,0,9,4\n2,5,9,6\n", three, options) == expected);
  }
  TableOptions usual = label_column("topic");
  usual.labels_elsewhere = true;
  CHECK(dense("id,a,label,b\n0,1,9,2\n1,0,9,4\n2,5,9,6\n", three, usual) == expected);
}

TEST_CASE("features: rows with ids may come in any order") {
  const Floats expected = {1, 2, 0, 4, 5, 6};
  CHECK(dense("id,a,b\n2,5,6\n0,1,2\n1,0,4\n", three) == expected);
  CHECK(dense(",0,1\n0,1,2\n2,5,6\n1,0,4\n", three) == expected);
  CHECK(dense("carol,5,6\nalice,1,2\nbob,0,4\n", named) == expected);
  CHECK(dense("name\ta\tb\ncarol\t5\t6\nalice\t1\t2\nbob\t0\t4\n", named) == expected);
  TableOptions options;
  options.id_column = "3";
  CHECK(dense("5,6,2\n1,2,0\n0,4,1\n", three, options) == expected);
  options.id_column = "who";
  CHECK(dense("a,who,b\n5,2,6\n1,0,2\n0,1,4\n", three, options) == expected);
}

TEST_CASE("features: a column of labels is left out, and said so when nobody asked") {
  CHECK(dense("1,2,cat\n3,4,dog\n5,6,cat\n", three, label_column("3")) == Floats{1, 2, 3, 4, 5, 6});
  std::vector<std::string> notes;
  const std::string text = "a,label,b\n1,0,2\n3,1,4\n5,0,6\n";
  CHECK(read_features_text(text, "x.csv", three, {}, notes).columns == 2);
  CHECK(notes == Strings{"column 'label' is not among the features: it holds labels"});
  CHECK(labels(text, three, label_column("label")).labels == Ints{0, 1, 0});
}

TEST_CASE("features: every cell is a finite number that float32 holds") {
  CHECK(feature_error("1,2\n3,abc\n5,6\n") == "3 x.csv:2:3: expected a number, found 'abc'");
  CHECK(feature_error("1,abc\n3,4\n5,6\n") == "3 x.csv:1:3: expected a number, found 'abc'");
  CHECK(feature_error("1,2\n3,\n5,6\n") == "3 x.csv:2:3: expected a number, found ''");
  CHECK(feature_error("nan,2\n3,4\n5,6\n") == "3 x.csv:1:1: expected a finite number, found 'nan'");
  CHECK(feature_error("1,2\n3,1e39\n5,6\n") ==
        "3 x.csv:2:3: expected a number that float32 can hold, found '1e39'");
}

TEST_CASE("features: every node has one row, every row the same width") {
  CHECK(feature_error("1,2\n3,4\n") == "3 x.csv:2: expected 3 rows, one a node, found 2");
  CHECK(feature_error("1,2\n3,4\n5,6\n7,8\n9,0\n") == "3 x.csv:4: expected 3 rows, one a node, found 5");
  CHECK(feature_error("1,2\n3,4,5\n5,6\n") == "3 x.csv:2: expected 2 fields as on line 1, found 3");
  CHECK(feature_error("") == "3 x.csv: expected 3 rows, one a node, found 0");
  CHECK(feature_error("id,a\n0,1\n1,2\n") ==
        "3 x.csv:3: expected a row for each of 3 nodes, found 2 rows and none for node 2");
  CHECK(feature_error("id,a\n0,1\n1,2\n0,3\n") ==
        "3 x.csv:4:1: expected each node once, found '0' a second time");
  CHECK(feature_error("alice,1\ncarol,2\n", named) ==
        "3 x.csv:2: expected a row for each of 3 nodes, found 2 rows and none for node 'bob'");
  CHECK(feature_error("id,a\n0,1\n3,2\n") == "3 x.csv:3:1: expected a node of the graph, found '3'");
  TableOptions only_ids;
  only_ids.id_column = "id";
  CHECK(feature_error("id\n0\n1\n2\n", three, only_ids) ==
        "3 x.csv:1: expected at least one column of features, found none");
  CHECK(feature_error("1,2\n3,4\n5,6\n", three, label_column("3")) ==
        "3 x.csv:1: --label-col: expected a number from 1 to 2, found '3'");
}

TEST_CASE("labels: numbers, with -1, '?' and nothing for unknown") {
  CHECK(labels("0\n1\n0\n").labels == Ints{0, 1, 0});
  CHECK(labels("label\n0\n1\n0\n").labels == Ints{0, 1, 0});
  CHECK(labels("2,0\n0,1\n").labels == Ints{1, -1, 0});
  CHECK(labels("node,label\n0,?\n1,\n2,4\n").labels == Ints{-1, -1, 4});
  const Labels found = labels("-1\n3\n-1\n");
  CHECK(found.labels == Ints{-1, 3, -1});
  CHECK(found.num_classes == 4);
  CHECK(found.notes == Strings{"2 nodes have no label", "3 classes have no node"});
  CHECK(labels("alice 1\ncarol 0\n", named).labels == Ints{1, -1, 0});
}

TEST_CASE("labels: names are numbered in sorted order") {
  const Labels found = labels("dog\n?\ncat\n");
  CHECK(found.labels == Ints{1, -1, 0});
  CHECK(found.class_names == Strings{"cat", "dog"});
  CHECK(labels("Neural Networks\nTheory\nNeural Networks\n").labels == Ints{0, 1, 0});
  CHECK(labels("bob,\"x, y\"\nalice,b\n", named).class_names == Strings{"b", "x, y"});
}

TEST_CASE("labels: what is neither is refused") {
  CHECK(label_error("0\ncat\n1\n") ==
        "3 y.csv:2:1: expected an integer as on line 1, the number of a class, found 'cat'");
  CHECK(label_error("cat\n1\ndog\n") == "3 y.csv:2:1: expected the name of a class as on line 1, found '1'");
  CHECK(label_error("0\n1.0\n1\n") ==
        "3 y.csv:2:1: expected an integer below 65536, the number of a class, or -1, found '1.0'");
  CHECK(label_error("0\n-2\n1\n").starts_with("3 y.csv:2:1: expected an integer below 65536"));
  CHECK(label_error("0\n4294967297\n1\n").starts_with("3 y.csv:2:1: expected an integer below 65536"));
  CHECK(label_error("0\n1\n") == "3 y.csv:2: expected 3 rows, one a node, found 2");
  CHECK(label_error("0\n1\n1\n1\n") == "3 y.csv:4: expected 3 rows, one a node, found 4");
  CHECK(label_error("0,1\n3,1\n") == "3 y.csv:2:1: expected a node of the graph, found '3'");
  CHECK(label_error("0,1\nn17,1\n") == "3 y.csv:2:1: expected a node number, found 'n17'");
  CHECK(label_error("0,1\n0,1\n") == "3 y.csv:2:1: expected each node once, found '0' a second time");
  CHECK(label_error("alice,x\nzoe,y\n", named) == "3 y.csv:2:1: expected a node of the graph, found 'zoe'");
  CHECK(label_error("x\ny\nz\n", named) ==
        "3 y.csv:1: expected the name of a node and its label on each line, found one column");
  CHECK(label_error("?\n?\n?\n") == "3 y.csv:3: expected the label of at least one node, found none");
  CHECK(label_error("") == "3 y.csv: expected labels of 3 nodes, found none");
}

TEST_CASE("labels: a node that the graph lacks is a hint's business") {
  try {
    labels("0,1\n9,1\n");
    FAIL("no error");
  } catch (const gnn::Error& error) {
    CHECK(error.hint() == "--num-nodes or --isolated add keep nodes without edges");
  }
}

TEST_CASE("labels: lists and columns of zeros and ones give targets") {
  const Labels lists = labels("0,a;c\n1,;\n2,?\n");
  CHECK(lists.labels == Ints{0, 0, -1});
  CHECK(lists.class_names == Strings{"a", "c"});
  CHECK(lists.targets == Bytes{1, 1, 0, 0, 0, 0});
  CHECK(labels("0;2\n1\n0\n").targets == Bytes{1, 0, 1, 0, 1, 0, 1, 0, 0});

  const Labels columns = labels("id,a,b\n2,1,1\n0,0,1\n1,?,?\n");
  CHECK(columns.labels == Ints{0, -1, 0});
  CHECK(columns.class_names == Strings{"a", "b"});
  CHECK(columns.targets == Bytes{0, 1, 0, 0, 1, 1});
  CHECK(
      labels("id,topic_a,year,topic_b\n2,1,1999,0\n0,0,1998,1\n1,0,1997,0\n", three, label_column("topic_*"))
          .targets == Bytes{0, 1, 0, 0, 1, 0});
  CHECK(labels("5,1,0\n6,0,1\n7,0,0\n", three, label_column("2,3")).targets == Bytes{1, 0, 0, 1, 0, 0});

  CHECK(label_error("0,a;a\n") == "3 y.csv:1:3: expected each class once, found 'a;a'");
  CHECK(label_error("0,a;\n") == "3 y.csv:1:5: expected the name of a class as on line 1, found ''");
  CHECK(label_error("id,a,b\n0,1,2\n") == "3 y.csv:2:5: expected 0 or 1, found '2'");
  CHECK(label_error("id,a,b\n0,?,1\n") ==
        "3 y.csv:2:5: expected an unknown label as in the columns before, found '1'");
  CHECK(label_error("0,;\n1,;\n") == "3 y.csv:2: expected the label of at least one node, found none");
  TableOptions one_class;
  one_class.label_kind = LabelKind::class_name;
  CHECK(labels("0,a;c\n", three, one_class).class_names == Strings{"a;c"});
  CHECK(label_error("0,1,0\n", three, one_class) ==
        "3 y.csv:1: expected one column of classes, as --label-kind class asks for, found 2");
}

TEST_CASE("labels: classes times nodes are no more than memory should hold") {
  std::string text = "0,65535;1\n";
  CHECK(label_error(text, Nodes{1000000, {}})
            .ends_with("values, nodes times classes, found 1000000 times 65536"));
}

TEST_CASE("split: lines of node and part in either order, or a part a line") {
  for (const char* text : {"train 0\nval 1\ntest 2\n", "0,train\n2,test\n1,val\n",
                           "node,split\n2,test\n0,train\n1,val\n", "train\nval\ntest\n"}) {
    CAPTURE(text);
    const Split split = read_split_text(text, "s.txt", three);
    CHECK(split.train == std::vector<NodeId>{0});
    CHECK(split.val == std::vector<NodeId>{1});
    CHECK(split.test == std::vector<NodeId>{2});
  }
  CHECK(read_split_text("bob,test\nalice,none\n", "s.txt", named).test == std::vector<NodeId>{1});
}

TEST_CASE("split: a word, a node or a line that does not fit is refused") {
  const auto refusal = [](const std::string& text) {
    return error_text([&] { read_split_text(text, "s.txt", three); });
  };
  CHECK(refusal("train 0\ndev 1\n") == "3 s.txt:2:1: expected train, val or test, found 'dev'");
  CHECK(refusal("dev 1\n") == "3 s.txt:1:1: expected train, val or test, found 'dev'");
  CHECK(refusal("train 0\nval -1\n") == "3 s.txt:2:5: expected a node of the graph, found '-1'");
  CHECK(refusal("train 0\nval 3\n") == "3 s.txt:2:5: expected a node of the graph, found '3'");
  CHECK(refusal("train 0\nval 0\n") == "3 s.txt:2:5: expected each node once, found '0' a second time");
  CHECK(refusal("train 0\nval\n") == "3 s.txt:2: expected 2 fields as on line 1, found 1");
  CHECK(refusal("train\nval\n") == "3 s.txt:2: expected 3 words, one a node, found 2");
  CHECK(refusal("train\nval\ntest\ntest\n") == "3 s.txt:4: expected 3 words, one a node, found more");
  CHECK(refusal("") == "3 s.txt: expected a node and train, val or test on each line, found none");
}

TEST_CASE("read_split: takes JSON lists too, and names a split after its file") {
  const gnn::test::TemporaryFolder folder;
  folder.write("s.json", R"({"train": [2], "val": [], "test": [0]})");
  const Split split = read_split(folder.path() / "s.json", three);
  CHECK(split.name == "s.json");
  CHECK(split.train == std::vector<NodeId>{2});
}

TEST_CASE("read_features: tells svmlight, Matrix Market and text apart by their content") {
  const gnn::test::TemporaryFolder folder;
  const auto values = [&](const char* name, const std::string& text) {
    folder.write(name, text);
    return read_features(folder.path() / name, three, {}).values;
  };
  CHECK(values("a.txt", "# made by hand\n1 1:2 3:4\n0 2:5\n1\n") == Floats{2, 4, 5});
  CHECK(values("b.txt", "%%MatrixMarket matrix coordinate real general\n3 2 2\n1 2 7\n3 1 8\n") ==
        Floats{7, 8});
  CHECK(values("c.txt", "1 2\n3 0\n5 6\n") == Floats{1, 2, 3, 5, 6});
}
