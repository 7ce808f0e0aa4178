// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "program.hpp"

using namespace gnn::apps::test;

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

TEST_CASE("train: killed at 50 moments, the checkpoint that is there loads and leads to the same model") {
  const Program program;
  const std::vector<std::string> length = {"--data", "cora", "--threads", "1", "--epochs", "30", "--stop", "none", "-q"};
  const auto start = std::chrono::steady_clock::now();
  CHECK(program.run(joined({"train", "--out", "b", "--save-every", "1"}, length)).code == 0);
  const std::chrono::duration<double, std::milli> whole = std::chrono::steady_clock::now() - start;
  int resumed = 0;
  for (int moment = 1; moment <= 50; ++moment) {
    program.run_and_kill(joined({"train", "--out", "a", "--save-every", "1"}, length),
                         std::chrono::milliseconds(int(whole.count() * moment / 50)));
    if (fs::exists(program.folder() / "a/last.safetensors")) {
      CHECK(program.run({"train", "--resume", "a", "-q"}).code == 0);
      CHECK(content(program.folder() / "a/best.safetensors") == content(program.folder() / "b/best.safetensors"));
      CHECK(content(program.folder() / "a/metrics.jsonl") == content(program.folder() / "b/metrics.jsonl"));
      for (const auto& name : program.files()) CHECK_FALSE(name.ends_with(".tmp"));
      ++resumed;
    }
    fs::remove_all(program.folder() / "a");
  }
  CHECK(resumed > 0);
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
