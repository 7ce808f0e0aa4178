// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include <apps/commands/command.hpp>
#include <gnn/layers/registry.hpp>
#include <gnn/train/card.hpp>
#include <gnn/train/recipe.hpp>

#include "support.hpp"

using namespace gnn::apps;
using namespace gnn::apps::test;

namespace {

/// The results of a command that is in this release.
std::string results(const std::vector<std::string>& arguments) {
  Request request = parse(arguments, commands());
  REQUIRE(request.command);
  Capture out, err;
  Output output(request.settings, out.file(), err.file());
  CHECK(request.command->run(request.settings, output) == 0);
  output.finish();
  return out.text();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("models: the table of layers, the help of --model and the README name the same kinds") {
  std::ifstream file(GNN_SOURCE_DIR "/README.md");
  const std::string readme((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const Settings train("train");
  std::string words = std::string(find_option(train.options(), "model")->values) + "|";
  for (const gnn::LayerKind& kind : gnn::layer_kinds()) {
    const std::string name = kind.name;
    CHECK_MESSAGE(contains(readme, "`" + name + "`"), name, " is not in README.md");
    CHECK_MESSAGE(words.find(name + "|") != std::string::npos, name, " is not a word of --model");
    words.replace(words.find(name + "|"), name.size() + 1, "");
  }
  CHECK(words == "");
}

TEST_CASE("data list: names the sets and says that Cora is built in") {
  const std::string text = results({"data", "list"});
  CHECK(contains(text, "cora "));
  CHECK(contains(text, "built in"));
  CHECK(contains(results({"data", "list", "--log", "json"}), R"({"event":"data","name":"cora",)"));
}

TEST_CASE("data info: the counts of Cora") {
  const std::string text = results({"data", "info", "cora"});
  for (const char* part : {"nodes      2708   isolated 0   components 78", "edges      10 556   self-loops 0",
                           "mean 3.90   max 168", "features   1433", "classes    7", "homophily  0.8100",
                           "140 train / 500 val / 1000 test"}) {
    CHECK(contains(text, part));
  }
  const std::string json = results({"data", "info", "cora", "--log", "json"});
  CHECK(contains(json, R"("labels_per_class":[351,217,418,818,426,298,180])"));
  CHECK(contains(json, R"("train":140,"val":500,"test":1000)"));
}

TEST_CASE("data info: --split makes another split or reads one") {
  CHECK(contains(results({"data", "info", "cora", "--split", "random"}), "140 train / 210 val / 2358 test"));
  CHECK(contains(results({"data", "info", "cora", "--split", "ratio"}), "1625 train"));
  const std::string path = GNN_BINARY_DIR "/test_apps_split.json";
  std::ofstream(path) << R"({"name": "mine", "train": [0, 1], "val": [2], "test": [3, 4, 5]})";
  CHECK(contains(results({"data", "info", "cora", "--split", path}), "mine   2 train / 1 val / 3 test"));
  std::remove(path.c_str());
}

TEST_CASE("data info: without a data set it is refused") {
  Capture out, err;
  Settings settings = settings_of({"data", "info"});
  Output output(settings, out.file(), err.file());
  CHECK(refusal([&] { data_info(settings, output); }) == "--data: no data set was given");
}

TEST_CASE("doctor: tells versions and machine, and what does not exist") {
  const std::string text = results({"doctor", "--cache-dir", "/nowhere/at/all"});
  for (const char* part : {"version ", "compiler ", "processor ", "threads ", "memory ", "cuda "})
    CHECK(contains(text, part));
  CHECK(contains(text, "cache dir  /nowhere/at/all   (does not exist)"));
  CHECK(contains(results({"doctor", "--log", "json"}), R"({"event":"doctor","version":)"));
}

TEST_CASE("train: the defaults of the options are those of a recipe, which knows each of them") {
  const gnn::Recipe defaults;
  gnn::Recipe typed;
  const std::vector<std::string_view> known = gnn::recipe_options();
  std::size_t count = 0;
  for (const Option* option : options_of("train")) {
    const bool of_model = option->section == Section::model && option->name != "preset" && option->name != "inductive";
    const bool is_known = std::ranges::find(known, option->name) != known.end();
    CHECK_MESSAGE((is_known || !of_model), "recipe: no option ", option->name);
    if (!is_known || option->fallback.empty()) continue;
    gnn::set(typed, option->name, option->fallback);
    ++count;
  }
  CHECK(count > 50);
  CHECK(to_json(gnn::ModelCard{typed.model, "", ""}) == to_json(gnn::ModelCard{defaults.model, "", ""}));
  CHECK(typed.train.epochs == defaults.train.epochs);
  CHECK(typed.train.batch == defaults.train.batch);
  CHECK(typed.train.restore_best == defaults.train.restore_best);
  CHECK(typed.train.schedule == defaults.train.schedule);
  CHECK(typed.train.optimiser.learning_rate == defaults.train.optimiser.learning_rate);
  CHECK(typed.train.optimiser.l2 == defaults.train.optimiser.l2);
  CHECK(typed.train.optimiser.l2_on_bias == defaults.train.optimiser.l2_on_bias);
  CHECK(typed.train.stop.kind == defaults.train.stop.kind);
  CHECK(typed.train.stop.patience_epochs == defaults.train.stop.patience_epochs);
  CHECK(typed.train.stop.window_epochs == defaults.train.stop.window_epochs);
}
