// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <datasets/npy_writer.hpp>
#include <datasets/zip_writer.hpp>

#include "small_graph.hpp"

using namespace gnn::apps::test;

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

TEST_CASE("typed data: latte trains on a folder as on the file made of it, evaluates, predicts, and goes on") {
  const Program program;
  write_typed_set(program);
  REQUIRE(program.run({"data", "import", "--data", "typed", "-o", "typed.gnn"}).code == 0);
  const std::vector<std::string> small = {"--model", "latte", "--hidden", "6", "--order", "2", "--proximity", "0.5"};
  const Result folder = program.run(train_on({"--data", "typed"}, joined(small, {"--out", "a"})));
  CAPTURE(folder.err);
  REQUIRE(folder.code == 0);
  CHECK(folder.out.starts_with("data    typed  16 nodes of 2 types, 24 edges in 2 relations; 12 paper nodes, 0 features, 2 classes\n"));
  CHECK(contains(folder.out, "model   latte  order 2, form of 2020, target paper, "));
  CHECK(contains(folder.out, "  gates   layer1   author-paper "));
  CHECK(contains(folder.out, "  gates   layer2   paper-author-paper "));
  REQUIRE(program.run(train_on({"--data", "typed.gnn"}, joined(small, {"--out", "b"}))).code == 0);
  const std::string model = content(program.folder() / "a/best.safetensors");
  CHECK(content(program.folder() / "b/best.safetensors") == model);

  CHECK(program.run({"train", "--resume", "a", "--epochs", "7"}).code == 0);
  const std::vector<std::string> longer = {"train", "--data", "typed", "--threads", "1", "--epochs", "7", "--out", "c"};
  REQUIRE(program.run(joined(longer, small)).code == 0);
  CHECK(content(program.folder() / "a/best.safetensors") == content(program.folder() / "c/best.safetensors"));
  const Result eval = program.run({"eval", "--model", "b", "--data", "typed"});
  REQUIRE(eval.code == 0);
  CHECK(contains(eval.out, "test        3  "));
  REQUIRE(program.run({"predict", "--model", "b", "--data", "typed.gnn", "--out", "p.csv"}).code == 0);
  const std::string predictions = content(program.folder() / "p.csv");
  CHECK(std::ranges::count(predictions, '\n') == 13);  // a line for each paper
  CHECK(program.run(train_on({"--data", "typed"}, joined(small, {"--out", "d", "--inductive", "--join", "sampled"}))).code == 0);
  CHECK(program.run(train_on({"--data", "typed"}, joined(small, {"--out", "e", "--variant", "2021"}))).code == 0);
}

TEST_CASE("typed data: what does not fit a model of typed graphs is refused in one sentence") {
  const Program program;
  write_typed_set(program);
  const auto refuses = [&](const std::vector<std::string>& arguments, int code, const std::string& message) {
    const Result result = program.run(joined(arguments, {"--epochs", "2"}));
    CHECK(result.code == code);
    CHECK(result.err.starts_with("gnn: error: " + message + "\n"));
  };
  refuses({"train", "--model", "latte", "--data", "cora"}, 8, "cora is a plain graph, latte needs a typed one");
  refuses({"train", "--model", "latte", "--data", "typed", "--merge-types"}, 8,
          "typed is a plain graph with --merge-types, latte needs a typed one");
  refuses({"train", "--model", "latte", "--data", "typed", "--target", "author"}, 8,
          "--target: typed has labels of paper, none of author");
  refuses({"train", "--model", "latte", "--data", "typed", "--target", "book"}, 8,
          "--target: expected a node type of typed, one of paper, author, found 'book'");
  refuses({"train", "--model", "gat", "--data", "cora", "--target", "paper"}, 8,
          "--target: is for typed graphs, cora has nodes of one type");
  refuses({"train", "--model", "gat", "--data", "cora", "--inductive"}, 2, "inductive: is for typed graphs, cora is a plain one");
  refuses({"train", "--model", "latte", "--data", "typed", "--self-loops", "add"}, 2,
          "--self-loops: add is for plain graphs: between nodes of two types there are none, and latte sees a node itself "
          "in every layer");
  write(program, "typed/paper-author.csv", "paper,book\n0,0\n");
  const Result wrong = program.run({"train", "--model", "latte", "--data", "typed"});
  CHECK(wrong.code == 3);
  CHECK(contains(wrong.err, "expected the node types of the file's name with a comma between them, found 'paper,book'"));
}

TEST_CASE("typed data: a list of edges with a column of types is a typed graph for latte") {
  const Program program;
  std::string edges = "from,to,kind\n", labels = "id,label\n";
  for (int i = 0; i < 12; ++i) {
    const std::string paper = "p" + std::to_string(10 + i);
    edges += "a" + std::to_string(i % 4) + "," + paper + ",author-paper\n";
    edges += paper + ",v" + std::to_string(i % 2) + ",paper-venue\n";
    labels += paper + (i % 2 ? ",odd\n" : ",even\n");
  }
  write(program, "edges.csv", edges);
  write(program, "labels.csv", labels);
  const std::vector<std::string> own = {"--edges", "edges.csv", "--ids", "string", "--src", "from", "--dst", "to", "--type", "kind",
                                        "--target", "paper", "--labels", "labels.csv"};
  const Result trained = program.run(train_on(own, {"--model", "latte", "--hidden", "8", "--out", "a"}));
  CAPTURE(trained.err);
  REQUIRE(trained.code == 0);
  CHECK(trained.out.starts_with("data    edges  18 nodes of 3 types, 48 edges in 4 relations; 12 paper nodes, 0 features, 2 classes\n"));
  REQUIRE(program.run(joined({"predict", "--model", "a", "--out", "p.csv"}, own)).code == 0);
  CHECK(contains(content(program.folder() / "p.csv"), "p21,"));
  REQUIRE(program.run(joined({"data", "import", "-o", "own.gnn"}, own)).code == 0);
  CHECK(program.run(train_on({"--data", "own.gnn"}, {"--model", "latte", "--hidden", "8", "--out", "b"})).code == 0);
  CHECK(content(program.folder() / "a/best.safetensors").size() == content(program.folder() / "b/best.safetensors").size());

  CHECK(contains(program.run(train_on({"--edges", "edges.csv", "--ids", "string"}, {"--model", "latte", "--labels", "labels.csv"})).err,
                 "edges is a plain graph, latte needs a typed one\nhint: --type COL and --target TYPE"));
  write(program, "edges.csv", "from,to,kind\na,p,writes\n");
  CHECK(contains(program.run(train_on(own, {"--model", "latte"})).err,
                 "edge types: expected the node types SOURCE-TARGET with a - between them, found 'writes'"));
}

TEST_CASE("typed data: options of one's own edges count within their types, or are refused") {
  const Program program;
  write(program, "edges.csv", "from,to,kind\n0,0,author-paper\n0,0,author-paper\n1,1,author-paper\n2,1,author-paper\n0,0,paper-venue\n");
  write(program, "labels.csv", "id,label\n0,a\n1,b\n");
  write(program, "papers.csv", "id,x\n0,1\n1,2\n");
  write(program, "authors.csv", "id,x,y\n0,1,1\n1,2,0\n2,0,3\n");
  const auto info = [&](const std::vector<std::string>& more) {
    return program.run(joined({"data", "info", "--edges", "edges.csv", "--src", "from", "--dst", "to", "--type", "kind", "--target",
                               "paper", "--labels", "labels.csv"}, more));
  };
  const Result merged = info({"--features", "paper=papers.csv,author=authors.csv"});
  CAPTURE(merged.err);
  CHECK(merged.code == 0);
  CHECK(contains(merged.out, "1 duplicate edges merged"));
  const Result kept = info({"--duplicates", "keep"});
  CHECK(kept.code == 0);
  CHECK(!contains(kept.out + kept.err, "duplicate"));
  const Result refused = info({"--duplicates", "error"});
  CHECK(refused.code == 3);
  CHECK(contains(refused.err, "gnn: error: edges.csv: author-paper: edge list: edge 0 -> 0 occurs 2 times"));
  CHECK(contains(info({"--features", "paper=papers.csv,book=authors.csv"}).err,
                 "--features: expected TYPE=FILE with a node type of edges, found 'book=authors.csv'"));
  CHECK(contains(info({"--num-nodes", "9"}).err, "--num-nodes: is for graphs of one node type, not with --target"));
  CHECK(info({"--isolated", "add"}).code == 2);
}
