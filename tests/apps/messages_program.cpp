// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <datasets/edge_files.hpp>

#include "small_graph.hpp"

using namespace gnn::apps::test;

TEST_CASE("bad data: what is wrong is said with file, line and column, and the exit code tells the kind") {
  const struct {
    const char* name;
    std::string bytes;
    std::vector<std::string> more;
    int code;
    const char* message;
  } cases[] = {
      {"edges.csv",
       "",
       {"--edges", "missing.csv"},
       4,
       "missing.csv: no such file\nhint: known data sets are listed by 'gnn data list'\n"},
      {"edges.csv",
       "1,2\n3,4\n17\n",
       {"--edges", "edges.csv"},
       3,
       "edges.csv:3: expected at least 2 fields separated by ',', found 1: \"17\"\n"},
      {"graph.mtx",
       "%%MatrixMarket matrix coordinate pattern general\n5 5 2\n1 2\n6 1\n",
       {"--edges", "graph.mtx"},
       3,
       "graph.mtx:4:1: expected a row up to 5 (declared in line 2), found 6\n"},
      {"edges.tsv",
       "1\t2\n3\t4\n2\t3\n3\t3\nn17\t4\n",
       {"--edges", "edges.tsv"},
       3,
       "edges.tsv:5:1: expected a node number as in lines 1-4, found 'n17'\nhint: --ids string\n"},
      {"edges.csv",
       "1,2\n2,1\n1,2\n",
       {"--edges", "edges.csv", "--duplicates", "error"},
       3,
       "edges.csv: edge list: expected edge 2 -> 1 once, found it 3 times\n"},
      {"labels.csv",
       "node,label\n0,a\n99,b\n",
       {"--edges", "follows.csv", "--labels", "labels.csv"},
       3,
       "labels.csv:3:1: expected a node of the graph, found '99'\nhint: --num-nodes or --isolated add keep "
       "nodes without edges\n"},
      {"labels.csv",
       "node,label\np00,a\np99,b\n",
       {"--edges", "follows.tsv", "--ids", "string", "--labels", "labels.csv"},
       3,
       "labels.csv:3:1: expected a node of the graph, found 'p99'\nhint: --num-nodes or --isolated add keep "
       "nodes without edges\n"},
      {"cut.csv.gz",
       gnn::test::gzip(edge_lines(",")).substr(0, 60),
       {"--edges", "cut.csv.gz"},
       3,
       "cut.csv.gz: expected the end of the gzip stream, found the end of the file after "},
      {"x.npy",
       gnn::test::npy_of("<f4", "(29, 2)", std::string(29 * 2 * 4, '\0')),
       {"--edges", "follows.csv", "--features", "x.npy"},
       3,
       "x.npy: expected 30 rows, one a node, found 29\n"},
      {"x.csv",
       "id,age\n0,red\n",
       {"--edges", "follows.csv", "--features", "x.csv"},
       3,
       "x.csv:2:3: expected a number, found 'red'\n"},
      {"x.csv",
       "",
       {"--data", "coraa"},
       2,
       "--data: no data set 'coraa'; did you mean 'cora'?\nhint: known data sets are listed by 'gnn data "
       "list'\n"},
      {"x.csv",
       "",
       {"--data", "mine.gnn"},
       4,
       "mine.gnn: no such file\nhint: known data sets are listed by 'gnn data list'\n"},
      {"x.csv",
       "",
       {"--data", "pubmed", "--offline"},
       5,
       "pubmed is not in the cache and --offline is set\nhint: gnn data fetch pubmed --from DIR\n"},
      {"x.csv", "", {"--data", "pubmed"}, 4, "pubmed: found no files ind.pubmed.x, ...: "},
  };
  for (const auto& test : cases) {
    const Program program;
    named_graph(program);
    small_graph(program);
    write(program, test.name, test.bytes);
    const std::set<std::string> before = program.files();
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"data", "info"}, {"train", "--epochs", "2"}}) {
      const Result result = program.run(no_cache(joined(command, test.more)));
      CAPTURE(test.message);
      CAPTURE(result.err);
      CHECK(result.code == test.code);
      CHECK(result.err.starts_with("gnn: error: " + std::string(test.message)));
      CHECK(result.out == "");
      CHECK(program.files() == before);
    }
  }
}

TEST_CASE("train: a class without training node is a warning") {
  const Program program;
  const std::vector<std::string> data = small_graph(program);
  // Classes are numbered in sorted order: blue, green, red. Nodes 0, 3, 6 ... are red.
  write(program, "s.csv", "0,train\n1,train\n2,val\n3,test\n");
  const Result result = program.run(train_on(data, {"--split", "s.csv"}));
  CHECK(result.code == 0);
  CHECK(contains(result.err, "warning: class 0 has no training node\n"));
  CHECK_FALSE(contains(result.err, "class 1 has no"));
}
