// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "small_graph.hpp"

using namespace gnn::apps::test;

TEST_CASE("data info: the same of files, and of the .gnn file made of them") {
  const Program program;
  const std::vector<std::string> data = small_graph(program);
  const Result text = program.run(joined({"data", "info"}, data));
  REQUIRE(text.code == 0);
  CHECK(text.out.starts_with(
      "data       follows\nnodes      30   isolated 0   components 1\n"
      "edges      120   self-loops 0   symmetric\ndegree     min 4   mean 4.00   max 4\n"));
  CHECK(contains(text.out, "classes    3   without label 0 nodes\n  class 0          10  blue\n"));
  CHECK(contains(text.out, "homophily  0."));
  CHECK(contains(text.out, "split      ratio   18 train / 6 val / 6 test\nnote       60 edges read"));

  REQUIRE(program.run(joined({"data", "import", "-o", "mine.gnn"}, data)).code == 0);
  CHECK(program.run({"data", "info", "mine.gnn"}).out == text.out);
  const std::string json = program.run(joined({"data", "info", "--log", "json"}, data)).out;
  CHECK(program.run({"data", "info", "mine.gnn", "--log", "json"}).out == json);
  std::set<std::string> keys;
  const nlohmann::json info = json_lines(json).at(0);
  for (const auto& [key, value] : info.items()) keys.insert(key);
  CHECK(keys == std::set<std::string>{"event",
                                      "data",
                                      "nodes",
                                      "edges",
                                      "self_loops",
                                      "isolated",
                                      "components",
                                      "degree_min",
                                      "degree_mean",
                                      "degree_max",
                                      "degree_histogram",
                                      "features",
                                      "features_density",
                                      "classes",
                                      "labels_per_class",
                                      "multi_label",
                                      "unlabelled",
                                      "homophily",
                                      "split",
                                      "train",
                                      "val",
                                      "test",
                                      "notes"});
  CHECK(info.at("labels_per_class") == nlohmann::json({10, 10, 10}));
  CHECK(info.at("degree_histogram") == nlohmann::json({0, 0, 0, 30}));
}

TEST_CASE("data info: --self-loops changes the graph that is counted") {
  const Program program;
  const std::vector<std::string> data = joined(small_graph(program), {"--log", "json"});
  const auto loops = [&](const char* wish) {
    return json_lines(program.run(joined({"data", "info", "--self-loops", wish}, data)).out)
        .at(0)
        .at("self_loops");
  };
  CHECK(loops("keep") == 0);
  CHECK(loops("add") == 30);
  CHECK(loops("remove") == 0);
}

TEST_CASE("data list, verify and fetch: what is not there has its exit code") {
  const Program program;
  const Result list = program.run(no_cache({"data", "list"}));
  CHECK(list.code == 0);
  CHECK(contains(list.out, "built in"));
  CHECK_FALSE(contains(list.out, " cached "));
  const std::vector<nlohmann::json> sets =
      json_lines(program.run(no_cache({"data", "list", "--log", "json"})).out);
  CHECK(sets.size() + 1 == std::size_t(std::ranges::count(list.out, '\n')));
  for (const nlohmann::json& set : sets) CHECK(set.at("available") == (set.at("name") == "cora"));

  const struct {
    std::vector<std::string> arguments;
    int code;
    const char* message;
  } cases[] = {
      {{"data", "verify"}, 0, ""},
      {{"data", "verify", "pubmed"},
       5,
       "gnn: error: ind.pubmed.x: expected the file in the cache, found none"},
      {{"data", "verify", "nope"},
       2,
       "gnn: error: expected a known data set, found 'nope'\nhint: known data sets"},
      {{"data", "fetch"},
       2,
       "gnn: error: expected the name of a data set, found none\nhint: known data sets"},
      {{"data", "fetch", "nope"},
       2,
       "gnn: error: expected a known data set, found 'nope'\nhint: known data sets"},
      {{"data", "fetch", "pubmed", "--offline"},
       5,
       "gnn: error: pubmed is not in the cache and --offline is set\nhint: gnn data fetch pubmed --from "
       "DIR\n"},
      {{"data", "fetch", "pubmed", "--offline", "--from", "nowhere"}, 4, "gnn: error: nowhere"},
  };
  for (const auto& test : cases) {
    const Result result = program.run(no_cache(test.arguments));
    CAPTURE(test.message);
    CAPTURE(result.err);
    CHECK(result.code == test.code);
    CHECK(result.err.starts_with(test.message));
    for (const auto& name : program.files()) CHECK_FALSE(fs::is_regular_file(program.folder() / name));
  }

  write(program, "cache/pubmed/ind.pubmed.x", "something else");
  const Result wrong = program.run(no_cache({"data", "verify", "pubmed"}));
  CHECK(wrong.code == 5);
  CHECK(contains(wrong.out, "wrong       cache/pubmed/ind.pubmed.x\n"));
  CHECK(contains(wrong.err, "gnn: error: ind.pubmed.x: expected SHA-256 "));
  write(program, "from/ind.pubmed.x", "something else");
  const Result copied = program.run({"data", "fetch", "pubmed", "--from", "from", "--cache-dir", "other"});
  CHECK(copied.code == 5);
  CHECK(contains(copied.err, "; the file was not kept\n"));
  CHECK_FALSE(program.files().contains("other/pubmed/ind.pubmed.x"));
}
