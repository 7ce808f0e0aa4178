// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/dictionary_lookup.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include <datasets/registry.hpp>
#include <graphs/error.hpp>

using namespace gnn;
using datasets::dictionary_lookup;

namespace {

/// (key, value) as numbers 1000 key + value, of one graph.
std::set<int> pairs_of(const datasets::Dataset& data, std::size_t k, std::size_t graph) {
  std::set<int> pairs;
  for (std::size_t q = 0; q < k; ++q) pairs.insert(int(1000 * q) + data.labels[2 * k * graph + q]);
  return pairs;
}

std::set<std::size_t> graphs_of(const std::vector<NodeId>& nodes, std::size_t k) {
  std::set<std::size_t> graphs;
  for (const NodeId i : nodes) graphs.insert(std::size_t(i) / (2 * k));
  return graphs;
}

}  // namespace

TEST_CASE("dictionary-lookup: the graph of a permutation is as the paper describes it") {
  const datasets::Dataset data = dictionary_lookup(3);
  CHECK_NOTHROW(datasets::validate(data));
  CHECK(data.name == "dictionary-lookup");
  CHECK(data.num_classes == 3);
  CHECK(data.num_nodes() == 6 * 6);
  CHECK(data.features.columns == 8);
  // The second permutation is (0, 2, 1); its nodes are 6 to 11.
  CHECK(std::vector<std::int32_t>(&data.labels[6], &data.labels[12]) ==
        std::vector<std::int32_t>{0, 2, 1, -1, -1, -1});
  for (const NodeId query : {6, 7, 8})
    CHECK(std::ranges::equal(data.graph.row(query), std::vector<NodeId>{9, 10, 11}));
  for (const NodeId key : {9, 10, 11}) CHECK(data.graph.row(key).empty());
  const auto ones = [&](std::size_t node) {
    const auto first = data.features.indices.begin() + data.features.offsets[node];
    return std::vector<std::int32_t>(first, first + 2);
  };
  CHECK(ones(7) == std::vector<std::int32_t>{1, 4 + 3});   // key 1, value 3: none
  CHECK(ones(10) == std::vector<std::int32_t>{1, 4 + 2});  // key 1, value 2
  CHECK(std::ranges::all_of(data.features.values, [](float v) { return v == 1; }));
}

TEST_CASE(
    "dictionary-lookup: every test graph has a pair that no training graph has, and only queries count") {
  for (const std::size_t k : {std::size_t(4), std::size_t(7), std::size_t(10)}) {
    const datasets::Dataset data = dictionary_lookup(int(k));
    CAPTURE(k);
    CHECK(data.split.val == data.split.test);
    std::set<int> trained;
    const std::set<std::size_t> train = graphs_of(data.split.train, k), test = graphs_of(data.split.test, k);
    for (const std::size_t g : train) trained.merge(pairs_of(data, k, g));
    std::size_t known_only = 0;
    for (const std::size_t g : test) {
      const std::set<int> pairs = pairs_of(data, k, g);
      known_only += std::ranges::includes(trained, pairs);
    }
    CHECK(known_only == 0);
    const std::size_t forbidden = k == 4 ? 1 : k == 7 ? 2 : 3;  // as in the authors' program
    CHECK(trained.size() == k * k - forbidden);
    CHECK(data.split.train.size() == k * train.size());
    CHECK(std::ranges::all_of(data.split.train, [&](NodeId i) { return std::size_t(i) % (2 * k) < k; }));
    if (k == 4) CHECK(train.size() == 18);
    if (k == 4) CHECK(test.size() == 6);
    if (k == 10) CHECK(train.size() + test.size() == 32000);
  }
}

TEST_CASE("dictionary-lookup: is loaded by its name, the same every time") {
  const datasets::Dataset a = datasets::load("dictionary-lookup:10", {}), b = dictionary_lookup(10);
  CHECK(a.labels == b.labels);
  CHECK(a.split.train == b.split.train);
  CHECK_FALSE(datasets::is_typed("dictionary-lookup:10", {}));
  for (const char* name :
       {"dictionary-lookup", "dictionary-lookup:", "dictionary-lookup:1", "dictionary-lookup:101",
        "dictionary-lookup:4x", "dictionary-lookup:99999999999"}) {
    CHECK_THROWS_WITH_AS(
        datasets::load(name, {}),
        ("--data: dictionary-lookup: expected dictionary-lookup:K with K in 2 to 100, found '" +
         std::string(name) + "'")
            .c_str(),
        Error);
  }
  CHECK_THROWS_WITH_AS(dictionary_lookup(1), "dictionary-lookup: expected 2 to 100 keys, got 1", Error);
}
