// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fstream>

#include <apps/cli/help.hpp>
#include <apps/cli/parse.hpp>

#include "support.hpp"

using namespace gnn::apps;
using namespace gnn::apps::test;

namespace {

const std::vector<Command> all = all_commands();

std::string refusal_of(const std::vector<std::string>& arguments) {
  return refusal([&] { parse(arguments, all); });
}

std::string text_of(const std::vector<std::string>& arguments) {
  return parse(arguments, all).text;
}

}  // namespace

TEST_CASE("parse: flags reach the settings of their command") {
  const Request request =
      parse({"train", "--data", "cora", "--heads=4,4", "--lr", "1e-2", "--force", "-qv"}, all);
  REQUIRE(request.command);
  CHECK(request.command->name == "train");
  CHECK(request.settings.text("data") == "cora");
  CHECK(request.settings.list("heads") == std::vector<int>{4, 4});
  CHECK(request.settings.real("lr") == 0.01);
  CHECK(request.settings.on("force"));
  CHECK(request.settings.on("quiet"));
  CHECK(request.settings.on("verbose"));
}

TEST_CASE("parse: global flags stand before or behind the command, values may look like anything") {
  CHECK(settings_of({"--seed", "3", "data", "info", "--threads", "2", "cora"}).integer("seed") == 3);
  CHECK(settings_of({"--data-dir", "data", "data", "list"}).text("data-dir") == "data");
  CHECK(settings_of({"train", "--out", "-"}).text("out") == "-");
  CHECK(settings_of({"train", "--out", "train"}).text("out") == "train");
  CHECK(settings_of({"train", "--data", "[a]"}).text("data") == "[a]");
  CHECK(settings_of({"train", "-vv"}).on("verbose"));
}

TEST_CASE("parse: the word of 'data info' is the data set") {
  CHECK(settings_of({"data", "info", "cora"}).text("data") == "cora");
  CHECK(settings_of({"data", "info", "train"}).text("data") == "train");
  CHECK(settings_of({"data", "info", "--", "cora"}).text("data") == "cora");
  CHECK(refusal_of({"data", "info", "cora", "pubmed"}) ==
        "data info takes one argument, found also 'pubmed'");
  CHECK(refusal_of({"data", "info", "cora", "--data", "pubmed"}) ==
        "--data: given twice, as 'pubmed' and 'cora'");
}

TEST_CASE("parse: unknown commands are refused with a suggestion") {
  CHECK(refusal_of({"trian"}) == "no command 'trian'; did you mean 'train'?");
  CHECK(refusal_of({"--seed", "1", "trian", "--lr", "1"}) == "no command 'trian'; did you mean 'train'?");
  CHECK(refusal_of({"data", "lisst"}) == "no command 'data lisst'; did you mean 'data list'?");
  CHECK(refusal_of({"info"}) == "no command 'info'; did you mean 'data info'?");
  CHECK(refusal_of({"xyzzy"}) == "no command 'xyzzy'");
}

TEST_CASE("parse: unknown flags are refused with a suggestion") {
  CHECK(refusal_of({"train", "--layerz", "3"}) == "train has no flag '--layerz'; did you mean '--layers'?");
  CHECK(refusal_of({"train", "--layerz=3"}) == "train has no flag '--layerz'; did you mean '--layers'?");
  CHECK(refusal_of({"train", "-x"}) == "train has no flag '-x'");
  CHECK(refusal_of({"data", "list", "--lr", "1"}) == "data list has no flag '--lr'");
  CHECK(refusal_of({"--sed", "1"}) == "gnn has no flag '--sed'; did you mean '--seed'?");
  CHECK(refusal_of({"train", "--\033[31m"}) == "train has no flag '--\\x1b[31m'");
}

TEST_CASE("parse: missing values, repeated flags and stray words are refused") {
  CHECK(refusal_of({"train", "--lr"}) == "--lr: expected a value");
  CHECK(refusal_of({"train", "--lr="}) == "--lr: expected a value");
  CHECK(refusal_of({"train", "--lr", "--epochs", "3"}) == "--lr: expected a number, found '--epochs'");
  CHECK(refusal_of({"train", "--lr", "1", "--lr", "1"}) == "--lr: given twice");
  CHECK(refusal_of({"--seed", "1", "train", "--seed", "2"}) == "--seed: given twice");
  CHECK(refusal_of({"train", "foo"}) == "train takes no argument 'foo'");
  CHECK(refusal_of({"models", "shw"}) == "no command 'models shw'; did you mean 'models show'?");
  CHECK(refusal_of({"train", "--", "foo"}) == "train takes no argument 'foo'");
  CHECK(refusal_of({"train", "--force=maybe"}) == "--force: expected on or off, found 'maybe'");
  CHECK(refusal_of({"train", "--lr", "-1"}) == "--lr: must be greater than 0, got -1");
}

TEST_CASE("parse: without a command the help goes to stderr as an error") {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{}, {"--seed", "1"}, {"data"}}) {
    const Request request = parse(arguments, all);
    CHECK(request.command == nullptr);
    CHECK(request.incomplete);
    CHECK(request.text.starts_with("usage: gnn "));
  }
}

TEST_CASE("parse: commands of later releases are named as such and stay out of the help") {
  std::vector<Command> some = all;
  for (Command& command : some) {
    if (command.name == "plot" || command.name == "data fetch") command.run = nullptr;
  }
  CHECK(refusal([&] { parse({"plot", "--x"}, some); }) == "'plot' is planned, not in this release");
  CHECK(refusal([&] {
          parse({"data", "fetch", "cora"}, some);
        }) == "'data fetch' is planned, not in this release");
  CHECK(refusal([&] { parse({"fetch"}, some); }) == "'fetch' is planned, not in this release");
  CHECK(program_help(some).find("  plot ") == std::string::npos);
  CHECK(program_help(some).find("  data list ") != std::string::npos);
}

TEST_CASE("parse: version and help are shown wherever they are asked for") {
  CHECK(text_of({"--version"}).starts_with("gnn "));
  CHECK(text_of({"--help"}) == program_help(all));
  CHECK(text_of({"-h", "train"}) == text_of({"train", "--lr", "1", "--help"}));
  CHECK(text_of({"data", "-h"}).find("data info") != std::string::npos);
  CHECK(text_of({"data", "-h"}).find("  train") == std::string::npos);
}

TEST_CASE("help: names every option of its command with default and section") {
  for (const Command& command : all) {
    const std::string help = command_help(command);
    for (const Option* option : options_of(command.name)) {
      CHECK(help.find("--" + std::string(option->name) + " ") != std::string::npos);
      CHECK(help.find(option->help) != std::string::npos);
      CHECK(help.find("\n" + std::string(title(option->section)) + "\n") != std::string::npos);
    }
  }
  const std::string train = text_of({"train", "--help"});
  CHECK(train.find("learning rate (preset, else 0.005)") != std::string::npos);
  CHECK(train.find("the sample one (n-1)") != std::string::npos);
  CHECK(text_of({"data", "info", "--help"}).starts_with("usage: gnn data info DATA [options]\n"));
}

TEST_CASE("parse: the config file comes behind flags and environment") {
  const std::string path = GNN_BINARY_DIR "/test_apps_parse.toml";
  std::ofstream(path) << "lr = 0.1\nepochs = 10\nseed = 1\n";
  const Environment variable("GNN_EPOCHS", "20");
  const Settings settings = settings_of({"--config", path, "train", "--seed", "5"});
  CHECK(settings.real("lr") == 0.1);
  CHECK(settings.integer("epochs") == 20);
  CHECK(settings.integer("seed") == 5);
  std::remove(path.c_str());
}
