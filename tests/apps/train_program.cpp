// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace gnn::apps::test;

TEST_CASE("train: prints what it does and writes a folder of its own") {
  const Program program;
  const Result result = program.run(training({}));
  CHECK(result.code == 0);
  CHECK(contains(
      result.out,
      "data    cora  2708 nodes, 10556 edges (+2708 self-loops), 1433 features (1.3 % non-zero), 7 classes\n"
      "split   public  140 train / 500 val / 1000 test\n"
      "model   gat  2 layers, heads 8→1, 92 391 parameters   preset gat/cora\n"
      "device  cpu, 1 thread"));
  CHECK(contains(result.out, "\n  run 1   test acc 0."));
  CHECK(result.out.ends_with("\nsaved   runs/cora-gat-1/\n"));
  CHECK_FALSE(contains(result.out, "mean ± std"));
  CHECK(result.err.starts_with(
      "run  epoch   train loss  train acc   val loss   val acc   best   ms/epoch\n  1      3 "));
  CHECK(contains(result.err, "  1      6  stopped: all epochs done; best "));
  CHECK(program.files() ==
        std::set<std::string>{"runs", "runs/cora-gat-1", "runs/cora-gat-1/best.safetensors",
                              "runs/cora-gat-1/config.toml", "runs/cora-gat-1/last.safetensors",
                              "runs/cora-gat-1/metrics.jsonl", "runs/cora-gat-1/split.json",
                              "runs/cora-gat-1/summary.json"});
  CHECK(json_lines(content(program.folder() / "runs/cora-gat-1/metrics.jsonl")).size() == 6);
  CHECK(contains(program.run(training({"-q"})).out, "saved   runs/cora-gat-2/\n"));
}

TEST_CASE("train: runs have a folder and a seed each, and a summary") {
  const Program program;
  const Result result = program.run(training({"--runs", "3", "--seed", "4", "--out", "a/b/"}));
  CHECK(result.code == 0);
  CHECK(contains(result.out,
                 "            test acc          val acc           best epoch     time\nmean ± std  0."));
  CHECK(contains(result.out, "(3 runs, seeds 4–6)\nsaved   a/b/\n"));
  const Result single = program.run(training({"--seed", "5", "--out", "c"}));
  CHECK(content(program.folder() / "a/b/run-1/best.safetensors") ==
        content(program.folder() / "c/best.safetensors"));
  CHECK(program.files().contains("a/b/summary.json"));
  CHECK(contains(program.run({"eval", "--model", "a/b", "--data", "cora"}).out, "test     1000"));
}

TEST_CASE("train: --log json ends with the summary") {
  const Program program;
  const std::vector<nlohmann::json> lines = json_lines(program.run(training({"--log", "json"})).out);
  std::vector<std::string> events;
  for (const nlohmann::json& line : lines) events.push_back(line.at("event"));
  CHECK(events == std::vector<std::string>{"data", "split", "model", "device", "epoch", "epoch", "stopped",
                                           "run", "summary"});
  const nlohmann::json& summary = lines.back();
  for (const char* key : {"data", "model", "device", "runs", "test_acc_mean", "test_acc_std",
                          "test_f1_micro_mean", "test_f1_macro_mean", "val_acc_mean", "epochs_mean",
                          "ms_per_epoch", "seconds", "peak_mib", "threads", "seed"}) {
    CHECK(summary.contains(key));
  }
  CHECK(summary.size() == 16);
  CHECK(summary.at("data") == "cora");
  CHECK(summary.at("epochs_mean") == 6);
  CHECK(summary.at("test_acc_mean") == lines[7].at("test_acc"));
  CHECK(nlohmann::json::parse(content(program.folder() / "runs/cora-gat-1/summary.json")) == summary);
}

TEST_CASE("train: an existing folder is refused, an empty one is not, --force overwrites") {
  const Program program;
  std::filesystem::create_directory(program.folder() / "a");
  CHECK(program.run(training({"--out", "a"})).code == 0);
  const std::string before = content(program.folder() / "a/best.safetensors");
  const Result refused = program.run(training({"--out", "a", "--seed", "1"}));
  CHECK(refused.code == 2);
  CHECK(contains(refused.err, "gnn: error: --out: the folder a is not empty\nhint: --force overwrites it\n"));
  CHECK(content(program.folder() / "a/best.safetensors") == before);
  CHECK(program.run(training({"--out", "a", "--seed", "1", "--force"})).code == 0);
  CHECK(content(program.folder() / "a/best.safetensors") != before);
  CHECK(program.run(training({"--out", "a/best.safetensors"})).code == 4);
}

TEST_CASE("train: config.toml holds every value, and gives the same model again") {
  const Program program;
  CHECK(program.run(training({"--lr", "0.01", "--hidden", "4", "--out", "a"})).code == 0);
  CHECK(program.run({"train", "--config", "a/config.toml", "--out", "b"}).code == 0);
  for (const char* file : {"config.toml", "best.safetensors", "split.json", "metrics.jsonl"}) {
    CHECK(content(program.folder() / "a" / file) == content(program.folder() / "b" / file));
  }
  const std::string config = content(program.folder() / "a/config.toml");
  for (const char* line : {"lr = 0.01\n", "hidden = [4]\n", "preset = \"gat/cora\"\n", "score-bias = true\n"})
    CHECK(contains(config, line));
  std::ofstream(program.folder() / "bad.toml") << "data = \"cora\"\n[model]\nhead = 3\n";
  const Result bad = program.run({"train", "--config", "bad.toml"});
  CHECK(bad.code == 2);
  CHECK(contains(bad.err, "bad.toml:3:1: unknown key 'model.head'; did you mean 'model.heads'?"));
}

TEST_CASE("train: any number of threads gives the same model") {
  const Program program;
  for (const char* threads : {"1", "2", "3"}) {
    CHECK(program
              .run({"train", "--data", "cora", "--epochs", "6", "-q", "--threads", threads, "--out", threads})
              .code == 0);
  }
  const std::string one = content(program.folder() / "1/best.safetensors");
  CHECK(one.size() > 300000);
  CHECK(content(program.folder() / "2/best.safetensors") == one);
  CHECK(content(program.folder() / "3/best.safetensors") == one);
}
