// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "small_graph.hpp"

using namespace gnn::apps::test;

namespace {

void add_topic(std::string& list, int number) {
  if (!list.empty()) list += ';';
  list += char('a' + number);
}

/// Topics a, b and c of each node as a list; one node has none.
std::vector<std::string> topics(const Program& program) {
  small_graph(program);
  std::string text = "id,topics\n";
  for (int i = 0; i < num_people; ++i) {
    std::string list;
    for (int k = 0; k < 3; ++k) {
      if ((i >> k) & 1) add_topic(list, k);
    }
    text += std::to_string(i) + "," + (list.empty() ? ";" : list) + "\n";
  }
  write(program, "topics.csv", text);
  return {"--edges", "follows.csv", "--labels", "topics.csv"};
}

}  // namespace

TEST_CASE("multi-label: training counts f1, not accuracy") {
  const Program program;
  const std::vector<std::string> data = topics(program);
  const Result text = program.run(train_on(data, {"--out", "a"}));
  CAPTURE(text.err);
  REQUIRE(text.code == 0);
  CHECK(contains(text.out, "\n  run 1   test f1 "));
  CHECK_FALSE(contains(text.out, "acc"));
  const nlohmann::json summary = json_lines(program.run(train_on(data, {"--log", "json"})).out).back();
  CHECK(summary.contains("test_f1_micro_mean"));
  CHECK(summary.contains("test_f1_macro_mean"));
  CHECK(summary.contains("val_f1_micro_mean"));
  for (const char* key : {"test_acc_mean", "test_acc_std", "val_acc_mean"})
    CHECK_FALSE(summary.contains(key));
  const std::vector<nlohmann::json> epochs = json_lines(content(program.folder() / "a/metrics.jsonl"));
  REQUIRE(epochs.size() == 5);
  for (const nlohmann::json& epoch : epochs) {
    CHECK(epoch.contains("train_f1_micro"));
    CHECK(epoch.contains("val_f1_micro"));
    CHECK_FALSE(epoch.contains("train_acc"));
  }
  const nlohmann::json eval =
      json_lines(program.run(joined({"eval", "--model", "a", "--log", "json"}, data)).out).back();
  CHECK(eval.at("test_f1_micro") == summary.at("test_f1_micro_mean"));
}

TEST_CASE("multi-label: predict writes lists, and a probability for each class by itself") {
  const Program program;
  const std::vector<std::string> data = topics(program);
  REQUIRE(program.run(train_on(data, {"--out", "a"})).code == 0);
  const Result csv = program.run(joined({"predict", "--model", "a", "--probs"}, data));
  REQUIRE(csv.code == 0);
  CHECK(program.run(joined({"predict", "--model", "a", "--probs", "--out", "p.json"}, data)).code == 0);
  const nlohmann::json object = nlohmann::json::parse(content(program.folder() / "p.json"));
  std::istringstream lines(csv.out);
  std::string line;
  std::getline(lines, line);
  CHECK(line == "node,class,p_a,p_b,p_c");
  bool sums_to_one = true;
  for (std::size_t i = 0; i < num_people; ++i) {
    std::string list;
    nlohmann::json classes = nlohmann::json::array();
    double sum = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const double p = object.at("probs").at(i).at(c);
      CHECK(p > 0);
      CHECK(p < 1);
      sum += p;
      if (p <= 0.5) continue;  // half is the bound of a sigmoid
      add_topic(list, int(c));
      classes.push_back(c);
    }
    sums_to_one = sums_to_one && std::abs(sum - 1) < 1e-6;
    std::getline(lines, line);
    CHECK(line.starts_with(std::to_string(i) + "," + list + ","));
    CHECK(object.at("classes").at(i) == classes);
  }
  CHECK_FALSE(sums_to_one);
}

TEST_CASE("multi-label: data info counts each class, and shows no homophily") {
  const Program program;
  const Result text = program.run(joined({"data", "info"}, topics(program)));
  CHECK(text.code == 0);
  CHECK(contains(text.out,
                 "classes    3, any number a node   without label 0 nodes\n  class 0          15  a\n"));
  CHECK_FALSE(contains(text.out, "homophily"));
  const nlohmann::json info =
      json_lines(program.run(joined({"data", "info", "--log", "json"}, topics(program))).out).back();
  CHECK(info.at("multi_label") == true);
  CHECK(info.at("labels_per_class") == nlohmann::json({15, 14, 14}));
  CHECK_FALSE(info.contains("homophily"));
}

TEST_CASE("multi-label: a model of single classes does not score such data") {
  const Program program;
  const std::vector<std::string> data = topics(program);
  REQUIRE(program
              .run(train_on({"--edges", "follows.csv", "--labels", "people.csv", "--label-col", "group"},
                            {"--out", "a"}))
              .code == 0);
  const Result result = program.run(joined({"eval", "--model", "a"}, data));
  CHECK(result.code == 8);
  CHECK(contains(result.err, "gnn: error: model expects one class a node, data has "));
}
