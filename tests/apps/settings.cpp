// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <gnn/train/presets.hpp>

#include "support.hpp"

using namespace gnn::apps;
using namespace gnn::apps::test;

namespace {

std::string refusal_of(const std::string& name, const std::string& text) {
  return refusal([&] { Settings("train").set(name, text, Origin::flag, "--" + name); });
}

}  // namespace

TEST_CASE("settings: every default satisfies its own range") {
  for (const Command& command : commands()) CHECK_NOTHROW(Settings(std::string(command.name)));
}

TEST_CASE("settings: no command takes two options of one name") {
  for (const Command& command : commands()) {
    const auto options = options_of(command.name);
    for (const Option* option : options) CHECK(find_option(options, option->name) == option);
  }
}

TEST_CASE("settings: getters give the values in their types") {
  Settings settings("train");
  settings.set("heads", "4,4,6", Origin::flag, "--heads");
  settings.set("seed", "9223372036854775807", Origin::flag, "--seed");
  CHECK(settings.list("heads") == std::vector<int>{4, 4, 6});
  CHECK(settings.list("hidden") == std::vector<int>{8});
  CHECK(settings.integer("seed") == 9223372036854775807);
  CHECK(settings.real("l2") == 5e-4);
  CHECK(settings.text("model") == "gat");
  CHECK(settings.on("l2-bias"));
  CHECK_FALSE(settings.on("force"));
  CHECK_FALSE(settings.has("data"));
  CHECK_FALSE(settings.given("lr"));
  CHECK_THROWS_WITH_AS(settings.real("layerz"), "'train' has no option 'layerz'", gnn::Error);
}

TEST_CASE("settings: flag wins over environment, config, preset and default, in any order of the calls") {
  Settings settings("train");
  CHECK(settings.real("lr") == 0.005);
  settings.set_preset("lr", "0.1");
  CHECK(settings.real("lr") == 0.1);
  settings.set("lr", "0.4", Origin::flag, "--lr");
  {
    const Environment variable("GNN_LR", "0.3");
    settings.read_environment();
  }
  settings.set("lr", "0.2", Origin::config, "exp.toml:1:6: lr");
  settings.set_preset("lr", "0.15");
  CHECK(settings.real("lr") == 0.4);
  CHECK(settings.where("lr") == "--lr");
  CHECK(settings.given("lr"));

  settings.set("epochs", "5", Origin::config, "exp.toml:2:1: epochs");
  settings.set_preset("epochs", "100000");
  CHECK(settings.integer("epochs") == 5);
  const Environment variable("GNN_EPOCHS", "6");
  settings.read_environment();
  CHECK(settings.integer("epochs") == 6);
  CHECK(settings.where("epochs") == "GNN_EPOCHS");
}

TEST_CASE("settings: dashes become underscores in the environment, and an empty variable does not count") {
  const Environment dropout("GNN_ATTN_DROPOUT", "0.25"), force("GNN_FORCE", "1"), empty("GNN_LR", "");
  Settings settings("train");
  settings.read_environment();
  CHECK(settings.real("attn-dropout") == 0.25);
  CHECK(settings.on("force"));
  CHECK(settings.real("lr") == 0.005);
}

TEST_CASE("settings: a bad value is refused with the origin, the rule and the value") {
  CHECK(refusal_of("lr", "-1") == "--lr: must be greater than 0, got -1");
  CHECK(refusal_of("lr", "0") == "--lr: must be greater than 0, got 0");
  CHECK(refusal_of("lr", "fast") == "--lr: expected a number, found 'fast'");
  CHECK(refusal_of("lr", "0.1x") == "--lr: expected a number, found '0.1x'");
  CHECK(refusal_of("lr", "") == "--lr: expected a value");
  CHECK(refusal_of("l2", "-1") == "--l2: must be at least 0, got -1");
  CHECK(refusal_of("dropout", "1.5") == "--dropout: must be in [0, 1), got 1.5");
  CHECK(refusal_of("dropout", "1") == "--dropout: must be in [0, 1), got 1");
  CHECK(refusal_of("negative-slope", "1") == "");
  CHECK(refusal_of("epochs", "0") == "--epochs: must be at least 1, got 0");
  CHECK(refusal_of("epochs", "1.5") == "--epochs: expected a whole number, found '1.5'");
  CHECK(refusal_of("epochs", "3000000000") == "--epochs: must be at most 2147483647, got 3000000000");
  CHECK(refusal_of("heads", "x") == "--heads: expected a whole number, found 'x'");
  CHECK(refusal_of("heads", "8,,8") == "--heads: expected a whole number, found ''");
  CHECK(refusal_of("heads", "8,0") == "--heads: must be at least 1, got 0");
  CHECK(refusal_of("score-bias", "maybe") == "--score-bias: expected on or off, found 'maybe'");
  CHECK(refusal_of("model", "gatt") ==
        "--model: expected gat, gatv2, supergat, latte, aero, dagnn, gcn or mlp, found 'gatt'; did you mean "
        "'gat'?");
  CHECK(refusal_of("model", "\033[31m") ==
        "--model: expected gat, gatv2, supergat, latte, aero, dagnn, gcn or mlp, found '\\x1b[31m'");
  CHECK(refusal_of("optimizer", "x") == "--optimizer: expected adam, adamw or sgd, found 'x'");
  const Environment variable("GNN_LR", "-1");
  CHECK(refusal([] { Settings("train").read_environment(); }) == "GNN_LR: must be greater than 0, got -1");
  CHECK(refusal([] { Settings("train").set_preset("lr", "-1"); }) ==
        "preset: lr: must be greater than 0, got -1");
}

TEST_CASE("settings: numbers that do not fit their type are refused") {
  for (const char* text : {"nan", "inf", "-inf", "1e400"}) {
    CHECK(refusal_of("lr", text) ==
          "--lr: expected a finite number in the range of a double, found '" + std::string(text) + "'");
  }
  CHECK(refusal_of("seed", "9223372036854775808") ==
        "--seed: expected a whole number of at most 64 bits, found '9223372036854775808'");
}

TEST_CASE("settings: a device is auto, cpu or cuda, with or without its number") {
  for (const char* text : {"auto", "cpu", "cuda", "cuda:0", "cuda:15"})
    CHECK(refusal_of("device", text) == "");
  for (const char* text : {"cuda:", "cuda:x", "cuda:-1", "cuda:N", "cuda:123456"}) {
    CHECK(refusal_of("device", text).starts_with("--device: expected auto, cpu, cuda or cuda:N, found"));
  }
}

TEST_CASE("settings: model is a kind of network to train, and a path to eval and predict") {
  CHECK_NOTHROW(Settings("predict").set("model", "runs/cora-gat-1", Origin::flag, "--model"));
  CHECK(Settings("bench").integer("epochs") == 50);
  CHECK(Settings("train").integer("epochs") == 1000);
}

TEST_CASE("settings: every value of every preset is one that its option takes") {
  for (const gnn::Preset& preset : gnn::presets()) {
    Settings settings("train");
    for (const gnn::PresetValue& value : gnn::values(preset)) {
      settings.set_preset(value.option, value.text);
      CHECK(settings.text(value.option) == value.text);
      CHECK(find_option(settings.options(), value.option)->by_preset);
    }
  }
}
