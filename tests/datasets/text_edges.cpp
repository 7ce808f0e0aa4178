// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <datasets/formats/edges.hpp>
#include <graphs/error.hpp>

#include "edge_files.hpp"

using namespace gnn::datasets;
using namespace gnn::test;
using gnn::NodeId;
using Ids = std::vector<NodeId>;
using Names = std::vector<std::string>;

namespace {

EdgeOptions string_ids() {
  EdgeOptions options;
  options.string_ids = true;
  return options;
}

bool has_note(const RawEdges& raw, const std::string& note) {
  return std::find(raw.notes.begin(), raw.notes.end(), note) != raw.notes.end();
}

}  // namespace

TEST_CASE("text edges: the delimiter is told from the content, whatever the name") {
  for (const char* text : {"0,1\n2,0\n", "0\t1\n2\t0\n", "0 1\n2 0\n", "0   1\n 2\t0 \n", "0;1\n2;0\n", "0, 1\n2 ,0\n",
                           "\"0\",\"1\"\n\"2\",\"0\"\n", "0,1\r\n2,0\r\n", "0,1\n2,0", "\xEF\xBB\xBF" "0,1\n2,0\n",
                           "# c\n\n0 1\n% d\n  \n2 0\n", "000,01\n02,0\n", "source,target\n0,1\n2,0\n",
                           "a\tb\n0\t1\n2\t0\n"}) {
    for (const char* name : {"e.txt", "e.csv", "e.tsv", "e"}) {
      CAPTURE(text);
      CAPTURE(name);
      const RawEdges raw = read(text, {}, name);
      CHECK(raw.edges.source == Ids{0, 2});
      CHECK(raw.edges.target == Ids{1, 0});
      CHECK(raw.edges.num_nodes == 3);
      CHECK_FALSE(raw.edges.weighted());
      CHECK(raw.node_names.empty());
    }
  }
}

TEST_CASE("text edges: the extension decides between two delimiters") {
  CHECK(read("a b,c\nd,e f\n", string_ids(), "e.csv").node_names == Names{"a b", "c", "d", "e f"});
  CHECK(read("a,b\tc\nd\te,f\n", string_ids(), "e.tsv").node_names == Names{"a,b", "c", "d", "e,f"});
  EdgeOptions options = string_ids();
  options.delimiter = '|';
  CHECK(read("a,b|c d\n", options).node_names == Names{"a,b", "c d"});
}

TEST_CASE("text edges: a third field is the weight") {
  const RawEdges raw = read("0 1 0.5\n1 2 -1e-3\n2 0 7\n3 0 1e-60\n");
  CHECK(raw.edges.weight == std::vector<float>{0.5f, -1e-3f, 7, 0});
}

TEST_CASE("text edges: a header names the columns, in any order") {
  const RawEdges raw = read("weight,to,year,type,from\n2,1,1999,x,0\n3,2,2000,a,0\n4,0,2001,x,1\n");
  CHECK(raw.edges.source == Ids{0, 0, 1});
  CHECK(raw.edges.target == Ids{1, 2, 0});
  CHECK(raw.edges.weight == std::vector<float>{2, 3, 4});
  CHECK(raw.type_names == Names{"a", "x"});
  CHECK(raw.types == std::vector<std::int32_t>{1, 0, 1});
  CHECK(has_note(raw, "1 columns are not used"));
}

TEST_CASE("text edges: columns are chosen by number or by name") {
  EdgeOptions options;
  options.source_column = "3";
  options.target_column = "1";
  CHECK(read("5,x,6\n7,y,8\n", options).edges.source == Ids{6, 8});
  options.weight_column = "2";
  CHECK(read("5,0.5,6\n", options).edges.weight == std::vector<float>{0.5f});
  options = {};
  options.source_column = "b";
  options.target_column = "a";
  CHECK(read("a,b\n1,2\n", options).edges.source == Ids{2});
  CHECK(failure("p,q\n1,2\n", options) == "3 FILE:1: expected a column named 'b', found 'p, q'");
  options.source_column = "9";
  options.target_column = "";
  CHECK(failure("1,2\n", options) ==
        "3 FILE:1: expected at least 9 fields, as a column with this number is asked for, found 2");
  options.source_column = "1";
  options.target_column = "1";
  CHECK(failure("1,2\n", options) ==
        "3 FILE:1: expected different columns for source, target, weight and type, found column 1 twice");
}

TEST_CASE("text edges: names are numbered in sorted order and kept") {
  const RawEdges raw = read("carol,bob\nb\xC3\xA9,bob\n\"a \"\"x\"\", y\",carol\n", string_ids());
  CHECK(raw.node_names == Names{"a \"x\", y", "bob", "b\xC3\xA9", "carol"});
  CHECK(raw.edges.source == Ids{3, 2, 0});
  CHECK(raw.edges.target == Ids{1, 1, 3});
}

TEST_CASE("text edges: names of all lengths are told apart and sorted by bytes") {
  Names names;
  for (std::size_t length = 1; length < 60; ++length) {
    names.push_back(std::string(length, 'a'));
    names.push_back(std::string(length - 1, 'a') + "b");
    names.push_back(std::string(length - 1, 'a') + "\xC3\xA9");
  }
  std::string text;
  for (const std::string& name : names) text += name + "\t" + names[0] + "\n";
  std::sort(names.begin(), names.end());
  const RawEdges raw = read(text, string_ids());
  CHECK(raw.node_names == names);
  CHECK(raw.edges.num_edges() == NodeId(names.size()));
}

TEST_CASE("text edges: relabel keeps the nodes that occur, in the order of their numbers") {
  EdgeOptions options;
  options.relabel = true;
  const RawEdges raw = read("99999999999 7\n0010 7\n9223372036854775807 10\n", options);
  CHECK(raw.node_names == Names{"7", "10", "99999999999", "9223372036854775807"});
  CHECK(raw.edges.source == Ids{2, 1, 3});
  CHECK(raw.edges.target == Ids{0, 0, 1});
  CHECK(failure("1 x\n", options).starts_with("3 FILE:1:3: expected a node number, found 'x'"));
  options.index_base = 1;
  CHECK(failure("1 2\n0 1\n", options) == "3 FILE:2:1: expected a node number from 1, found '0'");
}

TEST_CASE("text edges: the index base, the number of nodes and gaps") {
  EdgeOptions options;
  options.index_base = 1;
  CHECK(read("1 3\n", options).edges.target == Ids{2});
  CHECK(failure("1 2\n0 1\n", options) == "3 FILE:2:1: expected a node number from 1, found '0'");
  options = {};
  options.num_nodes = 6;
  const RawEdges raw = read("0 3\n", options);
  CHECK(raw.edges.num_nodes == 6);
  CHECK(has_note(raw, "4 of 6 nodes are in no edge"));
  CHECK(failure("0 3\n5 6\n", options) == "3 FILE:2:3: expected a node number up to 5 (there are 6 nodes), found '6'");
  CHECK(has_note(read("# a\n\n0 1\n#b\n"), "2 comment lines skipped"));
}

TEST_CASE("text edges: an id far above the number of edges is refused unless it is asked for") {
  CHECK(read("0 1048576\n").edges.num_nodes == 1048577);
  CHECK(failure("0 1\n0 1048577\n") ==
        "3 FILE:2:3: expected a node number up to 1048576 (the larger of 2^20 and 64 times the number of edges), found "
        "'1048577'");
  CHECK(failure("0 1\n3000000000 2\n").starts_with("3 FILE:2:1: expected a node number up to 1048576"));
  EdgeOptions options;
  options.num_nodes = 2000000;
  CHECK(read("0 1048577\n", options).edges.num_nodes == 2000000);
}

TEST_CASE("text edges: every mistake is named with its place") {
  const std::string long_line = "0," + std::string(70000, '1') + "\n";
  const std::pair<std::string, const char*> cases[] = {
      {"", "3 FILE: expected at least one edge, found an empty file"},
      {"\n \n#x\n", "3 FILE: expected at least one edge, found no line with an edge"},
      {"source,target\n", "3 FILE: expected at least one edge, found no line with an edge"},
      {"0,1\n17\n", "3 FILE:2: expected at least 2 fields separated by ',', found 1: \"17\""},
      {"17\n", "3 FILE:1: expected at least 2 fields separated by blanks, found 1: \"17\""},
      {"0\t1\n17\n", "3 FILE:2: expected at least 2 fields separated by a tab, found 1: \"17\""},
      {"0,1,1\n1,2\n", "3 FILE:2: expected 3 fields as in line 1, found 2"},
      {"0,1\n1,2,3\n", "3 FILE:2: expected 2 fields as in line 1, found 3"},
      {"0 1 2 3\n", "3 FILE:1: expected 2 or 3 fields separated by blanks, found 4"},
      {"0 1\n1 2\n2 3\n3 4\nn17 5\n", "3 FILE:5:1: expected a node number as in lines 1-4, found 'n17'"},
      {"0,1\n1,\n", "3 FILE:2:3: expected a node number as in line 1, found ''"},
      {"0,1\n-1,2\n", "3 FILE:2:1: expected a node number as in line 1, found '-1'"},
      {"-1,2\n", "3 FILE:1:1: expected a node number, found '-1'"},
      {"1.0,2\n", "3 FILE:1:1: expected a node number, found '1.0'"},
      {"0x1F 2\n", "3 FILE:1:1: expected a node number, found '0x1F'"},
      {"alice 2\n", "3 FILE:1:1: expected a node number, found 'alice'"},
      {"1,\xE2\x88\x92" "2\n", "3 FILE:1:3: expected a node number, found '\xE2\x88\x92" "2'"},
      {"0,1\n1,9223372036854775808\n",
       "3 FILE:2:3: expected a node number up to 9223372036854775807, found '9223372036854775808'"},
      {"0,1,inf\n", "3 FILE:1:5: expected a finite number that float can hold as weight, found 'inf'"},
      {"0,1,nan\n", "3 FILE:1:5: expected a finite number that float can hold as weight, found 'nan'"},
      {"0,1,1e39\n", "3 FILE:1:5: expected a finite number that float can hold as weight, found '1e39'"},
      {"0,1,1e999\n", "3 FILE:1:5: expected a finite number that float can hold as weight, found '1e999'"},
      {"0,1,0.5x\n", "3 FILE:1:5: expected a number as weight, found '0.5x'"},
      {"0,1,\n", "3 FILE:1:5: expected a number as weight, found ''"},
      {std::string("0,1\n1,\0" "2\n", 9), "3 FILE:2:3: expected text, found a NUL byte, '\\x00'"},
      {"0,1\r2,3\n", "3 FILE:1:4: expected lines that end in LF or CRLF, found a CR alone"},
      {"0,1\n\"1,2\n2,3\n", "3 FILE:2:1: expected a closing quote, found the end of the line"},
      {"0,\"1\"2\n", "3 FILE:1:6: expected ',' or the end of the line after the closing quote, found '2'"},
      {"0,1\n" + long_line, "3 FILE:2: expected a line of at most 65536 bytes, found a longer one"},
      {"#" + std::string(70000, 'x') + "\n0,1\n", "3 FILE:1: expected a line of at most 65536 bytes, found a longer one"},
      {"\xFF\xFE" "0\0,\0", "3 FILE: expected text in UTF-8, found UTF-16 (little-endian)"},
      {"\xFE\xFF", "3 FILE: expected text in UTF-8, found UTF-16 (big-endian)"},
      {std::string("0\0,\0" "1\0\n\0", 8), "3 FILE: expected text in UTF-8, found UTF-16 (little-endian, without a mark)"},
      {"0,1\n1,%s%n%x\x1b[2J\n", "3 FILE:2:3: expected a node number as in line 1, found '%s%n%x\\x1b[2J'"}};
  for (const auto& [text, message] : cases) {
    CHECK(failure(text) == message);
    CHECK(failure(text, {}, "e.gz", true) == message);
  }
  CHECK(failure("a,b\nc,\xFF\n", string_ids()) == "3 FILE:2:3: expected a name in UTF-8, found '\\xff'");
  CHECK(failure("a,b\nc,\n", string_ids()) == "3 FILE:2:3: expected a name, found ''");
  CHECK(failure(std::string("a,b\na\0,b\n", 9), string_ids()) == "3 FILE:2:2: expected text, found a NUL byte, '\\x00'");
}

TEST_CASE("text edges: mixed ids come with a hint, damaged numbers do not") {
  CHECK(hint_of("0,1\nn17,1\n") == "--ids string");
  CHECK(hint_of("0,1\n-1,1\n").empty());
}

TEST_CASE("text edges: damaged gzip is refused, text under its name is read and said") {
  const std::string packed = gzip("0,1\n1,2\n2,3\n");
  CHECK(read(packed, {}, "e").edges.num_edges() == 3);
  CHECK(read(packed + packed, {}, "e.gz").edges.num_edges() == 6);
  for (std::size_t size = 2; size < packed.size(); ++size) {
    CHECK(failure(packed.substr(0, size)).find("expected the end of the gzip stream, found the end of the file") !=
          std::string::npos);
  }
  std::string damaged = packed;
  damaged[packed.size() - 6] ^= 1;  // in the checksum
  CHECK(failure(damaged).find("expected a gzip stream, found damaged data") != std::string::npos);
  CHECK(failure(packed + "x").find("expected the end of the file after the gzip stream, found 1 more") !=
        std::string::npos);
  CHECK(failure("", {}, "e.csv.gz") == "3 FILE: expected a gzip stream, found an empty file");
  CHECK(has_note(read("0,1\n", {}, "e.csv.gz"), "named .gz, but is no gzip file: read as plain text"));
}

TEST_CASE("read_edges: a missing file is an error of the file system") {
  CHECK_THROWS_WITH_AS(read_edges("/no/such/edges.csv", {}), "/no/such/edges.csv: no such file", gnn::Error);
}
