// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <datasets/formats/npz.hpp>

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

TEST_CASE("predict --nodes: only these nodes, in the order of the file, in every form") {
  const Program program;
  CHECK(program.run(training({"--out", "a"})).code == 0);
  const auto with = [&](const std::vector<std::string>& more) {
    return program.run(joined({"predict", "--model", "a", "--data", "cora"}, more));
  };
  const auto write = [&](const char* name, const char* text) { std::ofstream(program.folder() / name) << text; };
  write("nodes.csv", "node,why\n17,a\n5,b\n");
  const std::string all = with({}).out;
  const auto line_of = [&](const std::string& node) {
    const std::size_t begin = all.find("\n" + node + ",") + 1;
    return all.substr(begin, all.find('\n', begin) + 1 - begin);
  };
  CHECK(with({"--nodes", "nodes.csv"}).out == "node,class\n" + line_of("17") + line_of("5"));

  CHECK(with({"--nodes", "nodes.csv", "--probs", "--out", "p.npz"}).code == 0);
  const std::string bytes = content(program.folder() / "p.npz");
  gnn::datasets::Npz npz(std::as_bytes(std::span(bytes)), "p.npz");
  CHECK(gnn::datasets::to_integers(npz.array("node")) == std::vector<std::int64_t>{17, 5});
  const std::int64_t first = gnn::datasets::to_integers(npz.array("class")).front();
  CHECK(line_of("17") == "17," + std::to_string(first) + "\n");
  CHECK(npz.array("probs").shape == std::vector<std::size_t>{2, 7});
  const std::vector<float> probabilities = gnn::datasets::to_floats(npz.array("probs"));
  CHECK(std::ranges::max_element(probabilities.begin(), probabilities.begin() + 7) - probabilities.begin() == first);

  const Result json = with({"--nodes", "nodes.csv", "--log", "json"});
  CHECK(json_lines(json.out).back().at("node") == nlohmann::json({17, 5}));

  write("twice.csv", "17\n17\n");
  CHECK(with({"--nodes", "twice.csv"}).code == 3);
  write("unknown.csv", "17\n2708\n");
  CHECK(contains(with({"--nodes", "unknown.csv"}).err, "unknown.csv:2:1: expected a node of the graph, found '2708'"));
  write("empty.csv", "");
  CHECK(with({"--nodes", "empty.csv"}).code == 3);
  CHECK(with({"--nodes", "none.csv"}).code == 4);
}
