// SPDX-License-Identifier: Apache-2.0
// Tiny sets in the forms of LINQS, Geom-GCN and HGB, well-formed and malformed.
#include <doctest/doctest.h>

#include <algorithm>

#include <datasets/registry.hpp>
#include <datasets/sets/geom_gcn.hpp>
#include <datasets/sets/hgb.hpp>
#include <datasets/sets/linqs.hpp>
#include <support/temporary_folder.hpp>

#include "error_text.hpp"
#include "set_seeds.hpp"

namespace datasets = gnn::datasets;
namespace seeds = gnn::test;
using gnn::test::error_text;
using Ids = std::vector<std::int32_t>;
using Nodes = std::vector<gnn::NodeId>;
using Offsets = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;

namespace {

std::string linqs(const std::string& content, const std::string& cites) {
  return error_text([&] { datasets::parse_linqs(content, cites, "x", "x.content", "x.cites"); });
}

std::string geom(const std::string& nodes, const std::string& edges) {
  return error_text([&] { datasets::parse_geom_gcn(nodes, edges, "x", "nodes", "edges"); });
}

/// The error when one of the five files of the tiny HGB set has other bytes.
std::string hgb(std::string_view datasets::HgbText::* part, std::string_view bytes) {
  datasets::HgbText text = {seeds::hgb_good_nodes, seeds::hgb_links, seeds::hgb_labels, seeds::hgb_test, seeds::hgb_info};
  text.*part = bytes;
  return error_text([&] { datasets::parse_hgb(text, "x"); });
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("linqs: papers keep their order and names, classes are sorted, notes say what was done") {
  const auto data = datasets::parse_linqs(seeds::linqs_content, seeds::linqs_cites, "x", "x.content", "x.cites");
  CHECK(data.node_names == Texts{"b", "a", "c"});
  CHECK(data.class_names == Texts{"Agents", "Theory"});
  CHECK(data.labels == Ids{1, 0, 1});
  CHECK(data.features.columns == 3);
  CHECK(data.features.offsets == Offsets{0, 1, 3, 3});
  CHECK(data.features.indices == Ids{1, 0, 1});
  CHECK(data.graph.num_edges() == 4);
  CHECK(std::ranges::equal(data.graph.row(1), Nodes{0, 2}));
  CHECK(data.split.train.empty());
  CHECK(data.notes == Texts{"1 citations of papers without content left out", "1 self-loops removed",
                            "1 missing reverse edges added"});
}

TEST_CASE("linqs: malformed files are refused where they are wrong") {
  const std::string good = seeds::linqs_content;
  CHECK(linqs(good, "a\tb\r\n") == "no error");
  CHECK(linqs(good, "a\n") == "3 x.cites:1:2: expected the name of the citing paper, found the end of the line");
  CHECK(linqs(good, "a\tb\nb\ta\tc\n") == "3 x.cites:2:5: expected the end of the line, found 'c'");
  CHECK(contains(linqs(good, "a\tb\n\n"), "x.cites:2:1: expected the name of the citing paper, found the end"));
  CHECK(linqs("a\t0\t2\tX\n", "") == "3 x.content:1:5: expected a feature of 0 or 1, found '2'");
  CHECK(linqs("a\t0\t1\tX\nb\t0\tX\n", "") ==
        "3 x.content:2:5: expected the class behind 2 features, as in line 1, found 'X'");
  CHECK(contains(linqs("a\t0\tX\nb\t0\t1\tX\n", ""), "x.content:2:7: expected the class behind 1 features"));
  CHECK(contains(linqs("a\t0\tX\na\t0\tX\n", ""), "x.content:2:1: expected each paper once, found 'a'"));
  CHECK(contains(linqs("a\n", ""), "x.content:1:2: expected a feature or the name of the class"));
  CHECK(contains(linqs("a\t1\t\n", ""), "x.content:1:5: expected the name of the class, found ''"));
  CHECK(linqs("", "") == "3 x.content: expected a line for each paper, found an empty file");
}

TEST_CASE("linqs: a folder is told from its files, and a missing one is named") {
  gnn::test::TemporaryFolder folder;
  folder.write("tiny.content", seeds::linqs_content);
  CHECK(error_text([&] { datasets::load(folder.path().string(), {}); }) ==
        "4 " + (folder.path() / "tiny.cites").string() + ": no such file");
  folder.write("tiny.cites", seeds::linqs_cites);
  CHECK(datasets::load(folder.path().string(), {}).name == "tiny");
}

TEST_CASE("geom: nodes are placed by number, the graph is symmetric and simple") {
  const auto data = datasets::parse_geom_gcn(seeds::geom_nodes, seeds::geom_edges, "x", "nodes", "edges");
  CHECK(data.labels == Ids{0, 2, 1});
  CHECK(data.num_classes == 3);
  CHECK(data.features.columns == 3);
  CHECK(data.features.offsets == Offsets{0, 2, 3, 3});
  CHECK(data.features.indices == Ids{0, 1, 1});
  CHECK(data.graph.num_edges() == 4);
  CHECK(data.notes == Texts{"1 self-loops removed", "1 missing reverse edges added"});
}

TEST_CASE("geom: with a feature_amount in the header features are column numbers in any order") {
  const auto data = datasets::parse_geom_gcn(seeds::geom_indices, "node_id\n", "x", "nodes", "edges");
  CHECK(data.features.columns == 10);
  CHECK(data.features.offsets == Offsets{0, 1, 3});
  CHECK(data.features.indices == Ids{9, 2, 4});
  CHECK(data.features.values == std::vector<float>{1, 1, 1});
  CHECK(data.notes == Texts{"1 nodes name a feature twice"});
}

TEST_CASE("geom: malformed files are refused where they are wrong") {
  const std::string head = "node_id\tfeature\tlabel\n", good = head + "0\t0,1\t0\n1\t1,1\t1\n", edges = "node_id\n";
  CHECK(geom(good, edges + "0\t1\r\n") == "no error");
  CHECK(geom("0\t0,1\t0\n", edges) ==
        "3 nodes:1:1: expected a header that begins with 'node_id', found none");
  CHECK(geom(good, "0\t1\n") == "3 edges:1:1: expected a header that begins with 'node_id', found none");
  CHECK(geom("", edges) == "3 nodes:1:1: expected a header that begins with 'node_id', found none");
  CHECK(geom(good, edges + "0\t2\n") == "3 edges:2:3: expected a node number from 0 to 1, found '2'");
  CHECK(contains(geom(good, edges + "-1\t0\n"), "edges:2:1: expected a node number from 0 to 1, found '-1'"));
  CHECK(contains(geom(good, edges + "0 1\n"), "edges:2:1: expected a node number from 0 to 1, found '0 1'"));
  CHECK(contains(geom(good, edges + "0\t1\t1\n"), "edges:2:5: expected the end of the line"));
  CHECK(contains(geom(head + "0\t0,1\t0\n1\t1\t1\n", edges), "nodes:3:3: expected 2 features, as node 0 has, found '1'"));
  CHECK(contains(geom(head + "0\t0,x\t0\n", edges), "nodes:2:5: expected a feature of 0 or 1, found 'x'"));
  CHECK(contains(geom(head + "0\t0\t0\n0\t0\t0\n", edges), "nodes:3:1: expected each node once, found '0'"));
  CHECK(contains(geom(head + "1\t0\t0\n", edges), "nodes:2:1: expected a node number from 0 to 0, found '1'"));
  CHECK(contains(geom(head + "0\t0\n", edges), "nodes:2:4: expected the class, found the end of the line"));
  CHECK(contains(geom(head + "0\t0\t-1\n", edges), "nodes:2:5: expected a class from 0"));
  CHECK(contains(geom("node_id\tfeature_amount\n0\t99999999999\t0\n", edges), "expected the number of a feature from 0"));
}

TEST_CASE("geom: a class number far above the number of nodes is refused") {
  CHECK(contains(geom("node_id\n0\t1\t2000000000\n", "node_id\n"), "nodes:2:5: expected a class from 0 to 0, found '2000000000'"));
}

TEST_CASE("hgb: nodes are counted by type, links become relations, labels and splits are those of the files") {
  const datasets::HgbText text = {seeds::hgb_good_nodes, seeds::hgb_links, seeds::hgb_labels, seeds::hgb_test,
                                  seeds::hgb_info};
  const auto data = datasets::parse_hgb(text, "x");
  REQUIRE(data.graph.types.size() == 2);
  CHECK(data.graph.types[0].count == 3);
  CHECK(data.graph.types[1].count == 2);
  CHECK(data.node_names[1] == Texts{"C", "D"});
  REQUIRE(data.graph.relations.size() == 3);
  CHECK(data.graph.relations[0].name == "paper-author");
  CHECK(std::ranges::equal(data.graph.relations[0].edges.row(0), Nodes{0, 1}));
  CHECK(data.graph.relations[0].edges.weights().empty());
  CHECK(data.graph.relations[2].edges.num_edges() == 2);
  CHECK(data.features[0].columns == 2);
  CHECK(data.features[0].values == std::vector<float>{1.5f, 1, -1e-3f});
  CHECK(data.features[1].columns == 0);
  CHECK(data.features[1].rows == 2);
  CHECK(data.class_names == Texts{"theory", "practice"});
  // A list of classes in either file makes the set multi-label.
  CHECK(data.targets == std::vector<std::uint8_t>{0, 1, 0, 0, 1, 1});
  CHECK(data.labels == Ids{0, -1, 0});
  CHECK(data.split.train == Nodes{0});
  CHECK(data.split.test == Nodes{2});
}

TEST_CASE("hgb: without lists of classes each node has one class") {
  const datasets::HgbText text = {seeds::hgb_good_nodes, seeds::hgb_links, "0\tA\t0\t1\n", "2\tE\t0\t0\n", seeds::hgb_info};
  const auto data = datasets::parse_hgb(text, "x");
  CHECK(data.targets.empty());
  CHECK(data.labels == Ids{1, -1, 0});
}

TEST_CASE("hgb: malformed files are refused where they are wrong") {
  using Text = datasets::HgbText;
  const std::string nodes = seeds::hgb_good_nodes;
  CHECK(hgb(&Text::nodes, nodes) == "no error");
  CHECK(contains(hgb(&Text::nodes, seeds::hgb_nodes), "node.dat:5:5: expected a node type from 1 to 1, found '0'"));
  CHECK(contains(hgb(&Text::nodes, "1\tA\t0\n"), "node.dat:1:1: expected a node number from 0 to 0, found '1'"));
  CHECK(contains(hgb(&Text::nodes, "0\tA\n"), "node.dat:1:4: expected the type of the node, found the end"));
  CHECK(contains(hgb(&Text::nodes, "0\tA\t7\n"), "node.dat:1:5: expected a node type from 0 to 1, found '7'"));
  CHECK(contains(hgb(&Text::nodes, "0\tA\t0\t1,2\n1\tB\t0\t1\n"), "node.dat:2:7: expected 2 features"));
  CHECK(contains(hgb(&Text::nodes, "0\tA\t0\t1,nan\n"), "node.dat:1:9: expected a finite feature, found 'nan'"));
  CHECK(contains(hgb(&Text::nodes, "0\tA\t0\t1e99\n"), "expected a finite feature, found '1e99'"));
  CHECK(contains(hgb(&Text::links, "0\t3\t3\t1\n"), "link.dat:1:5: expected a link type of info.dat from 0 to 2, found '3'"));
  CHECK(contains(hgb(&Text::links, "0\t1\t0\t1\n"), "link.dat:1:3: expected a node of type 1, from 3 to 4, found '1'"));
  CHECK(contains(hgb(&Text::links, "0\t3\t0\n"), "link.dat:1:6: expected a weight, found the end of the line"));
  CHECK(contains(hgb(&Text::labels, "3\tC\t1\t0\n"), "label.dat:1:5: expected a node type whose classes info.dat names"));
  CHECK(contains(hgb(&Text::labels, "0\tA\t0\t2\n"), "label.dat:1:7: expected a class of info.dat from 0 to 1, found '2'"));
  CHECK(contains(hgb(&Text::labels, "3\tC\t0\t1\n"), "label.dat:1:1: expected a node of that type, from 0 to 2, found '3'"));
  CHECK(contains(hgb(&Text::labels, "0\tA\t0\t1,1\n"), "label.dat:1:9: expected each class of a node once"));
  CHECK(contains(hgb(&Text::labels, ""), "label.dat: expected a line for each labelled node, found an empty file"));
  CHECK(contains(hgb(&Text::test_labels, "0\tA\t0\t1\n"), "label.dat.test:1:1: expected each node once in both files"));
  CHECK(contains(hgb(&Text::info, with(seeds::hgb_info, "\"1\": \"author\"", "\"2\": \"author\"")), "info.dat:1:"));
  CHECK(contains(hgb(&Text::info, with(seeds::hgb_info, "\"end\": 1", "\"end\": 9")), "expected node types below 2, found 0 to 9"));
  CHECK(contains(hgb(&Text::info, with(seeds::hgb_info, "cites", "author-paper")), "found 'author-paper' twice"));
  CHECK(contains(hgb(&Text::info, "{}"), "info.dat: expected \"node type\" in \"node.dat\", found none"));
  CHECK(contains(hgb(&Text::info, "{} x"), "info.dat:1:4: expected the end of the file, found 'x'"));
}

TEST_CASE("hgb: a set that lacks a file is refused with the file's name, and load() points to --merge-types") {
  gnn::test::TemporaryFolder folder;
  const auto set = folder.path() / "hgb-acm";
  std::filesystem::create_directory(set);
  folder.write("hgb-acm/node.dat", seeds::hgb_good_nodes);
  folder.write("hgb-acm/link.dat", seeds::hgb_links);
  folder.write("hgb-acm/label.dat", seeds::hgb_labels);
  folder.write("hgb-acm/info.dat", seeds::hgb_info);
  CHECK(error_text([&] { datasets::load_typed("hgb-acm", folder.path()); }) ==
        "3 label.dat.test: no such file beside node.dat, link.dat, label.dat, info.dat; expected all 5 files of hgb-acm, "
        "found 4");
  folder.write("hgb-acm/label.dat.test", seeds::hgb_test);
  CHECK(datasets::is_typed("hgb-acm", folder.path()));
  CHECK(datasets::is_typed(set.string(), {}));
  CHECK(!datasets::is_typed("cora", folder.path()));
  CHECK(datasets::load_typed("hgb-acm", folder.path()).graph.types.size() == 2);
  CHECK(datasets::load_typed(set.string(), {}).name == "hgb-acm");
  CHECK(error_text([&] { datasets::load(set.string(), {}); }) ==
        "8 hgb-acm: expected nodes of one type or --merge-types, found a typed graph");
  CHECK(contains(error_text([&] { datasets::load_typed("cora", {}); }), "8 cora: expected nodes of several types"));
  CHECK(contains(error_text([&] { datasets::load_typed("gtn-acm", folder.path()); }), "4 gtn-acm: found no files"));
}
