// SPDX-License-Identifier: Apache-2.0
// What must hold for every text file of edges: random files against a reader that is too simple to be wrong, and the same
// edges written in different ways.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <sstream>

#include <datasets/formats/edges.hpp>

#include "changed_bytes.hpp"
#include "edge_files.hpp"
#include "fuzz_target.hpp"

using namespace gnn::datasets;
using namespace gnn::test;
using gnn::NodeId;

namespace gnn::test {
FuzzTarget fuzz_edges;
}

namespace {

struct Line {
  std::string source, target;
  int weight = 1;
};

std::vector<Line> random_lines(std::size_t count, bool names, std::mt19937& random) {
  const auto node = [&] {
    // Few nodes, so that edges repeat; names of all lengths around the short ones of the table.
    const auto number = random() % 50;
    return names ? std::string(number, 'n') + "\xC3\xA9" + std::to_string(number % 7) : std::to_string(number);
  };
  std::vector<Line> lines(count);
  for (Line& line : lines) line = {node(), node(), int(random() % 5)};
  return lines;
}

struct Writing {
  std::string delimiter = ",", end = "\n", before, quote;
  bool weighted = false, comments = false;
};

std::string write(const std::vector<Line>& lines, const Writing& writing, std::mt19937& random) {
  std::string text = writing.before;
  for (const Line& line : lines) {
    if (writing.comments && random() % 4 == 0) text += random() % 2 ? "# 1,2" + writing.end : writing.end;
    text += writing.quote + line.source + writing.quote + writing.delimiter + line.target;
    if (writing.weighted) text += writing.delimiter + std::to_string(line.weight);
    text += writing.end;
  }
  return text;
}

gnn::graphs::Csr graph_of(RawEdges& raw) {
  std::vector<std::string> notes;
  return build_graph(raw, {}, notes);
}

/// Both directions, weights added, by maps.
std::map<std::pair<std::string, std::string>, float> naive(const std::vector<Line>& lines, bool weighted) {
  std::map<std::pair<std::string, std::string>, float> edges;
  for (const Line& line : lines) {
    const float weight = weighted ? float(line.weight) : 0;
    edges[{line.target, line.source}] += weight;
    if (line.source != line.target) edges[{line.source, line.target}] += weight;
  }
  return edges;
}

std::map<std::pair<std::string, std::string>, float> listed(const gnn::graphs::Csr& graph,
                                                            const std::vector<std::string>& names) {
  const auto name = [&](NodeId node) { return names.empty() ? std::to_string(node) : names[std::size_t(node)]; };
  std::map<std::pair<std::string, std::string>, float> edges;
  for (NodeId row = 0; row < graph.num_rows(); ++row) {
    for (auto e = std::size_t(graph.offsets()[std::size_t(row)]); e < std::size_t(graph.offsets()[std::size_t(row) + 1]); ++e) {
      edges[{name(row), name(graph.columns()[e])}] += graph.weights().empty() ? 0 : graph.weights()[e];
    }
  }
  CHECK(edges.size() == std::size_t(graph.num_edges()));
  return edges;
}

template <class T>
std::vector<T> copied(std::span<const T> values) {
  return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("text edges: random files agree with a naive reader, however they are written and shuffled") {
  std::mt19937 random(1);
  for (int round = 0; round < 60; ++round) {
    const bool names = round % 2, weighted = round / 2 % 2;
    EdgeOptions options;
    options.string_ids = names;
    auto lines = random_lines(1 + random() % 400, names, random);
    const auto expected = naive(lines, weighted);
    Writing plain;
    plain.weighted = weighted;
    RawEdges first_raw = read(write(lines, plain, random), options);
    const auto first_names = first_raw.node_names;
    const auto first = graph_of(first_raw);
    CHECK(listed(first, first_names) == expected);
    for (const char* delimiter : {",", "\t", " ", ";", " \t  ", ", "}) {
      for (const char* quote : {"", "\""}) {
        Writing writing{delimiter, random() % 2 ? "\n" : "\r\n", random() % 2 ? "\xEF\xBB\xBF" : "", quote, weighted,
                        random() % 2 == 0};
        std::shuffle(lines.begin(), lines.end(), random);
        const std::string text = write(lines, writing, random);
        RawEdges raw = read(random() % 2 ? gzip(text) : text, options);
        CHECK(raw.node_names == first_names);
        const auto graph = graph_of(raw);
        CHECK(copied(graph.offsets()) == copied(first.offsets()));
        CHECK(copied(graph.columns()) == copied(first.columns()));
        CHECK(copied(graph.weights()) == copied(first.weights()));
      }
    }
  }
}

TEST_CASE("text edges: files of many blocks keep every line, and errors keep their lines") {
  std::mt19937 random(2);
  for (const bool names : {false, true}) {
    EdgeOptions options;
    options.string_ids = names;
    auto lines = random_lines(300000, names, random);
    Writing writing;
    writing.comments = true;
    std::string text = write(lines, writing, random);
    REQUIRE(text.size() > 1'500'000);
    RawEdges raw = read(text, options), packed = read(gzip(text), options);
    REQUIRE(raw.edges.source.size() == lines.size());
    CHECK(raw.edges.source == packed.edges.source);
    CHECK(raw.edges.target == packed.edges.target);
    CHECK(raw.node_names == packed.node_names);
    bool equal = true;
    for (std::size_t e = 0; e < lines.size(); ++e) {
      const auto name = [&](NodeId node) { return names ? raw.node_names[std::size_t(node)] : std::to_string(node); };
      equal = equal && name(raw.edges.source[e]) == lines[e].source && name(raw.edges.target[e]) == lines[e].target;
    }
    CHECK(equal);

    const std::size_t middle = text.find('\n', text.size() / 2) + 1;
    const auto line = std::count(text.begin(), text.begin() + std::ptrdiff_t(middle), '\n') + 1;
    text.insert(middle, "7\n");
    text += "8\n";
    const std::string message =
        "3 FILE:" + std::to_string(line) + ": expected at least 2 fields separated by ',', found 1: \"7\"";
    CHECK(failure(text, options) == message);
    CHECK(failure(text, options, "edges.gz", true) == message);
  }
}

TEST_CASE("text edges: an id too large is found in any block, plain and gzipped") {
  std::string text;
  for (int i = 0; i < 200000; ++i) text += "1 2\n";
  text += "12800065 3\n";
  const std::string message =
      "3 FILE:200001:1: expected a node number up to 12800064 (the larger of 2^20 and 64 times the number of edges), "
      "found '12800065'";
  CHECK(failure(text) == message);
  CHECK(failure(text, {}, "e.gz", true) == message);
}

TEST_CASE("fuzz edges: small files and 20000 changed copies of them give a graph or an input error") {
  const std::string seeds[] = {"0,1\n1,2\n", "a\tb\nb\tc\n", "source,target,weight\n0,1,0.5\n", "# c\n0 1 2\n\n1 2 3\n",
                               "\"a \"\"b\"\"\",c\r\nd,e\r\n", "\xEF\xBB\xBF" "0;1\n", "1 2 x 0.5\n2 3 y 1\n",
                               gzip("0,1\n1,2\n"), gzip("a b\nc d\n") + gzip("e f\n"), "9 99999999999\n"};
  std::mt19937 random(3);
  const auto below = [&](std::size_t bound) { return random() % bound; };
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = std::string(2, '\0') + seeds[std::size_t(i) % std::size(seeds)];
    bytes[0] = char(below(256));
    bytes[1] = char(below(256));
    for (std::size_t changes = below(4); changes > 0 && bytes.size() > 2; --changes) {
      const std::size_t at = 2 + below(bytes.size() - 2);
      if (below(3) == 0) bytes[at] = char(below(256));
      else if (below(2) == 0) bytes.erase(at, 1 + below(4));
      else bytes.insert(at, bytes.substr(2 + below(bytes.size() - 2), below(20)));
    }
    run_target(fuzz_edges, bytes);
  }
}
