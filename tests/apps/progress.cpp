// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <apps/cli/progress.hpp>

#include "support.hpp"

using namespace gnn::apps;
using namespace gnn::apps::test;

namespace {

const std::string header = "run  epoch   train loss  train acc   val loss   val acc   best   ms/epoch\n";

EpochLine line_of(int epoch) {
  return {.run = 1,
          .epoch = epoch,
          .train_loss = 1.9117,
          .train_acc = 0.3357,
          .val_loss = 1.924,
          .val_acc = 0.462,
          .best = epoch,
          .ms_per_epoch = 0.7};
}

void train(const Settings& settings, std::FILE* out, std::FILE* err) {
  Output output(settings, out, err);
  Progress progress(settings, output);
  for (int epoch = 1; epoch <= 25; ++epoch) progress.epoch(line_of(epoch));
  progress.stopped(1, 25, "no progress for 100 epochs; best 20");
}

/// What a training of 25 epochs writes to stdout and stderr, neither of them a terminal.
std::pair<std::string, std::string> written(std::vector<std::string> flags) {
  flags.insert(flags.begin(), "train");
  Capture out, err;
  train(settings_of(flags), out.file(), err.file());
  return {out.text(), err.text()};
}

/// What it writes to a terminal.
std::string on_terminal(std::vector<std::string> flags) {
  flags.insert(flags.begin(), "train");
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE(master >= 0);
  REQUIRE(grantpt(master) == 0);
  REQUIRE(unlockpt(master) == 0);
  std::FILE* terminal = std::fopen(ptsname(master), "w");
  REQUIRE(terminal);
  Capture out;
  train(settings_of(flags), out.file(), terminal);
  std::fclose(terminal);
  std::string text;
  char part[1024];
  // One read gives what arrived together; the end of a terminal shows as an error.
  for (ssize_t size; (size = read(master, part, sizeof part)) > 0;)
    text.append(part, static_cast<std::size_t>(size));
  close(master);
  return text;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("progress: without a terminal every tenth epoch is a line, without control characters") {
  const auto [out, err] = written({});
  CHECK(out == "");
  CHECK(err == header +
                   "  1     10       1.9117     0.3357     1.9240    0.4620     10        0.7\n"
                   "  1     20       1.9117     0.3357     1.9240    0.4620     20        0.7\n"
                   "  1     25  stopped: no progress for 100 epochs; best 20\n");
}

TEST_CASE("progress: --log-every sets the lines, --progress never and --quiet leave nothing") {
  CHECK(count(written({"--log-every", "5"}).second, "0.3357") == 5);
  CHECK(written({"--progress", "never"}).second == "");
  CHECK(written({"-q"}).second == "");
}

TEST_CASE("progress: with --log json the lines become events in the results") {
  const auto [out, err] = written({"--log", "json"});
  CHECK(err == "");
  CHECK(count(out, "{\"event\":\"epoch\",\"run\":1,\"epoch\":") == 2);
  CHECK(out.ends_with(
      "{\"event\":\"stopped\",\"run\":1,\"epoch\":25,\"reason\":\"no progress for 100 epochs; best 20\"}\n"));
  CHECK(written({"--log", "json", "--progress", "never"}).first == "");
}

TEST_CASE("progress: a terminal gets one line that is redrawn at a bounded rate") {
  const std::string text = on_terminal({});
  CHECK(text.starts_with("run  epoch"));
  // The first and the last epoch, and no more than one every 100 ms between them.
  CHECK(count(text, "\r  1 ") >= 2);
  CHECK(count(text, "\r  1 ") < 25);
  CHECK(text.find("\r  1     25 ") != std::string::npos);
  CHECK(text.find("stopped: no progress") != std::string::npos);
}

TEST_CASE("progress: --progress lines gives lines on a terminal too") {
  CHECK(count(on_terminal({"--progress", "lines"}), "0.3357") == 2);
}
