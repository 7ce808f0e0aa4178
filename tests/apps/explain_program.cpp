// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <map>
#include <sstream>

#include "small_graph.hpp"

using namespace gnn::apps::test;

namespace {

std::vector<std::vector<std::string>> rows_of(const std::string& text, char separator) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    rows.emplace_back();
    for (std::string field; std::getline(fields, field, separator);) rows.back().push_back(field);
  }
  return rows;
}

// A model of the named graph in the folder "model".
std::vector<std::string> trained(const Program& program) {
  const std::vector<std::string> data = named_graph(program);
  REQUIRE(program.run(train_on(data, {"--out", "model", "--heads", "3"})).code == 0);
  return data;
}

}  // namespace

TEST_CASE("explain: the weights into every node sum to one, for each layer and head, and self-loops are marked") {
  const Program program;
  const std::vector<std::string> data = trained(program);
  const Result all = program.run(joined({"explain", "--model", "model", "--head", "all"}, data));
  REQUIRE(all.code == 0);
  const auto rows = rows_of(all.out, ',');
  REQUIRE(rows[0] == std::vector<std::string>{"layer", "head", "source", "target", "weight", "self_loop"});
  std::map<std::string, double> sums;
  std::size_t loops = 0;
  for (std::size_t k = 1; k < rows.size(); ++k) {
    REQUIRE(rows[k].size() == 6);
    sums[rows[k][0] + "/" + rows[k][1] + "/" + rows[k][3]] += std::stod(rows[k][4]);
    CHECK((rows[k][5] == "1") == (rows[k][2] == rows[k][3]));
    loops += rows[k][5] == "1";
  }
  CHECK(sums.size() == (3 + 1) * num_people);  // three heads in the first layer, one in the second
  CHECK(loops == (3 + 1) * num_people);
  for (const auto& [row, sum] : sums) CHECK_MESSAGE(sum == doctest::Approx(1).epsilon(1e-5), row);
}

TEST_CASE("explain: one node's heaviest edges, by name, into a file or as JSON") {
  const Program program;
  const std::vector<std::string> data = trained(program);
  const auto ask = [&](std::vector<std::string> more) {
    return program.run(joined(joined({"explain", "--model", "model", "--node", "p07"}, more), data));
  };
  const auto all = rows_of(ask({}).out, ','), top = rows_of(ask({"--top", "2"}).out, ',');
  REQUIRE(top.size() == 1 + 2 * 2);
  std::multimap<double, std::string, std::greater<>> heaviest;
  for (std::size_t k = 1; k < all.size(); ++k) {
    CHECK(all[k][3] == "p07");
    CHECK(all[k][1] == "mean");
    if (all[k][0] == "layer1") heaviest.emplace(std::stod(all[k][4]), all[k][2]);
  }
  CHECK(top[1][2] == heaviest.begin()->second);
  CHECK(top[2][2] == std::next(heaviest.begin())->second);
  CHECK(ask({"--out", "e.csv"}).code == 0);
  CHECK(content(program.folder() / "e.csv") == ask({}).out);
  const std::string first = ask({"--log", "json"}).out;
  const nlohmann::json event = nlohmann::json::parse(first.substr(0, first.find('\n')));
  CHECK(event.at("event") == "edge");
  CHECK(event.at("target") == "p07");
}

TEST_CASE("explain and embed: bad requests are refused in one sentence, and no file is written") {
  const Program program;
  const std::vector<std::string> data = trained(program);
  const auto before = program.files();
  const struct {
    std::vector<std::string> arguments;
    const char* message;
  } cases[] = {
      {{"explain", "--model", "model", "--node", "p99"}, "gnn: error: --node: expected a node of follows, found 'p99'"},
      {{"explain", "--model", "model", "--out", "e.json"}, "gnn: error: --out: expected FILE.csv or -, found 'e.json'"},
      {{"embed", "--model", "model", "--layer", "2"}, "gnn: error: --layer: this model has 1 hidden layer, found 2"},
      {{"embed", "--model", "model", "--out", "e.csv"}, "gnn: error: --out: expected FILE.npz, FILE.tsv or -, found 'e.csv'"},
  };
  for (const auto& test : cases) {
    const Result result = program.run(joined(test.arguments, data));
    CAPTURE(result.err);
    CHECK(result.code == 2);
    CHECK(result.err.find(test.message) != std::string::npos);
    CHECK(program.files() == before);
  }
}

TEST_CASE("embed: a vector for each node, hidden ones or the logits, as TSV and npz") {
  const Program program;
  const std::vector<std::string> data = trained(program);
  const auto hidden = rows_of(program.run(joined({"embed", "--model", "model"}, data)).out, '\t');
  const auto logits = rows_of(program.run(joined({"embed", "--model", "model", "--layer", "0"}, data)).out, '\t');
  REQUIRE(hidden.size() == num_people);
  REQUIRE(logits.size() == num_people);
  CHECK(hidden[7][0] == "p07");
  CHECK(hidden[7].size() == 1 + 3 * 8);
  CHECK(logits[7].size() == 1 + 3);
  CHECK(program.run(joined({"embed", "--model", "model", "--layer", "1", "--out", "e.tsv"}, data)).code == 0);
  CHECK(rows_of(content(program.folder() / "e.tsv"), '\t') == hidden);
  CHECK(program.run(joined({"embed", "--model", "model", "--out", "e.npz"}, data)).code == 0);
  CHECK(content(program.folder() / "e.npz").starts_with("PK"));
}

TEST_CASE("train --grid: one row for each combination, the best by validation marked, and no file left") {
  const Program program;
  const std::vector<std::string> data = named_graph(program);
  const auto before = program.files();
  const Result good = program.run(train_on(data, {"--grid", "lr=0.005,0.01", "--grid", "heads=2,3+4", "--layers", "3"}));
  REQUIRE(good.code == 0);
  const auto rows = rows_of(good.out, '\n');
  REQUIRE(rows.size() == 1 + 4);
  CHECK(rows[0][0].find("lr     heads  validation") != std::string::npos);
  std::size_t best = 0;
  for (const auto& row : rows) best += row[0].ends_with("best validation");
  CHECK(best == 1);
  CHECK(program.files() == before);
  CHECK(program.run(train_on(data, {"--grid", "lr=0.1", "--grid", "lr=0.2"})).err.find("lr is given twice") != std::string::npos);
  CHECK(program.run(train_on(data, {"--grid", "lr"})).err.find("expected KEY=A,B,..., found 'lr'") != std::string::npos);
}

TEST_CASE("reproduce: ours beside the published figure; what is not at hand is left out and said") {
  const Program program;
  const Result text = program.run({"reproduce", "gat", "cora", "--runs", "1"});
  REQUIRE(text.code == 0);
  const auto rows = rows_of(text.out, '\n');
  REQUIRE(rows.size() == 2);
  CHECK(rows[1][0].find("83.0 ± 0.7") != std::string::npos);
  const Result markdown = program.run({"reproduce", "gat", "citeseer", "--markdown", "--offline", "--data-dir", "empty"});
  CHECK(markdown.code == 0);
  CHECK(markdown.out.find("| gat | citeseer | acc | not run | 72.5 ± 0.7 |") != std::string::npos);
  CHECK(markdown.err.find("citeseer") != std::string::npos);
  CHECK(program.run({"reproduce", "gat", "none"}).code == 2);
}
