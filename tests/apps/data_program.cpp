// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <datasets/npy_writer.hpp>
#include <datasets/zip_writer.hpp>

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

TEST_CASE("typed data: are shown by type, stay typed in a .gnn file, and need --merge-types to train") {
  const Program program;
  write_typed_set(program);
  const Result text = program.run({"data", "info", "typed"});
  REQUIRE(text.code == 0);
  for (const char* line : {"type       paper                   12 nodes, 0 features   classified\n",
                           "relation   author-paper            author -> paper   12 edges\n",
                           "  class 1           6\n", "split      public   6 train / 3 val / 3 test\n"}) {
    CHECK(contains(text.out, line));
  }
  REQUIRE(program.run({"data", "import", "--data", "typed", "-o", "typed.gnn"}).code == 0);
  CHECK(program.run({"data", "info", "typed.gnn"}).out == text.out);
  const nlohmann::json info =
      json_lines(program.run({"data", "info", "typed.gnn", "--log", "json"}).out).at(0);
  CHECK(info.at("typed") == true);
  CHECK(info.at("nodes") == 16);
  CHECK(info.at("types") == 2);
  CHECK(info.at("relations") == 2);
  CHECK(info.at("labels_per_class") == nlohmann::json({6, 6}));

  const std::set<std::string> before = program.files();
  for (const char* data : {"typed", "typed.gnn"}) {
    for (const char* command : {"train", "bench"}) {
      const Result refused = program.run({command, "--data", data, "--epochs", "2"});
      CHECK(refused.code == 8);
      CHECK(refused.err ==
            "gnn: error: typed is a typed graph of 2 node types and 2 relations, this needs a plain one\n"
            "hint: --merge-types takes it as one plain graph\n");
    }
    const nlohmann::json merged =
        json_lines(program.run({"data", "info", data, "--merge-types", "--log", "json"}).out).at(0);
    CHECK(merged.at("nodes") == 16);
    CHECK(merged.at("edges") == 24);
    CHECK(merged.at("unlabelled") == 4);
    const Result bare = program.run({"train", "--data", data, "--merge-types", "--epochs", "2"});
    CHECK(bare.code == 8);
    CHECK(bare.err == "gnn: error: typed: expected at least 1 feature a node, found none\n");
  }
  CHECK(program.files() == before);
}

TEST_CASE("typed data: --merge-types trains on them, on the folder as on the file made of it") {
  const Program program;
  write_typed_set(program);
  std::vector<std::int64_t> offsets = {0}, columns;
  for (int i = 0; i < 12; ++i) {
    columns.push_back(i % 3);
    offsets.push_back(i + 1);
  }
  using gnn::test::npy_of, gnn::test::raw;
  const auto entry = [](const char* name, const std::string& content) {
    gnn::test::ZipFile file;
    file.name = name;
    file.content = content;
    return file;
  };
  write(program, "typed/paper-features.npz",
        gnn::test::zip_file(
            {entry("indptr.npy", npy_of("<i8", "(13,)", raw(offsets))),
             entry("indices.npy", npy_of("<i8", "(12,)", raw(columns))),
             entry("data.npy", npy_of("<f4", "(12,)", raw(std::vector<float>(12, 1)))),
             entry("shape.npy", npy_of("<i8", "(2,)", raw(std::vector<std::int64_t>{12, 3})))}));
  REQUIRE(program.run({"data", "import", "--data", "typed", "-o", "typed.gnn"}).code == 0);
  REQUIRE(program.run({"data", "import", "--data", "typed", "--merge-types", "-o", "merged.gnn"}).code == 0);
  const Result folder = program.run(train_on({"--data", "typed", "--merge-types"}, {"--out", "a"}));
  CAPTURE(folder.err);
  REQUIRE(folder.code == 0);
  CHECK(folder.out.starts_with("data    typed  16 nodes, 24 edges (+16 self-loops), "));
  CHECK(program.run(train_on({"--data", "typed.gnn", "--merge-types"}, {"--out", "b"})).code == 0);
  CHECK(program.run(train_on({"--data", "merged.gnn"}, {"--out", "c"})).code == 0);
  const std::string model = content(program.folder() / "a/best.safetensors");
  CHECK(content(program.folder() / "b/best.safetensors") == model);
  CHECK(content(program.folder() / "c/best.safetensors") == model);
  CHECK(program.run({"eval", "--model", "a", "--data", "typed"}).code == 8);
  CHECK(program.run({"eval", "--model", "a", "--data", "typed", "--merge-types"}).code == 0);
  CHECK(program.run({"train", "--resume", "a", "--epochs", "7"}).code == 0);
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
