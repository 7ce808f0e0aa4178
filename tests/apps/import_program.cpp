// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <datasets/edge_files.hpp>

#include "small_graph.hpp"

using namespace gnn::apps::test;

namespace {

/// The small graph in every form; all files are called "follows", which names the data.
std::vector<std::string> write_forms(const Program& program) {
  const auto edges = small_edges();
  const std::string nodes = std::to_string(num_people), count = std::to_string(edges.size());
  write(program, "follows.csv", edge_lines(","));
  write(program, "follows.tsv", edge_lines("\t"));
  write(program, "follows.txt", edge_lines(" "));
  write(program, "follows.csv.gz", gnn::test::gzip(edge_lines(",")));

  std::string shuffled = edge_lines(",");
  std::vector<std::string> lines;
  std::istringstream stream(shuffled);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  shuffled.clear();
  for (std::size_t k = 0; k < lines.size(); ++k)
    shuffled += lines[(7 * k + 3) % lines.size()] + "\n";  // 7 and 60 share no factor
  write(program, "shuffled/follows.csv", shuffled);

  std::string matrix =
      "%%MatrixMarket matrix coordinate pattern symmetric\n" + nodes + " " + nodes + " " + count + "\n";
  std::string xml = "<?xml version=\"1.0\"?>\n<graphml><graph edgedefault=\"undirected\">\n";
  std::vector<std::string> adjacent(num_people);
  std::vector<std::int64_t> pairs;
  for (int i = 0; i < num_people; ++i) xml += "<node id=\"" + std::to_string(i) + "\"/>\n";
  for (const auto& [a, b] : edges) {
    matrix += std::to_string(b + 1) + " " + std::to_string(a + 1) + "\n";
    xml += "<edge source=\"" + std::to_string(a) + "\" target=\"" + std::to_string(b) + "\"/>\n";
    adjacent[std::size_t(a)] += std::to_string(b + 1) + " ";
    adjacent[std::size_t(b)] += std::to_string(a + 1) + " ";
    pairs.insert(pairs.end(), {a, b});
  }
  std::string metis = nodes + " " + count + "\n";
  for (const std::string& line : adjacent) metis += line + "\n";
  write(program, "follows.mtx", matrix);
  write(program, "follows.graph", metis);
  write(program, "follows.graphml", xml + "</graph></graphml>\n");
  write(program, "follows.npy", gnn::test::npy_of("<i8", "(" + count + ", 2)", gnn::test::raw(pairs)));
  return {"follows.csv", "follows.tsv",   "follows.txt",     "follows.csv.gz",      "follows.mtx",
          "follows.npy", "follows.graph", "follows.graphml", "shuffled/follows.csv"};
}

/// The options of the small graph with another file of edges.
std::vector<std::string> with_edges(const std::string& file) {
  return {"--edges", file, "--features", "people.csv", "--labels", "people.csv", "--label-col", "group"};
}

}  // namespace

TEST_CASE("data import: one graph in nine forms is one file, and one model") {
  const Program program;
  write(program, "people.csv", people(false));
  std::string first_file, first_model;
  for (const std::string& file : write_forms(program)) {
    CAPTURE(file);
    const Result result = program.run(joined({"data", "import", "-o", "x.gnn", "--force"}, with_edges(file)));
    CAPTURE(result.err);
    REQUIRE(result.code == 0);
    REQUIRE(program.run(train_on(with_edges(file), {"--out", "run", "--force"})).code == 0);
    const std::string bytes = content(program.folder() / "x.gnn"),
                      model = content(program.folder() / "run/best.safetensors");
    if (first_file.empty()) {
      first_file = bytes;
      first_model = model;
      CHECK(bytes.size() > 1000);
      CHECK(model.size() > 1000);
    }
    CHECK(bytes == first_file);
    CHECK(model == first_model);
  }
}

TEST_CASE("data import: the file trains to the same model as what it was made of") {
  for (const bool names : {false, true}) {
    const Program program;
    const std::vector<std::string> data = names ? named_graph(program) : small_graph(program);
    const Result result = program.run(joined({"data", "import", "-o", "mine.gnn"}, data));
    REQUIRE(result.code == 0);
    CHECK(result.out.starts_with(
        "data    follows  30 nodes, 120 edges, 2 features, 3 classes\nnote    60 edges read"));
    CHECK(contains(result.out, "\nsaved   mine.gnn   "));
    REQUIRE(program.run(train_on(data, {"--out", "a"})).code == 0);
    REQUIRE(program.run(train_on({"--data", "mine.gnn"}, {"--out", "b"})).code == 0);
    for (const char* file : {"best.safetensors", "split.json", "metrics.jsonl"}) {
      CHECK(content(program.folder() / "a" / file) == content(program.folder() / "b" / file));
    }
    CHECK(program.run(joined({"predict", "--model", "a"}, data)).out ==
          program.run({"predict", "--model", "a", "--data", "mine.gnn"}).out);
    CHECK(program.run({"train", "--resume", "b", "--epochs", "7"}).code == 0);
  }
}

TEST_CASE("data import: a split that is asked for becomes that of the file") {
  const Program program;
  const std::vector<std::string> data = small_graph(program);
  REQUIRE(program.run(joined({"data", "import", "-o", "mine.gnn", "--split", "ratio:0.5/0.3"}, data)).code ==
          0);
  CHECK(program.run({"data", "split", "mine.gnn", "--split", "public", "-q"}).out ==
        program.run(joined({"data", "split", "--split", "ratio:0.5/0.3", "-q"}, data)).out);
}

TEST_CASE("data import: what cannot be written or read is refused, and leaves nothing behind") {
  const Program program;
  const std::vector<std::string> data = small_graph(program);
  write(program, "short.csv", "1,2\n3,4\n17\n");
  write(program, "kept.gnn", "of the user");
  const std::set<std::string> before = program.files();
  const struct {
    std::vector<std::string> arguments;
    int code;
    const char* message;
  } cases[] = {
      {joined({"data", "import"}, data), 2,
       "gnn: error: --out: no file to write was given\nhint: -o FILE.gnn\n"},
      {joined({"data", "import", "-o", "x.bin"}, data), 2,
       "gnn: error: --out: expected a name that ends in .gnn, found 'x.bin'\n"},
      {joined({"data", "import", "-o", "kept.gnn"}, data), 2,
       "gnn: error: --out: kept.gnn exists\nhint: --force overwrites it\n"},
      {joined({"data", "import", "-o", "no/x.gnn"}, data), 4, "gnn: error: no/x.gnn: "},
      {{"data", "import", "-o", "x.gnn", "--edges", "short.csv"}, 3, "gnn: error: short.csv:3: "},
      {{"data", "import", "-o", "kept.gnn", "--force", "--edges", "short.csv"},
       3,
       "gnn: error: short.csv:3: "},
      {{"data", "import", "-o", "x.gnn"}, 2, "gnn: error: --data: no data set was given\n"},
      {{"data", "import", "-o", "x.gnn", "--data", "kept.gnn"}, 3, "gnn: error: kept.gnn:"},
      {{"data", "import", "-o", "x.gnn", "--data", "cora", "--num-nodes", "4"},
       2,
       "gnn: error: --num-nodes: is for a graph of your own: give its edges with --edges\n"},
      {joined({"data", "import", "-o", "x.gnn", "--data", "cora"}, data), 2,
       "gnn: error: --edges: does not go with --data\n"},
      {joined({"data", "import", "-o", "x.gnn", "--directed", "--undirected"}, data), 2,
       "gnn: error: --directed: does not go with --undirected\n"},
  };
  for (const auto& test : cases) {
    const Result result = program.run(test.arguments);
    CAPTURE(test.message);
    CHECK(result.code == test.code);
    CHECK(result.err.starts_with(test.message));
    CHECK(result.out == "");
    CHECK(program.files() == before);
    CHECK(content(program.folder() / "kept.gnn") == "of the user");
  }
  CHECK(program.run(joined({"data", "import", "-o", "kept.gnn", "--force"}, data)).code == 0);
  CHECK(program.run({"data", "info", "kept.gnn"}).code == 0);
}

TEST_CASE("data import: a file with one byte changed is not read") {
  const Program program;
  REQUIRE(program.run(joined({"data", "import", "-o", "mine.gnn"}, small_graph(program))).code == 0);
  std::string bytes = content(program.folder() / "mine.gnn");
  bytes[bytes.size() / 2] = char(bytes[bytes.size() / 2] ^ 1);
  write(program, "mine.gnn", bytes);
  const Result result = program.run({"data", "info", "mine.gnn"});
  CHECK(result.code == 3);
  CHECK(result.err.starts_with("gnn: error: mine.gnn: "));
}
