// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "small_graph.hpp"

using namespace gnn::apps::test;

TEST_CASE("train: a graph of one's own with names trains, is written down, and goes on") {
  const Program program;
  const std::vector<std::string> data = named_graph(program);
  const Result result = program.run(train_on(data, {"--out", "a"}));
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.out.starts_with(
      "data    follows  30 nodes, 120 edges (+30 self-loops), 2 features (100.0 % non-zero), 3 classes\n"
      "split   ratio  18 train / 6 val / 6 test\n"));
  CHECK(result.err.starts_with("note    60 edges read"));

  CHECK(program.run({"train", "--config", "a/config.toml", "--out", "b"}).code == 0);
  for (const char* file : {"config.toml", "best.safetensors", "split.json", "metrics.jsonl"}) {
    CHECK(content(program.folder() / "a" / file) == content(program.folder() / "b" / file));
  }
  CHECK(contains(content(program.folder() / "a/config.toml"),
                 "edges = \"follows.tsv\"\nfeatures = \"people.csv\"\nlabels = \"people.csv\"\n"));

  CHECK(program.run({"train", "--resume", "a", "--epochs", "9"}).code == 0);
  CHECK(program.run(joined({"train", "--threads", "1", "--out", "c", "--epochs", "9"}, data)).code == 0);
  CHECK(json_lines(content(program.folder() / "a/metrics.jsonl")).size() == 9);
  CHECK(content(program.folder() / "a/best.safetensors") == content(program.folder() / "c/best.safetensors"));
}

TEST_CASE("predict: nodes and classes have the names that the user gave them") {
  const Program program;
  const std::vector<std::string> data = named_graph(program);
  REQUIRE(program.run(train_on(data, {"--out", "a"})).code == 0);
  const Result result = program.run(joined({"predict", "--model", "a"}, data));
  CHECK(result.code == 0);
  std::istringstream lines(result.out);
  std::string line;
  std::getline(lines, line);
  CHECK(line == "node,class");
  for (int i = 0; i < num_people; ++i) {
    std::getline(lines, line);
    CHECK(line.starts_with(person(i) + ","));
    const std::string group = line.substr(4);
    CHECK((group == "red" || group == "green" || group == "blue"));
  }
  CHECK_FALSE(std::getline(lines, line));
}

TEST_CASE("predict: a graph that the model has never seen, without labels") {
  const Program program;
  REQUIRE(program.run(train_on(small_graph(program), {"--out", "a"})).code == 0);
  write(program, "new.tsv", "0\t1\n1\t2\n2\t3\n");
  write(program, "new-features.csv", "age,height\n20,0.5\n21,1.5\n22,2.5\n23,0.5\n");
  const Result result = program.run(
      {"predict", "--model", "a", "--edges", "new.tsv", "--features", "new-features.csv", "--probs"});
  CAPTURE(result.err);
  CHECK(result.code == 0);
  CHECK(result.out.starts_with("node,class,p_blue,p_green,p_red\n0,"));
  CHECK(std::ranges::count(result.out, '\n') == 5);

  write(program, "wide.csv", "a,b,c\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n");
  const Result wide = program.run(
      {"predict", "--model", "a", "--edges", "new.tsv", "--features", "wide.csv", "--out", "p.csv"});
  CHECK(wide.code == 8);
  CHECK(contains(wide.err, "gnn: error: model expects 2 features, data has 3\n"));
  CHECK_FALSE(program.files().contains("p.csv"));
}

TEST_CASE("train: without features the nodes have what the graph says of them, which is told") {
  const Program program;
  small_graph(program);
  const std::vector<std::string> data = {"--edges",    "follows.csv", "--labels",
                                         "people.csv", "--label-col", "group"};
  const Result result = program.run(train_on(data, {}));
  CHECK(result.code == 0);
  CHECK(contains(result.out, " 2 features (100.0 % non-zero)"));
  CHECK(contains(result.err, "note    no --features: every node has a constant and log(1 + degree)\n"));
  const Result silent = program.run(train_on(data, {"--features", "none"}));
  CHECK(silent.code == 0);
  CHECK_FALSE(contains(silent.err, "no --features"));
  CHECK(content(program.folder() / "runs/follows-gat-1/best.safetensors") ==
        content(program.folder() / "runs/follows-gat-2/best.safetensors"));
}

TEST_CASE("train: without labels there is nothing to train for") {
  const Program program;
  small_graph(program);
  const std::set<std::string> before = program.files();
  for (const std::vector<std::string>& command : {std::vector<std::string>{"train"},
                                                  {"bench"},
                                                  {"data", "split"},
                                                  {"data", "split", "--split", "ratio"}}) {
    const Result result = program.run(joined(command, {"--edges", "follows.csv"}));
    CHECK(result.code == 8);
    CHECK(result.err ==
          "gnn: error: follows: expected labels of some nodes, found none\nhint: --labels FILE\n");
    CHECK(result.out == "");
  }
  CHECK(program.run({"data", "info", "--edges", "follows.csv"}).code == 0);
  CHECK(program.files() == before);
}

TEST_CASE("train: the column of labels need not be in the file of features, and is no feature where it is") {
  const Program program;
  const std::vector<std::string> one_file = small_graph(program);
  write(program, "marks.csv", people(false));
  std::string numbers = "id,age,height\n", leaky = "id,age,height,group\n";
  for (int i = 0; i < num_people; ++i) {
    const std::string row =
        std::to_string(i) + "," + std::to_string(20 + i) + "," + std::to_string(i % 3) + ".5";
    numbers += row + "\n";
    leaky += row + "," + std::to_string(i % 3) + "\n";
  }
  write(program, "numbers.csv", numbers);
  write(program, "leaky.csv", leaky);
  REQUIRE(program.run(train_on(one_file, {"--out", "one"})).code == 0);
  for (const char* features : {"numbers.csv", "leaky.csv"}) {
    const Result result = program.run(train_on(
        {"--edges", "follows.csv", "--features", features, "--labels", "marks.csv", "--label-col", "group"},
        {"--out", features + std::string("-run")}));
    CAPTURE(result.err);
    CHECK(result.code == 0);
    CHECK(content(program.folder() / (features + std::string("-run")) / "best.safetensors") ==
          content(program.folder() / "one/best.safetensors"));
  }
}

TEST_CASE("train: --max-memory is kept before anything is read or written, and --dry-run writes nothing") {
  const Program program;
  const std::vector<std::string> data = small_graph(program);
  const std::set<std::string> before = program.files();
  const Result tight = program.run(train_on(data, {"--max-memory", "1M"}));
  CHECK(tight.code == 10);
  CHECK(tight.err == "gnn: error: reading follows.csv needs about 67.1 MB, --max-memory allows 1.0 MB\n");
  write(program, "follows.csv", "no edges at all");  // never read
  CHECK(program.run(train_on(data, {"--max-memory", "1M"})).code == 10);
  CHECK(program.run(train_on(data, {"--max-memory", "80M"})).code == 3);
  const Result bad = program.run(train_on(data, {"--max-memory", "much"}));
  CHECK(bad.code == 2);
  CHECK(contains(bad.err, "gnn: error: --max-memory: expected a size such as 500M or 8G, found 'much'\n"));

  small_graph(program);
  const Result dry = program.run(train_on(data, {"--dry-run"}));
  CHECK(dry.code == 0);
  CHECK(contains(dry.out, "memory estimate "));
  CHECK_FALSE(contains(dry.out, "run 1"));
  CHECK(program.files() == before);
}

TEST_CASE("train: people who follow nobody are nodes when asked for, and an error with a hint else") {
  const Program program;
  std::vector<std::string> data = named_graph(program);
  std::ofstream(program.folder() / "people.csv", std::ios::app) << "a00,1,2,red\n";
  const Result refused = program.run(train_on(data, {"--out", "a"}));
  CHECK(refused.code == 3);
  CHECK(contains(refused.err, "expected a node of the graph, found 'a00'\nhint: --num-nodes or --isolated add keep "
                              "nodes without edges\n"));
  data.insert(data.end(), {"--isolated", "add"});
  const Result result = program.run(train_on(data, {"--out", "a"}));
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.out.starts_with("data    follows  31 nodes, 120 edges (+31 self-loops)"));
  CHECK(program.run(joined({"predict", "--model", "a"}, data)).out.starts_with("node,class\na00,"));
}
