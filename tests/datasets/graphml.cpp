// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <datasets/formats/edge_readers.hpp>

#include "error_text.hpp"
#include "memory_file.hpp"

using namespace gnn;
using namespace gnn::datasets;
using gnn::test::error_text;
using gnn::test::memory_file;

namespace {

const std::string keys =
    "<key id=\"w\" for=\"edge\" attr.name=\"weight\" attr.type=\"double\"/>"
    "<key id=\"c\" for=\"node\" attr.name=\"color\" attr.type=\"string\"/>";

std::string file(const std::string& graph, const std::string& direction = "directed") {
  return "<graphml>" + keys + "<graph edgedefault=\"" + direction + "\">" + graph + "</graph></graphml>";
}
std::string edge(const std::string& source, const std::string& target, const std::string& content = "") {
  return "<edge source=\"" + source + "\" target=\"" + target + "\">" + content + "</edge>";
}
RawEdges read(const std::string& text, const EdgeOptions& options = {}) {
  return read_graphml_edges(memory_file(text), options);
}
std::string error_of(const std::string& text) {
  return error_text([&] { read(text); });
}

const std::string two = "<node id=\"a\"/><node id=\"b\"/>";

}  // namespace

TEST_CASE("graphml: nodes keep their ids as names in ascending order, edges their weights") {
  const RawEdges raw = read(
      "<?xml version='1.0' encoding='UTF-8'?>\n<!-- c --><graphml "
      "xmlns=\"http://graphml.graphdrawing.org/xmlns\">" +
      keys +
      "<graph id='G' edgedefault='undirected'><data key='c'>node</data><edge source='b&amp;&#99;' "
      "target='a'><data key='w'> 2 "
      "</data></edge><node id='z'><data key='c'>x<![CDATA[<node id=\"q\"/>]]></data></node><desc>d</desc>\n"
      "<node id='a'/><node id='b&amp;&#x63;'/><edge source='a' target='z'><data "
      "key='w'>1.5</data></edge></graph></graphml>\n");
  CHECK(raw.node_names == std::vector<std::string>{"a", "b&c", "z"});
  CHECK(raw.edges.num_nodes == 3);
  CHECK(raw.edges.source == std::vector<NodeId>{1, 0});
  CHECK(raw.edges.target == std::vector<NodeId>{0, 2});
  CHECK(raw.edges.weight == std::vector<float>{2, 1.5f});
  CHECK(raw.is_symmetric);
}

TEST_CASE("graphml: a key's default is the weight of edges without one") {
  const RawEdges raw = read(
      "<graphml><key id='w' for='edge' attr.name='length' attr.type='int'><default>7</default></key><graph "
      "edgedefault='directed'>" +
          two + edge("a", "b") + edge("b", "a", "<data key='w'>2</data>") + "</graph></graphml>",
      [] {
        EdgeOptions options;
        options.weight_column = "length";
        return options;
      }());
  CHECK(raw.edges.weight == std::vector<float>{7, 2});
  CHECK(!raw.is_symmetric);
}

TEST_CASE("graphml: ids that are numbers number the nodes, unless they are to be names") {
  const std::string text = file("<node id=\"10\"/><node id=\"9\"/><node id=\"2\"/>" + edge("9", "10"));
  RawEdges raw = read(text);
  CHECK(raw.edges.num_nodes == 11);
  CHECK(raw.edges.source == std::vector<NodeId>{9});
  CHECK(raw.node_names.empty());
  EdgeOptions options;
  options.relabel = true;
  raw = read(text, options);
  CHECK(raw.node_names == std::vector<std::string>{"2", "9", "10"});
  CHECK(raw.edges.source == std::vector<NodeId>{1});
  options = {};
  options.string_ids = true;
  CHECK(read(text, options).node_names == std::vector<std::string>{"10", "2", "9"});
  CHECK(error_of(file("<node id=\"3000000000\"/>")).find("expected at most 1048576 nodes") !=
        std::string::npos);
}

TEST_CASE("graphml: files of many slices are read like short ones") {
  std::string graph;
  for (int i = 0; i < 30000; ++i) graph += "<node id=\"" + std::to_string(i) + "\"/>\n";
  for (int i = 0; i < 60000; ++i) {
    graph += edge(std::to_string(i % 30000), std::to_string(i * 7 % 30000),
                  "<data key=\"w\">" + std::to_string(i % 9) + "</data>") +
             "\n";
    if (i == 40000) graph += "<desc>in between</desc>";
  }
  REQUIRE(graph.size() > std::size_t(3) << 20);
  const RawEdges raw = read(file(graph));
  REQUIRE(raw.edges.source.size() == 60000);
  bool same = true;
  for (int i = 0; i < 60000; ++i) {
    const auto k = std::size_t(i);
    same = same && raw.edges.source[k] == i % 30000 && raw.edges.target[k] == i * 7 % 30000 &&
           raw.edges.weight[k] == float(i % 9);
  }
  CHECK(same);
  CHECK(error_of(file(graph + "\n" + edge("0", "1", "<data key=\"w\">x</data>"))) ==
        "3 x:90002:1: expected a finite number as the weight of an edge, found 'x'");
  CHECK(error_of(file(graph + "\n" + edge("0", "1"))) ==
        "3 x:90002:1: expected the attribute 'weight' for every edge or for none, found an edge without it");
}

TEST_CASE("graphml: what does not fit together is refused where it stands") {
  const auto has = [](const std::string& text, const std::string& part) {
    const std::string error = error_of(text);
    CHECK_MESSAGE(error.find("3 x:1:") == 0, error);
    CHECK_MESSAGE(error.find(part) != std::string::npos, error, " lacks ", part);
  };
  has(file(two + edge("a", "q")), "expected an edge between nodes of the file, found 'q'");
  has(file(two + "<node id=\"a\"/>"), "expected every node once, found 'a' twice");
  has(file("<node/>"), "expected the attribute 'id' of 'node', found none");
  has(file(two + "<edge source=\"a\"/>"), "expected the attribute 'target' of 'edge', found none");
  has(file(two + edge("a", "b", "<data key=\"v\">1</data>")),
      "expected a key that is declared before, found 'v'");
  has(file(two + edge("a", "b", "<data key=\"w\">nan</data>")),
      "expected a finite number as the weight of an edge, found 'nan'");
  has(file(two + edge("a", "b", "<data key=\"w\">1e39</data>")), "found '1e39'");
  has(file(two + "<edge source=\"a\" target=\"b\" directed=\"false\"/>"),
      "expected edges that are all directed");
  has(file("<hyperedge/>"), "expected one of the elements node, edge, desc, data, found 'hyperedge'");
  has(file("<node id=\"a\"><graph edgedefault=\"directed\"/></node>"),
      "expected one of the elements desc, data, found 'graph'");
  has(file("", "both"), "expected edgedefault directed or undirected, found 'both'");
  has("<graphml/>", "expected the element 'graph', found none");
  has("<html/>", "expected the element 'graphml', found '<html/>'");
  has("<graphml><graph edgedefault='directed'/><graph edgedefault='directed'/></graphml>",
      "expected one graph, found another");
  has("<graphml><key id='w' for='edge'/></graphml>",
      "expected the attribute 'attr.name' of 'key', found none");
  has("<graphml><key id='w' for='edge' attr.name='w' attr.type='dog'/></graphml>", "found 'dog'");
  has("<graphml>" + keys + keys + "</graphml>", "expected every key once");
}

TEST_CASE("graphml: XML that is malformed or does more than hold data is refused") {
  const auto has = [](const std::string& text, const std::string& part) {
    const std::string error = error_of(text);
    CHECK_MESSAGE(error.find("3 x:1:") == 0, error);
    CHECK_MESSAGE(error.find(part) != std::string::npos, error, " lacks ", part);
  };
  has("", "expected an element, found an empty file");
  has("text", "expected an element, found 'text'");
  has("<!DOCTYPE a [<!ENTITY b \"b\">]><graphml/>", "expected XML without a document type, found '<!DOCTYPE");
  has(file("<node id=\"&b;\"/>"), "expected a reference such as");
  has(file("<node id=\"&#0;\"/>"), "expected a reference such as");
  has(file("<node id=\"&#xd800;\"/>"), "expected a reference such as");
  has(file("<node id=\"a\" id=\"b\"/>"), "expected every attribute once");
  has(file("<node id=a/>"), "expected a value in quotes");
  has(file("<node id/>"), "expected '='");
  has(file("<node id=\"a<\"/>"), "expected no '<' in a value");
  has(file("<node id=\"a\""), "expected");
  has(file("<node id=\"a\"></edge>"), "expected '</node>', found '</edge>");
  has("<graphml>", "expected '</graphml>', found the end of the file");
  has("</graphml>", "expected an element that is open");
  has("<graphml><!-- ", "expected the end of a comment");
  has("<graphml/><graphml/>", "expected the end of the file after its element");
  has("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><graphml/>", "expected the encoding UTF-8");
  has("<graphml>\xff</graphml>", "expected UTF-8, found '\\xff");
  has(std::string("<graphml>\0</graphml>", 20), "expected no control bytes, found '\\x00");
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "<desc>";
  has("<graphml>" + deep, "expected at most 64 elements inside one another, found '<desc>");
  has(file("<node id=\"a\"><desc>" + std::string(5000000, 'x') + "</desc></node>"),
      "expected an element of at most 4194304 bytes");
}

TEST_CASE("graphml: a weight column that no edge has is refused") {
  EdgeOptions options;
  options.weight_column = "w";
  CHECK(error_text([&] { read(file(two + edge("a", "b")), options); }) ==
        "3 x: expected edges with the attribute 'w', found none");
}
