// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fstream>

#include <apps/cli/config_file.hpp>

#include "support.hpp"

using namespace gnn::apps;
using namespace gnn::apps::test;

namespace {

const std::string path = GNN_BINARY_DIR "/test_apps_exp.toml";

Settings read(const std::string& toml, const std::string& command = "train") {
  std::ofstream(path, std::ios::binary) << toml;
  Settings settings(command);
  read_config_file(path, settings);
  std::remove(path.c_str());
  return settings;
}

/// The refusal of a file, behind its name.
std::string refusal_of(const std::string& toml) {
  const std::string text = refusal([&] { read(toml); });
  return text.starts_with(path + ":") ? text.substr(path.size() + 1) : text;
}

}  // namespace

TEST_CASE("config file: keys stand at the top level and in tables") {
  const Settings settings = read(
      "seed = 3\nhidden = 16\n[data]\nname = 'cora'\nsplit = 'random'\n[model]\nname = 'gatv2'\nheads = [4, "
      "4]\n"
      "score-bias = true\n[train]\nlr = 1\nl2 = 1e-3\n[output]\nforce = true\n");
  CHECK(settings.integer("seed") == 3);
  CHECK(settings.list("hidden") == std::vector<int>{16});
  CHECK(settings.text("data") == "cora");
  CHECK(settings.text("split") == "random");
  CHECK(settings.text("model") == "gatv2");
  CHECK(settings.list("heads") == std::vector<int>{4, 4});
  CHECK(settings.on("score-bias"));
  CHECK(settings.real("lr") == 1);
  CHECK(settings.real("l2") == 1e-3);
  CHECK(settings.on("force"));
  CHECK(settings.where("lr") == path + ":11:6: train.lr");
}

TEST_CASE("config file: unknown keys are refused with their place and a suggestion") {
  CHECK(refusal_of("seed = 1\n\n[model]\nhead = 8\n") ==
        "4:1: unknown key 'model.head'; did you mean 'model.heads'?");
  CHECK(refusal_of("  layerz = 8\n") == "1:3: unknown key 'layerz'; did you mean 'layers'?");
  CHECK(refusal_of("[modle]\nheads = 8\n") == "1:2: unknown key 'modle'; did you mean 'model'?");
  CHECK(refusal_of("config = 'x'\n") == "1:1: unknown key 'config'");
  CHECK(refusal_of("[train]\nnome = 'x'\n").starts_with("2:1: unknown key 'train.nome'"));
  CHECK(refusal_of("zzzzzzzzz = 8\n") == "1:1: unknown key 'zzzzzzzzz'");
}

TEST_CASE("config file: a wrong type is refused with line and column") {
  CHECK(refusal_of("\n[model]\nlr = 'x'\n") == "3:6: model.lr must be a number, got a string");
  CHECK(refusal_of("epochs = 2.0\n") == "1:10: epochs must be a whole number, got a float");
  CHECK(refusal_of("heads = [8, 'x']\n") == "1:9: heads must be a list of whole numbers, got an array");
  CHECK(refusal_of("heads = []\n") == "1:9: heads must be a list of whole numbers, got an array");
  CHECK(refusal_of("force = 1\n") == "1:9: force must be true or false, got an integer");
  CHECK(refusal_of("split = true\n") == "1:9: split must be a string, got a boolean");
  CHECK(refusal_of("lr = 2020-01-01\n") == "1:6: lr must be a number, got a date or time");
  CHECK(refusal_of("[lr]\nx = 1\n").ends_with("lr must be a number, got a table"));
}

TEST_CASE("config file: values are checked like those of flags") {
  CHECK(refusal_of("[train]\nlr = -1.0\n") == "2:6: train.lr: must be greater than 0, got -1");
  CHECK(refusal_of("lr = nan\n") ==
        "1:6: lr: expected a finite number in the range of a double, found 'nan'");
  CHECK(refusal_of("data = ''\n") == "1:8: data: expected a value");
  CHECK(refusal_of("model = 'gatt'\n").ends_with("did you mean 'gat'?"));
}

TEST_CASE("config file: a value given in two places is refused") {
  CHECK(refusal_of("lr = 0.1\n[train]\nlr = 0.2\n") == "3:1: train.lr was given already in line 1");
  CHECK(refusal_of("[model]\nname = 'gat'\nmodel = 'gat'\n") ==
        "2:1: model.name was given already in line 3");
}

TEST_CASE("config file: syntax errors name their place, missing files are a file error") {
  CHECK(refusal_of("lr = 0.1\nx = = 2\n").starts_with("2:5: "));
  CHECK(refusal([] {
          Settings settings("train");
          read_config_file("nowhere.toml", settings);
        }) == "other kind: nowhere.toml: no such file");
}

TEST_CASE("config file: keys that only other commands take are passed over") {
  CHECK(read("epochs = 3\nlr = 0.1\nseed = 7\n", "doctor").integer("seed") == 7);
}

TEST_CASE("config file: what to_toml writes reads back as equal settings") {
  Settings settings("train");
  settings.set("data", "a \"folder\"\\with\n\ttricks \x7f and ünicode", Origin::flag, "--data");
  settings.set("lr", ".0123456789012345678", Origin::flag, "--lr");
  settings.set("min-delta", "1e-300", Origin::flag, "--min-delta");
  settings.set("heads", "4,4,6", Origin::flag, "--heads");
  settings.set("score-bias", "on", Origin::flag, "--score-bias");
  settings.set("quiet", "true", Origin::flag, "--quiet");
  settings.set("seed", "9223372036854775807", Origin::flag, "--seed");
  settings.set("device", "cuda:1", Origin::flag, "--device");
  settings.set_preset("epochs", "100000");
  const std::string toml = settings.to_toml();
  const Settings back = read(toml);
  CHECK(back.to_toml() == toml);
  for (const Option* option : settings.options()) {
    CHECK(back.has(option->name) == settings.has(option->name));
    if (settings.has(option->name)) CHECK(back.text(option->name) == settings.text(option->name));
  }
  CHECK(back.real("lr") == .0123456789012345678);
  CHECK(toml.find("heads = [4,4,6]\n") != std::string::npos);
}

TEST_CASE("config file: to_toml leaves out where one run was read from and written to") {
  Settings settings("train");
  for (const char* place : {"config", "out", "resume"}) settings.set(place, "x", Origin::flag, "--x");
  settings.set("force", "on", Origin::flag, "--force");
  const std::string toml = settings.to_toml();
  for (const char* place : {"config =", "out =", "resume =", "force ="}) {
    CHECK(("\n" + toml).find(std::string("\n") + place) == std::string::npos);
  }
}
