// SPDX-License-Identifier: Apache-2.0
// The known sets, read from their original files, have the counts that were published or found in these files by other
// means. Runs where GNN_DATA_DIR is set.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include <datasets/registry.hpp>
#include <graphs/stats.hpp>

namespace datasets = gnn::datasets;

namespace {

/// What a plain set has. Edges are pairs without direction and without self-loops, or, where `directed`, single ones.
struct Plain {
  const char* name;
  long nodes, features, classes;
  long edges, self_loops;
  long train, val, test;
  long isolated = -1;     ///< nodes without any edge; -1: not stated
  double homophily = -1;  ///< -1: not stated
  bool directed = false;
};

constexpr Plain plain_sets[] = {
    {"cora", 2708, 1433, 7, 5278, 0, 140, 500, 1000, 0, 0.810},
    {"citeseer", 3327, 3703, 6, 4552, 124, 120, 500, 1000, 48, 0.736},
    {"cora-linqs", 2708, 1433, 7, 5278, 0, 0, 0, 0, 0, 0.810},
    {"citeseer-linqs", 3312, 3703, 6, 4536, 124, 0, 0, 0, 48},
    {"chameleon", 2277, 2325, 5, 31371, 50, 1092, 729, 456},
    {"squirrel", 5201, 2089, 5, 198353, 140, 2496, 1664, 1041},
    {"actor", 7600, 932, 5, 26659, 93, 3648, 2432, 1520},
    {"texas", 183, 1703, 5, 279, 16, 87, 59, 37},
    // 85 of 280 edges join one class, and of these the 3 self-loops do; they are removed.
    {"cornell", 183, 1703, 5, 277, 3, 87, 59, 37, -1, 82.0 / 277},
    {"wisconsin", 251, 1703, 5, 450, 16, 120, 80, 51},
    {"het-chameleon", 2277, 2325, 5, 31371, 0, 1092, 729, 456},
    {"het-chameleon-directed", 2277, 2325, 5, 36051, 50, 1092, 729, 456, -1, -1, true},
    {"chameleon-filtered", 890, 2325, 5, 8854, 0, -1, -1, -1},
    {"chameleon-filtered-directed", 890, 2325, 5, 13584 - 50, 50, -1, -1, -1, -1, -1, true},
    {"het-squirrel", 5201, 2089, 5, 198353, 0, 2496, 1664, 1041},
    {"het-squirrel-directed", 5201, 2089, 5, 216933, 140, 2496, 1664, 1041, -1, -1, true},
    {"squirrel-filtered", 2223, 2089, 5, 46998, 0, -1, -1, -1},
    {"squirrel-filtered-directed", 2223, 2089, 5, 65718 - 140, 140, -1, -1, -1, -1, -1, true},
    {"het-actor", 7600, 932, 5, 26659, 0, 3648, 2432, 1520},
    {"het-texas", 183, 1703, 5, 279, 0, 87, 59, 37},
    {"texas-4-classes", 183, 1703, 5, 279, 0, -1, -1, -1},
    {"cornell-fixed", 183, 1703, 5, 277, 0, 87, 59, 37, -1, 0.12},
    {"het-wisconsin", 251, 1703, 5, 450, 0, 120, 80, 51},
    {"amazon-computers", 13752, 767, 10, 245861, 0, 0, 0, 0, 281},
    {"amazon-photo", 7650, 745, 8, 119081, 1, 0, 0, 0, 115},
    {"coauthor-cs", 18333, 6805, 15, 81894, 0, 0, 0, 0},
    {"coauthor-physics", 34493, 8415, 5, 247962, 0, 0, 0, 0},
    {"ppi", 56944, 50, 121, 793632, 25084, 44906, 6514, 5524, 256},
};

/// The number of self-loops that the notes say were removed.
long removed_self_loops(const datasets::Dataset& data) {
  for (const std::string& note : data.notes) {
    if (note.ends_with("self-loops removed")) return std::stol(note);
  }
  return 0;
}

/// Numbers of the README are rounded in their last digit.
bool is_near(double found, double stated) { return std::abs(found - stated) < 0.005; }

void check_plain(const Plain& known, const std::string& folder) {
  CAPTURE(known.name);
  const auto data = datasets::load(known.name, folder);
  CHECK(data.name == known.name);
  CHECK(data.num_nodes() == known.nodes);
  CHECK(long(data.features.columns) == known.features);
  CHECK(data.num_classes == known.classes);
  CHECK(data.graph.num_edges() == (known.directed ? 1 : 2) * known.edges);
  if (known.self_loops >= 0 && std::string(known.name) != "cora") {  // the built-in one keeps the notes of its files
    CHECK(removed_self_loops(data) == known.self_loops);
  }
  if (known.train >= 0) {
    CHECK(long(data.split.train.size()) == known.train);
    CHECK(long(data.split.val.size()) == known.val);
    CHECK(long(data.split.test.size()) == known.test);
  }
  const auto stats = gnn::graphs::statistics(data.graph);
  CHECK(stats.num_self_loops == 0);
  if (known.isolated >= 0) CHECK(stats.num_isolated == known.isolated);
  if (known.homophily >= 0) CHECK(is_near(gnn::graphs::edge_homophily(data.graph, data.labels), known.homophily));
  const datasets::Known* registered = datasets::find_known(known.name);
  REQUIRE(registered);
  CHECK(registered->nodes == std::size_t(known.nodes));
  CHECK(registered->edges == std::size_t(data.graph.num_edges()));
  CHECK(registered->features == std::size_t(known.features));
  CHECK(registered->classes == std::size_t(known.classes));
  CHECK(datasets::is_complete(*registered, folder));
}

struct Typed {
  const char* name;
  const char* target;
  long nodes, links, relations, features, classes, train, val, test, unlabelled;
};

constexpr Typed typed_sets[] = {
    {"hgb-acm", "paper", 10942, 547872, 8, 1902, 3, 726, 181, 2118, 0},
    {"hgb-dblp", "author", 26128, 239566, 6, 334, 4, 974, 243, 2840, 0},
    {"hgb-imdb", "movie", 21420, 86642, 6, 3489, 5, 1097, 274, 3202, 359},
    {"gtn-acm", "paper", 8994, 2 * (9936 + 3025), 4, 1902, 3, 600, 300, 2125, 0},
    {"gtn-dblp", "author", 18405, 2 * (19645 + 14328), 4, 334, 4, 800, 400, 2857, 0},
    {"gtn-imdb", "movie", 12772, 2 * (4661 + 13983), 4, 1256, 3, 300, 300, 2339, 1722},
};

void check_typed(const Typed& known, const std::string& folder) {
  CAPTURE(known.name);
  const auto data = datasets::load_typed(known.name, folder);
  long nodes = 0, links = 0;
  for (const auto& type : data.graph.types) nodes += type.count;
  for (const auto& relation : data.graph.relations) links += relation.edges.num_edges();
  CHECK(nodes == known.nodes);
  CHECK(links == known.links);
  CHECK(long(data.graph.relations.size()) == known.relations);
  CHECK(data.graph.types[data.target].name == known.target);
  CHECK(long(data.features[data.target].columns) == known.features);
  CHECK(data.num_classes == known.classes);
  CHECK(long(data.split.train.size()) == known.train);
  CHECK(long(data.split.val.size()) == known.val);
  CHECK(long(data.split.test.size()) == known.test);
  CHECK(std::count(data.labels.begin(), data.labels.end(), -1) == known.unlabelled);
  const datasets::Known* registered = datasets::find_known(known.name);
  REQUIRE(registered);
  CHECK(registered->nodes == std::size_t(nodes));
  CHECK(registered->edges == std::size_t(links));
  CHECK(registered->features == std::size_t(known.features));
  CHECK(registered->classes == std::size_t(known.classes));
  CHECK(datasets::is_complete(*registered, folder));
  auto copy = data.graph;
  CHECK(gnn::graphs::add_reverse_relations(copy) == 0);
  const auto merged = datasets::merge_types(data);
  CHECK(merged.num_nodes() == known.nodes);
  CHECK(gnn::graphs::is_symmetric(merged.graph));
  CHECK(merged.split.test.size() == data.split.test.size());
}

const char* data_folder() {
  const char* folder = std::getenv("GNN_DATA_DIR");
  if (!folder) MESSAGE("skipped: GNN_DATA_DIR is not set");
  return folder;
}

}  // namespace

TEST_CASE("known sets: counts of every plain set are those of its documentation") {
  if (const char* folder = data_folder()) {
    for (const Plain& known : plain_sets) check_plain(known, folder);
  }
}

TEST_CASE("known sets: counts of every typed set are those of its documentation") {
  if (const char* folder = data_folder()) {
    for (const Typed& known : typed_sets) check_typed(known, folder);
  }
}

TEST_CASE("known sets: a set is found by its folder's name, too, and keeps its own") {
  REQUIRE(datasets::find_known("film"));
  CHECK(datasets::find_known("film")->name == "actor");
  CHECK(datasets::find_known("ppi")->name == "ppi");
  CHECK(!datasets::find_known(""));
  if (const char* folder = data_folder()) CHECK(datasets::load("film", folder).name == "actor");
}

TEST_CASE("known sets: all ten splits of Geom-GCN have the documented sizes") {
  struct Sizes {
    const char* name;
    std::size_t train, val, test;
  };
  constexpr Sizes all[] = {{"cora", 1192, 796, 497},      {"citeseer", 1596, 1065, 666}, {"chameleon", 1092, 729, 456},
                           {"squirrel", 2496, 1664, 1041}, {"actor", 3648, 2432, 1520},   {"texas", 87, 59, 37},
                           {"cornell", 87, 59, 37},       {"wisconsin", 120, 80, 51}};
  const char* folder = data_folder();
  if (!folder) return;
  for (const Sizes& sizes : all) {
    const auto data = datasets::load(sizes.name, folder);
    for (std::size_t fold = 0; fold < 10; ++fold) {
      CAPTURE(sizes.name);
      CAPTURE(fold);
      const auto split = datasets::published_split(data, sizes.name, folder, fold);
      const bool small = std::string(sizes.name) == "citeseer" && (fold == 4 || fold == 5);
      CHECK(split.train.size() == (small ? 1017 : sizes.train));
      CHECK(split.val.size() == (small ? 679 : sizes.val));
      CHECK(split.test.size() == (small ? 424 : sizes.test));
    }
  }
}

TEST_CASE("known sets: files of chameleon, squirrel, actor, texas and wisconsin agree in both forms") {
  const char* folder = data_folder();
  if (!folder) return;
  for (const std::string name : {"chameleon", "squirrel", "actor", "texas", "wisconsin"}) {
    CAPTURE(name);
    const auto text = datasets::load(name, folder), npz = datasets::load("het-" + name, folder);
    CHECK(std::ranges::equal(text.graph.columns(), npz.graph.columns()));
    CHECK(std::ranges::equal(text.graph.offsets(), npz.graph.offsets()));
    CHECK(text.features.indices == npz.features.indices);
    CHECK(text.features.offsets == npz.features.offsets);
    CHECK(text.labels == npz.labels);
    for (std::size_t fold = 0; fold < 10; ++fold) {
      const auto a = datasets::published_split(text, name, folder, fold);
      const auto b = datasets::published_split(npz, "het-" + name, folder, fold);
      CHECK((a.train == b.train && a.val == b.val && a.test == b.test));
    }
  }
}
