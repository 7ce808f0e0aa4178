// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <datasets/formats/gnn_file.hpp>

#include "small_graph.hpp"

using namespace gnn::apps::test;

TEST_CASE("data split: every way of drawing one, written as JSON, reads back as the same split") {
  const Program program;
  const std::vector<std::string> data = small_graph(program);
  const struct {
    const char* wish;
    std::size_t train, val, test;
  } cases[] = {
      {"random:2/3", 6, 9, 15}, {"ratio", 18, 6, 6}, {"ratio:0.5/0.3", 15, 9, 6}, {"kfold:5/1", 18, 6, 6}};
  for (const auto& test : cases) {
    CAPTURE(test.wish);
    const Result drawn = program.run(joined({"data", "split", "--split", test.wish}, data));
    REQUIRE(drawn.code == 0);
    const nlohmann::json split = nlohmann::json::parse(drawn.out);
    CHECK(split.at("train").size() == test.train);
    CHECK(split.at("val").size() == test.val);
    CHECK(split.at("test").size() == test.test);
    CHECK(
        program.run(joined({"data", "split", "--split", test.wish, "-o", "s.json", "--force"}, data)).code ==
        0);
    CHECK(content(program.folder() / "s.json") == drawn.out);
    REQUIRE(program.run(train_on(data, {"--split", "s.json", "--out", "a", "--force"})).code == 0);
    REQUIRE(program.run(train_on(data, {"--split", test.wish, "--out", "b", "--force"})).code == 0);
    CHECK(content(program.folder() / "a/split.json") == drawn.out);
    CHECK(content(program.folder() / "b/split.json") == drawn.out);
    CHECK(content(program.folder() / "a/best.safetensors") ==
          content(program.folder() / "b/best.safetensors"));
    CHECK(program.run(joined({"data", "split", "--split", test.wish, "--split-seed", "7"}, data)).out !=
          drawn.out);
  }
}

TEST_CASE("data split: CSV calls nodes by their names, and reads back under the file's name") {
  for (const bool names : {false, true}) {
    const Program program;
    const std::vector<std::string> data = names ? named_graph(program) : small_graph(program);
    REQUIRE(program.run(joined({"data", "split", "--split", "ratio", "-o", "s.csv"}, data)).code == 0);
    CHECK(content(program.folder() / "s.csv").starts_with(names ? "node,split\np00," : "node,split\n0,"));
    nlohmann::json drawn =
        nlohmann::json::parse(program.run(joined({"data", "split", "--split", "ratio"}, data)).out);
    REQUIRE(program.run(train_on(data, {"--split", "s.csv", "--out", "a"})).code == 0);
    drawn.at("name") = "s.csv";
    CHECK(nlohmann::json::parse(content(program.folder() / "a/split.json")) == drawn);
  }
}

TEST_CASE("data split: the folds of kfold:K fill a folder, and each node tests once") {
  const Program program;
  const std::vector<std::string> data = small_graph(program);
  REQUIRE(program.run(joined({"data", "split", "--split", "kfold:5", "-o", "folds"}, data)).code == 0);
  std::set<int> tested;
  for (int k = 0; k < 5; ++k) {
    const std::string number = std::to_string(k),
                      text = content(program.folder() / ("folds/kfold-" + number + ".json"));
    CHECK(text == program.run(joined({"data", "split", "--split", "kfold:5/" + number}, data)).out);
    const nlohmann::json fold = nlohmann::json::parse(text);
    for (const int node : fold.at("test")) CHECK(tested.insert(node).second);
  }
  CHECK(tested.size() == num_people);
  CHECK(program.run(joined({"data", "split", "--split", "kfold:5"}, data)).out.find("\"kfold-4\"") !=
        std::string::npos);
}

TEST_CASE("train: with --split-per-run each run takes the next fold, or the next seed") {
  const Program program;
  const std::vector<std::string> data = small_graph(program);
  const auto split = [&](const char* wish, const char* seed) {
    return program.run(joined({"data", "split", "--split", wish, "--split-seed", seed}, data)).out;
  };
  const auto train = [&](const char* wish, const char* out) {
    return program.run(train_on(data, {"--split", wish, "--split-per-run", "on", "--runs", "2", "--split-seed", "3", "--out", out})).code;
  };
  REQUIRE(train("kfold:5/4", "a") == 0);
  CHECK(content(program.folder() / "a/run-0/split.json") == split("kfold:5/4", "3"));
  CHECK(content(program.folder() / "a/run-1/split.json") == split("kfold:5/0", "3"));
  REQUIRE(train("ratio", "b") == 0);
  CHECK(content(program.folder() / "b/run-0/split.json") == split("ratio", "3"));
  CHECK(content(program.folder() / "b/run-1/split.json") == split("ratio", "4"));
}

TEST_CASE("data split: --split graph keeps the nodes of a graph together") {
  const Program program;
  gnn::datasets::Dataset data;
  gnn::graphs::EdgeList edges;
  edges.num_nodes = 20;
  for (int i = 0; i < 20; ++i) {  // ten graphs of two nodes
    edges.source.push_back(gnn::NodeId(i));
    edges.target.push_back(gnn::NodeId(i ^ 1));
    data.labels.push_back(i % 2);
    data.graph_id.push_back(i / 2);
  }
  data.name = "pairs";
  data.graph = gnn::graphs::Csr::from_edges(edges);
  data.num_classes = 2;
  data.features.rows = 20;
  data.features.offsets.assign(21, 0);
  gnn::datasets::write_gnn_file(program.folder() / "pairs.gnn", data);
  const Result result = program.run({"data", "split", "pairs.gnn", "--split", "graph:0.5/0.3"});
  REQUIRE(result.code == 0);
  const nlohmann::json split = nlohmann::json::parse(result.out);
  const std::size_t sizes[] = {10, 6, 4};
  const char* parts[] = {"train", "val", "test"};
  for (std::size_t k = 0; k < 3; ++k) {
    const auto nodes = split.at(parts[k]).get<std::vector<int>>();
    CHECK(nodes.size() == sizes[k]);
    for (const int node : nodes) CHECK(std::ranges::count(nodes, node ^ 1) == 1);
  }
}

TEST_CASE("data split: with --log json the nodes are told too when no file has them") {
  const Program program;
  const std::vector<std::string> data = small_graph(program);
  const nlohmann::json drawn =
      nlohmann::json::parse(program.run(joined({"data", "split", "--split", "ratio"}, data)).out);
  const nlohmann::json event =
      json_lines(program.run(joined({"data", "split", "--split", "ratio", "--log", "json"}, data)).out).at(0);
  CHECK(event.at("event") == "split");
  CHECK(event.at("train") == 18);
  CHECK(event.at("train_nodes") == drawn.at("train"));
  CHECK(event.at("val_nodes") == drawn.at("val"));
  CHECK(event.at("test_nodes") == drawn.at("test"));
}

TEST_CASE("data split: wrong ways are refused with exit 2, and leave nothing behind") {
  const Program program;
  const std::vector<std::string> data = small_graph(program);
  write(program, "kept.csv", "of the user");
  const std::set<std::string> before = program.files();
  const struct {
    std::vector<std::string> more;
    const char* message;
  } cases[] = {
      {{"--split", "random"},
       "--split: random split: expected at least 50 nodes in each class, found 10 in class 0"},
      {{"--split", "random:x"},
       "--split: expected random: with one or two numbers and / between them, found 'random:x'"},
      {{"--split", "random:-1"}, "--split: expected random: with "},
      {{"--split", "ratio:nan"}, "--split: expected ratio: with "},
      {{"--split", "ratio:inf/0"}, "--split: expected ratio: with "},
      {{"--split", "ratio:0.5/0.2/0.3"}, "--split: expected ratio: with "},
      {{"--split", "random:1.5/2"}, "--split: expected a whole number, found 1.5"},
      {{"--split", "random:1e300"}, "--split: expected a whole number, found 1e+300"},
      {{"--split", "ratio:0.8/0.5"},
       "--split: ratio split: expected shares of at least 0 with a sum of at most 1"},
      {{"--split", "kfold:2"}, "--split: k-fold split: expected 3 to 30 folds, got 2"},
      {{"--split", "kfold:31"}, "--split: k-fold split: expected 3 to 30 folds, got 31"},
      {{"--split", "kfold:5/5"}, "--split: expected a fold below 5, found 5"},
      {{"--split", "graph"}, "--split: follows is a single graph"},
      {{"--split", "public"}, "--split: follows has no public split"},
      {{"--split", "geom:0"}, "--split: follows has no published splits"},
      {{"--split", "ratio", "-o", "kept.csv"}, "--out: kept.csv exists\nhint: --force overwrites it"},
      {{"--split", "ratio", "-o", "s.txt"}, "--out: expected FILE.json or FILE.csv, found 's.txt'"},
      {{"--split", "kfold:5", "-o", "s.json"}, "--out: expected a folder for 5 splits, found 's.json'"},
      {{"--split", "ratio", "--split-seed", "-1"}, "--split-seed: must be at least 0"},
  };
  for (const auto& test : cases) {
    const Result result = program.run(joined(joined({"data", "split"}, data), test.more));
    CAPTURE(test.message);
    CAPTURE(result.err);
    CHECK(result.code == 2);
    CHECK(result.err.starts_with("gnn: error: " + std::string(test.message)));
    CHECK(program.files() == before);
  }
  const Result several = program.run(train_on(data, {"--split", "kfold:5"}));
  CHECK(several.code == 2);
  CHECK(several.err == "gnn: error: --split: expected one split, found 5\nhint: name a fold: kfold:5/0\n");
  const Result missing = program.run(joined({"data", "split", "--split", "nowhere.csv"}, data));
  CHECK(missing.code == 4);
  CHECK(missing.err == "gnn: error: nowhere.csv: no such file\n");
  write(program, "wrong.json", "{\"train\": [0], \"val\": [99], \"test\": []}");
  CHECK(program.run(joined({"data", "split", "--split", "wrong.json"}, data)).code == 3);
}
