// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

using namespace gnn::apps::test;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The arguments of a short training, with `more` behind.
std::vector<std::string> training(std::vector<std::string> more) {
  std::vector<std::string> arguments = {"train",    "--data", "cora",        "--threads", "1",
                                        "--epochs", "6",      "--log-every", "3"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("program: what cannot work is refused with its exit code, and leaves nothing behind") {
  const struct {
    std::vector<std::string> arguments;
    int code;
    const char* message;
  } cases[] = {
      {{"trian"}, 2, "gnn: error: no command 'trian'; did you mean 'train'?\n"},
      {training({"--layerz", "3"}), 2, "train has no flag '--layerz'; did you mean '--layers'?"},
      {training({"--model", "gatt"}), 2, "--model: expected gat, gatv2, supergat"},
      {training({"--model", "gatv2"}), 2, "--model: gatv2 is planned, not in this release"},
      {training({"--dropout", "1.5"}), 2, "--dropout: must be in [0, 1), got 1.5"},
      {training({"--lr", "nan"}), 2, "--lr: expected a finite number"},
      {training({"--heads", "0"}), 2, "--heads: must be at least 1, got 0"},
      {training({"--heads", "70000"}), 2, "--heads: must be in 1 to 65536, got 70000"},
      {training({"--heads", "4,4,4"}), 2, "--heads: expected 1 number or 1"},
      {training({"--residual", "identity"}), 2, "identity residual needs equal widths"},
      {training({"--preset", "gat/coraa"}), 2,
       "--preset: expected none, gat/cora, gat/citeseer, gat/pubmed, gat/ppi, gat/ppi-skip or pyg, found 'gat/coraa'; did you mean "
       "'gat/cora'?"},
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
       "--out: expected FILE.csv, FILE.json or -, found 'p.txt'"},
      {{"models", "show", "gatv2"}, 2, "--model: gatv2 is planned"},
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

TEST_CASE(
    "train: a signal ends it after the epoch with a checkpoint, and --resume goes on to the same model") {
  const Program program;
  const std::vector<std::string> arguments = {"train",    "--data", "cora",   "--threads",  "1",
                                              "--epochs", "400",    "--stop", "none",       "--save-every",
                                              "1",        "--out",  "a",      "--progress", "never"};
  for (const int signal : {SIGINT, SIGTERM}) {
    const Result result = program.run_and_signal(arguments, signal, "a/last.safetensors");
    CHECK(result.code == 128 + signal);
    CHECK(result.err.starts_with("interrupted at epoch "));
    CHECK(contains(result.err, "; go on with: gnn train --resume a\n"));
    CHECK(program.run({"eval", "--model", "a", "--data", "cora"}).code == 0);
    CHECK(
        program.run({"train", "--resume", "a", "--epochs", "60", "--save-every", "0", "--progress", "never"})
            .code == 0);
    CHECK(program.run({"train", "--data", "cora", "--epochs", "60", "--stop", "none", "--out", "b", "-q"})
              .code == 0);
    const std::string epochs =
        std::to_string(json_lines(content(program.folder() / "a/metrics.jsonl")).size());
    // A fast machine may be past 60 epochs before the signal comes.
    if (epochs == "60")
      CHECK(content(program.folder() / "a/best.safetensors") ==
            content(program.folder() / "b/best.safetensors"));
    for (const auto& name : program.files()) CHECK_FALSE(name.ends_with(".tmp"));
    std::filesystem::remove_all(program.folder() / "a");
    std::filesystem::remove_all(program.folder() / "b");
  }
}

TEST_CASE("train: killed at any moment, it goes on from the last checkpoint to the same model") {
  const Program program;
  const std::vector<std::string> arguments = {"train",    "--data", "cora",   "--threads",  "1",
                                              "--epochs", "12",     "--runs", "2",          "--save-every",
                                              "1",        "--out",  "a",      "--progress", "never"};
  CHECK(program.run({"train", "--data", "cora", "--epochs", "12", "--runs", "2", "--out", "b", "-q"}).code ==
        0);
  for (const char* sign :
       {"a/config.toml", "a/run-0/last.safetensors", "a/run-0/best.safetensors", "a/run-1/metrics.jsonl"}) {
    CHECK(program.run_and_signal(arguments, SIGKILL, sign).code == 128 + SIGKILL);
    CHECK(program.run({"train", "--resume", "a", "--progress", "never"}).code == 0);
    for (const char* run : {"run-0", "run-1"}) {
      CHECK(content(program.folder() / "a" / run / "best.safetensors") ==
            content(program.folder() / "b" / run / "best.safetensors"));
      CHECK(content(program.folder() / "a" / run / "metrics.jsonl") ==
            content(program.folder() / "b" / run / "metrics.jsonl"));
    }
    for (const auto& name : program.files()) CHECK_FALSE(name.ends_with(".tmp"));
    std::filesystem::remove_all(program.folder() / "a");
  }
}

TEST_CASE("train: --resume refuses what does not fit, and changes nothing") {
  const Program program;
  CHECK(program.run(training({"--out", "a"})).code == 0);
  const std::string config = content(program.folder() / "a/config.toml"),
                    last = content(program.folder() / "a/last.safetensors");
  const struct {
    std::vector<std::string> more;
    int code;
    const char* message;
  } cases[] = {
      {{"--hidden", "16"}, 8, "a/last.safetensors: expected a training with hidden [16], found hidden [8]"},
      {{"--seed", "3"}, 8, "a/last.safetensors: expected a training with seed 3, found seed 0"},
      {{"--runs", "2"}, 2, "--runs: the folder a holds a single run"},
      {{"--out", "b"}, 2, "--out: does not go with --resume"},
      {{"--split", "random"}, 8, "a/split.json: expected the split random of cora, found another"},
  };
  for (const auto& test : cases) {
    std::vector<std::string> arguments = {"train", "--resume", "a"};
    arguments.insert(arguments.end(), test.more.begin(), test.more.end());
    const Result result = program.run(arguments);
    CHECK(result.code == test.code);
    CHECK(contains(result.err, test.message));
  }
  CHECK(content(program.folder() / "a/config.toml") == config);
  CHECK(content(program.folder() / "a/last.safetensors") == last);

  std::ofstream(program.folder() / "a/last.safetensors", std::ios::binary)
      << last.substr(0, last.size() - 100);
  const Result cut = program.run({"train", "--resume", "a"});
  CHECK(cut.code == 3);
  CHECK(contains(cut.err, "gnn: error: a/last.safetensors: tensor '"));
}

TEST_CASE("train: NaN ends it with the last good weights, which can be used but not trained on") {
  const Program program;
  const Result result = program.run(training({"--lr", "1e30", "--out", "a", "--runs", "2"}));
  CHECK(result.code == 7);
  CHECK(contains(result.err, " (run 1), first in "));
  CHECK(contains(result.err, "; last good weights are in a/run-0/last.safetensors\n"));
  CHECK(program.run({"eval", "--model", "a/run-0/last.safetensors", "--data", "cora"}).code == 0);
  const Result resumed = program.run({"train", "--resume", "a"});
  CHECK(resumed.code == 7);
  CHECK(contains(resumed.err,
                 "a/run-0/last.safetensors: this training ended with NaN or infinity and cannot go on"));
}

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
