// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace gnn::apps::test;

TEST_CASE("predict and eval: the classes and scores of a saved model") {
  const Program program;
  CHECK(program.run(training({"--out", "a"})).code == 0);
  const Result csv = program.run({"predict", "--model", "a", "--data", "cora"});
  CHECK(csv.code == 0);
  CHECK(csv.out.starts_with("node,class\n0,"));
  CHECK(std::ranges::count(csv.out, '\n') == 2709);
  CHECK(program.run({"predict", "--model", "a", "--data", "cora", "--out", "p.csv"}).out == "");
  CHECK(content(program.folder() / "p.csv") == csv.out);
  CHECK(program.run({"predict", "--model", "a", "--data", "cora", "--probs", "--out", "p.json"}).code == 0);
  const nlohmann::json object = nlohmann::json::parse(content(program.folder() / "p.json"));
  CHECK(object.at("class").size() == 2708);
  double sum = 0;
  for (const double p : object.at("probs").at(17)) sum += p;
  CHECK(sum == doctest::Approx(1).epsilon(1e-12));

  const nlohmann::json eval =
      json_lines(program.run({"eval", "--model", "a", "--data", "cora", "--log", "json"}).out).back();
  const nlohmann::json summary = nlohmann::json::parse(content(program.folder() / "a/summary.json"));
  CHECK(eval.at("test_acc") == summary.at("test_acc_mean"));
  CHECK(eval.at("test_f1_macro") == summary.at("test_f1_macro_mean"));

  const Result full = program.run({"predict", "--model", "a", "--data", "cora"}, Program::full);
  CHECK(full.code == 4);
  CHECK(program.run({"predict", "--model", "a", "--data", "cora", "--out", "no/p.csv"}).code == 4);
  CHECK_FALSE(program.files().contains("no"));
}
