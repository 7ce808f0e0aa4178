// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace gnn::apps::test;

TEST_CASE("program: what cannot work is refused with its exit code, and leaves nothing behind") {
  const struct {
    std::vector<std::string> arguments;
    int code;
    const char* message;
  } cases[] = {
      {{"trian"}, 2, "gnn: error: no command 'trian'; did you mean 'train'?\n"},
      {training({"--layerz", "3"}), 2, "train has no flag '--layerz'; did you mean '--layers'?"},
      {training({"--model", "gatt"}), 2, "--model: expected gat, gatv2, supergat"},
      {training({"--dropout", "1.5"}), 2, "--dropout: must be in [0, 1), got 1.5"},
      {training({"--lr", "nan"}), 2, "--lr: expected a finite number"},
      {training({"--heads", "0"}), 2, "--heads: must be at least 1, got 0"},
      {training({"--heads", "70000"}), 2, "--heads: must be in 1 to 65536, got 70000"},
      {training({"--heads", "4,4,4"}), 2, "--heads: expected 1 number or 1"},
      {training({"--residual", "identity"}), 2, "identity residual needs equal widths"},
      {training({"--preset", "gat/coraa"}), 2,
       "--preset: expected none, gat/cora, gat/citeseer, gat/pubmed, gat/pubmed-authors, gat/ppi"},
      {training({"--preset", "gat/coraa"}), 2, "found 'gat/coraa'; did you mean 'gat/cora'?"},
      {training({"--threads", "-1"}), 2, "--threads: given twice"},
      {{"train", "--data", "cora", "--threads", "-1"}, 2, "--threads: must be"},
      {{"train"}, 2, "--data: no data set was given"},
      {{"train", "--data", "coraa"}, 2, "coraa"},
      {training({"--device", "cuda:99"}), 6, "cuda"},
      {training({"--resume", "nowhere"}), 4, "nowhere/config.toml: no such file"},
      {training({"--out", "/proc/nowhere/x"}), 4, "/proc/nowhere: cannot make the folder"},
      {{"eval", "--data", "cora"}, 2, "--model: no saved model was given"},
      {{"eval", "--data", "cora", "--model", "nowhere"}, 4, "nowhere: no such file"},
      {{"predict", "--data", "cora", "--model", "x", "--out", "p.txt"},
       2,
       "--out: expected FILE.csv, FILE.json, FILE.npz or -, found 'p.txt'"},
      {{"models", "show", "graph"}, 2, "--model"},
      {{"bench", "--heads", "0"}, 2, "--heads: must be at least 1"},
  };
  for (const auto& test : cases) {
    const Program program;
    const Result result = program.run(test.arguments);
    CAPTURE(test.message);
    CAPTURE(result.err);
    CHECK(result.code == test.code);
    CHECK(contains(result.err, test.message));
    CHECK(program.files().empty());
  }
}

TEST_CASE(
    "program: results that nobody can be told are an error before the training, and leave nothing behind") {
  for (const Program::Stdout kind : {Program::closed, Program::full}) {
    const Program program;
    const Result result = program.run(training({}), kind);
    CHECK(result.code == 4);
    CHECK(contains(result.err, "gnn: error: standard output: "));
    CHECK(program.files().empty());
  }
}

TEST_CASE("bench: Boost.Graph beside the library, on a graph of any size") {
  const Program program;
  for (const char* edges : {"1", "5000"}) {
    const Result result = program.run({"bench", "--boost", edges, "--repeats", "1", "--log", "json"});
    CHECK(result.code == 0);
    const auto event = nlohmann::json::parse(result.out);
    CHECK(event["edges"] == std::stoi(edges));
    CHECK(event["search_s"] >= 0);
  }
}

TEST_CASE("bench: times, memory and a signature that does not depend on threads") {
  const Program program;
  const auto bench = [&](const char* threads) {
    const Result result = program.run(
        {"bench", "--epochs", "3", "--repeats", "1", "--signature", "--log", "json", "--threads", threads});
    CHECK(result.code == 0);
    return json_lines(result.out).back();
  };
  const nlohmann::json one = bench("1"), two = bench("2");
  CHECK(one.at("signature").get<std::string>().size() == 64);
  CHECK(one.at("signature") == two.at("signature"));
  for (const char* key : {"load_ms", "prepare_ms", "init_ms", "epoch_ms", "step_ms", "evaluation_ms",
                          "peak_mib", "pool_bytes", "load_before"}) {
    CHECK(one.contains(key));
  }
}
