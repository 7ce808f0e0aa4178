// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <datasets/formats/json_dataset.hpp>
#include <datasets/formats/json_reader.hpp>

#include "error_text.hpp"
#include "memory_file.hpp"

using namespace gnn;
using namespace gnn::datasets;
using gnn::test::error_text;
using gnn::test::memory_file;

namespace {

Dataset read(const std::string& text) {
  return read_json_dataset(memory_file(text, "dir/x.json"));
}
std::string error_of(const std::string& text) {
  const std::string error = error_text([&] { read_json_dataset(memory_file(text)); });
  CHECK_MESSAGE(
      (error == "no error" || (error.find("expected") != error.npos && error.find("found") != error.npos)),
      error);
  return error;
}

/// Walks over one value of any kind.
std::string json_error(const std::string& text) {
  return error_text([&] {
    JsonReader json(text, "x");
    json.skip();
    json.finish();
  });
}

}  // namespace

TEST_CASE("json: a whole data set is read") {
  const Dataset data = read(R"({"more": {"a": [1, {}]}, "edges": [[0, 1, 2], [1, 2, 0.5]], "num_nodes": 4,
    "features": [[0, 1], [1, 0], [2, 2], [0, 0]], "labels": ["b", null, "a", "b"],
    "node_names": ["x", "y", "\u00e9\ud83d\ude00", "\"\\\/\b\f\n\r\t"],
    "split": {"name": "s", "train": [2, 0], "val": [], "test": [3]}})");
  CHECK(data.name == "x");
  CHECK(data.num_nodes() == 4);
  CHECK(data.graph.to_edges().source == std::vector<NodeId>{1, 0, 2, 1});
  CHECK(data.graph.to_edges().weight == std::vector<float>{2, 2, 0.5f, 0.5f});
  CHECK(data.features.columns == 2);
  CHECK(data.features.values == std::vector<float>{1, 1, 2, 2});
  CHECK(data.labels == std::vector<std::int32_t>{1, -1, 0, 1});
  CHECK(data.class_names == std::vector<std::string>{"a", "b"});
  CHECK(data.node_names[2] == "\xc3\xa9\xf0\x9f\x98\x80");
  CHECK(data.node_names[3] == "\"\\/\b\f\n\r\t");
  CHECK(data.split.name == "s");
  CHECK(data.split.train == std::vector<NodeId>{0, 2});
  CHECK(data.notes == std::vector<std::string>{"key 'more' is not used", "2 reverse edges added"});
}

TEST_CASE("json: edges alone are enough; directed edges and symmetric ones stay as they are") {
  Dataset data = read(R"({"edges": [[0, 1], [0, 1], [2, 2]]})");
  CHECK(data.num_nodes() == 3);
  CHECK(data.graph.num_edges() == 3);
  CHECK(data.labels == std::vector<std::int32_t>{-1, -1, -1});
  CHECK(data.notes ==
        std::vector<std::string>{"1 duplicate edges merged", "1 self-loops", "1 reverse edges added"});
  data = read(R"({"edges": [[0, 1]], "directed": true, "weights": [3], "name": "n"})");
  CHECK(data.graph.num_edges() == 1);
  CHECK(data.graph.weights()[0] == 3);
  CHECK(data.name == "n");
  CHECK(read(R"({"edges": [[0, 1], [1, 0]]})").notes.empty());
}

TEST_CASE("json: labels are numbers, names or rows of zeros and ones") {
  Dataset data = read(R"({"edges": [[0, 1]], "labels": [2, null]})");
  CHECK(data.labels == std::vector<std::int32_t>{2, -1});
  CHECK(data.num_classes == 3);
  data = read(R"({"edges": [[0, 1]], "labels": [[0, 1, 0], [1, 1, 0]]})");
  CHECK(data.num_classes == 3);
  CHECK(data.targets == std::vector<std::uint8_t>{0, 1, 0, 1, 1, 0});
  CHECK(data.labels == std::vector<std::int32_t>{0, 0});
}

TEST_CASE("json: data sets whose parts do not fit are refused where they stand") {
  CHECK(error_of("{}") == "3 x: expected the key 'edges', found none");
  CHECK(error_of(R"({"edges": [[0]]})") == "3 x:1:14: expected an edge of two node numbers, found 1");
  CHECK(error_of(R"({"edges": [[0, 1, 1, 1]]})").find("3 x:1:22: expected the end of an edge") == 0);
  CHECK(error_of(R"({"edges": [[0, 1, 1], [0, 1]]})").find("expected a weight for every edge or for none") !=
        std::string::npos);
  CHECK(error_of(R"({"edges": [[0, -1]]})") ==
        "3 x:1:16: expected a node number from 0 to 2147483646, found '-1'");
  CHECK(error_of(R"({"edges": [[0, 1.0]]})").find("found '1.0'") != std::string::npos);
  CHECK(error_of(R"({"edges": [[0, true]]})").find("found 'true'") != std::string::npos);
  CHECK(error_of(R"({"edges": [[0, 9223372036854775808]]})").find("found '9223372036854775808'") !=
        std::string::npos);
  CHECK(error_of("{\"edges\": [[0, 1],\n [0, 7]],\n \"num_nodes\": 6}") ==
        "3 x:2:6: expected a node number from 0 to 5, found '7'");
  CHECK(error_of(R"({"edges": [[0, 1]], "num_nodes": 0})").find("3 x: expected no edges") == 0);
  CHECK(error_of(R"({"edges": [[0, 1]], "num_nodes": 2000000000})") ==
        "3 x: expected at most 1048576 nodes in a file of 1 edges, found 2000000000");
  CHECK(error_of(R"({"edges": [[0, 2000000000]]})")
            .find("3 x: edges[0]: expected a node number up to 1048575") == 0);
  CHECK(error_of(R"({"edges": [[0, 1]], "num_nodes": -1})").find("3 x:1:34: expected a number of nodes") ==
        0);
  CHECK(error_of(R"({"edges": [[0, 1]], "weights": [1, 2]})") ==
        "3 x: expected 1 weights, one an edge, found 2");
  CHECK(error_of(R"({"edges": [[0, 1]], "weights": [1e39]})").find("found '1e39'") != std::string::npos);
  CHECK(error_of(R"({"edges": [[0, 1]], "num_nodes": 2, "features": [[1]]})") ==
        "3 x: features: expected 2, one a node, found 1");
  CHECK(error_of(R"({"edges": [[0, 1]], "features": [[1], [1, 2]]})")
            .find("expected 1 features, as in the first row") != std::string::npos);
  CHECK(error_of(R"({"edges": [[0, 1]], "num_nodes": 2, "labels": [1]})") ==
        "3 x: labels: expected 2, one a node, found 1");
  CHECK(error_of(R"({"edges": [[0, 1]], "labels": [1, "a"]})")
            .find("expected labels of one kind, found '\"a\"'") != std::string::npos);
  CHECK(error_of(R"({"edges": [[0, 1]], "labels": [[1], [1, 0]]})")
            .find("expected 1 zeros and ones, found 2") != std::string::npos);
  CHECK(error_of(R"({"edges": [[0, 1]], "labels": [[2], [0]]})").find("expected 0 or 1, found '2'") !=
        std::string::npos);
  CHECK(error_of(R"({"edges": [[0, 1]], "labels": [4294967297, 0]})").find("found '4294967297'") !=
        std::string::npos);
  CHECK(error_of(R"({"edges": [[0, 1]], "labels": [1000000, 0]})").find("expected a class from 0 to 65535") !=
        std::string::npos);
  CHECK(error_of(R"({"edges": [[0, 1]], "class_names": ["a"]})").find("expected 0 class names, found 1") !=
        std::string::npos);
  CHECK(error_of(R"({"edges": [[0, 1]], "split": {"dev": []}})").find("found 'dev'") != std::string::npos);
  CHECK(error_of(R"({"edges": [[0, 1]], "split": {"train": [0], "val": [0], "test": []}})") != "no error");
}

TEST_CASE("json: only what RFC 8259 allows is read") {
  for (const char* good : {"0", "-0", "1.5e-3", "1E+2", "\"\\u0041\"", "[]", "{}",
                           " \t\r\n[1, {\"a\": null, \"b\": [true, false]}] ", "1e999"}) {
    CHECK_MESSAGE(json_error(good) == "no error", good);
  }
  for (const char* bad : {"",
                          " ",
                          "01",
                          "+1",
                          "1.",
                          ".5",
                          "1e",
                          "-",
                          "0x1",
                          "NaN",
                          "Infinity",
                          "nul",
                          "truex",
                          "'a'",
                          "\"a",
                          "\"\\x41\"",
                          "\"\\u12\"",
                          "\"\\ud800\"",
                          "\"\\ud800\\u0041\"",
                          "\"\\udc00\"",
                          "\"\t\"",
                          "\xff",
                          "\"\xc0\x80\"",
                          "[1,]",
                          "[,1]",
                          "[1 2]",
                          "{\"a\"}",
                          "{\"a\":}",
                          "{\"a\":1,}",
                          "{a:1}",
                          "{\"a\":1 \"b\":2}",
                          "[1]]",
                          "1 2",
                          "// c\n1",
                          "[1}",
                          "\xef\xbb\xbf[]",
                          "{\"a\":1,\"a\":2}",
                          "{\"a\":1,\"\\u0061\":2}"}) {
    const std::string error = json_error(bad);
    CHECK_MESSAGE(error.find("3 x:") == 0, std::string(bad), " gives ", error);
    CHECK_MESSAGE((error.find("expected") != error.npos && error.find("found") != error.npos), error);
  }
  CHECK(json_error(std::string("\"a\0b\"", 5)).find("3 x:1:3: expected no control byte") == 0);
  CHECK(json_error("[\n 1,\n  x]") == "3 x:3:3: expected a JSON value, found 'x'");
}

TEST_CASE("json: nesting ends at 64") {
  CHECK(json_error(std::string(64, '[') + std::string(64, ']')) == "no error");
  CHECK(json_error(std::string(65, '[') + std::string(65, ']')) ==
        "3 x:1:65: expected at most 64 brackets inside one another, found '['");
  CHECK(json_error(std::string(100000, '[')).find("3 x:1:65: ") == 0);
}

TEST_CASE("json: integers are exact to 64 bits") {
  const std::string text = "[18446744073709551615, 18446744073709551616]";
  JsonReader json(text, "x");
  json.enter_array();
  REQUIRE(json.next_element());
  CHECK(json.whole("a number", ~std::uint64_t(0)) == ~std::uint64_t(0));
  REQUIRE(json.next_element());
  CHECK(error_text([&] { json.whole("a number", ~std::uint64_t(0)); }) ==
        "3 x:1:24: expected a number, found '18446744073709551616'");
}
