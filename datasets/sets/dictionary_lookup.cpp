// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/dictionary_lookup.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include <datasets/in_quotes.hpp>
#include <datasets/random.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

constexpr std::string_view set_name = "dictionary-lookup";
constexpr std::size_t most_graphs = 32000;
constexpr std::uint64_t seed = 11;
constexpr int fewest_keys = 2, most_keys = 100;

using Permutation = std::vector<std::int32_t>;

template <class T>
void shuffle(std::vector<T>& list, Random& random) {
  for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[random.below(i)]);
}

Permutation ascending(std::size_t k) {
  Permutation values(k);
  std::iota(values.begin(), values.end(), 0);
  return values;
}

/// All in lexicographic order, or most_graphs drawn ones.
std::vector<Permutation> permutations(std::size_t k, Random& random) {
  std::size_t count = 1;
  for (std::size_t n = 2; n <= k && count <= most_graphs; ++n) count *= n;
  std::vector<Permutation> list;
  Permutation next = ascending(k);
  if (count <= most_graphs) {
    do list.push_back(next);
    while (std::next_permutation(next.begin(), next.end()));
    return list;
  }
  while (list.size() < most_graphs) {
    list.push_back(next = ascending(k));
    shuffle(list.back(), random);
  }
  return list;
}

/// known[k key + value] for the pairs that may be trained on.
std::vector<bool> known_pairs(std::size_t k, Random& random) {
  std::vector<std::size_t> pairs(k * k);
  std::iota(pairs.begin(), pairs.end(), std::size_t(0));
  shuffle(pairs, random);
  pairs.resize(std::size_t(std::pow(0.8, 1 / double(k)) * double(k * k)));
  std::vector<bool> known(k * k);
  for (const std::size_t pair : pairs) known[pair] = true;
  return known;
}

graphs::Csr all_keys_to_all_queries(std::size_t graphs, std::size_t k) {
  std::vector<EdgeOffset> offsets = {0};
  std::vector<NodeId> columns;
  offsets.reserve(graphs * 2 * k + 1);
  columns.reserve(graphs * k * k);
  for (std::size_t g = 0; g < graphs; ++g) {
    for (std::size_t q = 0; q < k; ++q) {
      for (std::size_t key = 0; key < k; ++key) columns.push_back(NodeId(2 * k * g + k + key));
      offsets.push_back(EdgeOffset(columns.size()));
    }
    offsets.insert(offsets.end(), k, EdgeOffset(columns.size()));
  }
  return graphs::Csr(NodeId(graphs * 2 * k), std::move(offsets), std::move(columns));
}

/// One node's key and value.
void add_node(Features& x, std::size_t k, std::size_t key, std::size_t value) {
  ++x.rows;
  x.indices.insert(x.indices.end(), {std::int32_t(key), std::int32_t(k + 1 + value)});
  x.values.insert(x.values.end(), 2, 1.0f);
  x.offsets.push_back(std::int64_t(x.indices.size()));
}

}  // namespace

Dataset dictionary_lookup(int keys) {
  check(keys >= fewest_keys && keys <= most_keys, set_name, ": expected ", fewest_keys, " to ", most_keys, " keys, got ", keys);
  const auto k = std::size_t(keys);
  Random random(seed);
  const std::vector<bool> known = known_pairs(k, random);
  const std::vector<Permutation> list = permutations(k, random);

  Dataset data;
  data.name = set_name;
  data.num_classes = keys;
  data.graph = all_keys_to_all_queries(list.size(), k);
  data.features.columns = 2 * (k + 1);
  data.split.name = "unseen combinations";
  std::size_t training = 0;
  for (std::size_t g = 0; g < list.size(); ++g) {
    const Permutation& values = list[g];
    bool trains = true;
    for (std::size_t q = 0; q < k; ++q) {
      add_node(data.features, k, q, k);
      trains = trains && known[k * q + std::size_t(values[q])];
    }
    for (std::size_t q = 0; q < k; ++q) add_node(data.features, k, q, std::size_t(values[q]));
    training += trains;
    for (std::size_t q = 0; q < k; ++q) (trains ? data.split.train : data.split.val).push_back(NodeId(2 * k * g + q));
    data.labels.insert(data.labels.end(), values.begin(), values.end());
    data.labels.insert(data.labels.end(), k, -1);
    data.graph_id.insert(data.graph_id.end(), 2 * k, std::int32_t(g));
  }
  data.split.test = data.split.val;
  data.notes.push_back(std::to_string(list.size()) + " graphs of " + std::to_string(keys) + " keys, " + std::to_string(training) +
                       " of them train");
  data.notes.push_back("the test graphs also validate, as in the authors' program");
  return data;
}

Dataset dictionary_lookup(std::string_view name) {
  const std::string_view number = name.substr(std::min(name.size(), set_name.size() + 1));
  int keys = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), keys);
  if (error != std::errc{} || end != number.data() + number.size() || keys < fewest_keys || keys > most_keys) {
    fail(ErrorKind::usage, "--data: ", set_name, ": expected ", set_name, ":K with K in ", fewest_keys, " to ", most_keys, ", found ",
         in_quotes(std::string(name)));
  }
  return dictionary_lookup(keys);
}

bool is_dictionary_lookup(std::string_view name) {
  return name.substr(0, name.find(':')) == set_name;
}

}  // namespace gnn::datasets
