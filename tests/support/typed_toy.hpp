// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <gnn/train/model.hpp>

#include "toy_data.hpp"

/// A typed graph that trips what typed models may get wrong, and the models to try on it.
namespace gnn::test {

inline constexpr NodeId toy_papers = 90, toy_authors = 57, toy_venues = 6;

/// Edges of a relation as pairs, and its place in a typed graph.
struct ToyRelation {
  std::string name;
  std::size_t source, target;
  graphs::EdgeList edges;
};

/// Papers (13 features, sparse) with authors (5 features, dense), venues (no features) and citations. Paper 0 has no
/// edge, author 0 neither; paper 1 has 40 authors; paper 2 cites itself; no edge says "edits".
inline std::vector<ToyRelation> toy_relations() {
  std::mt19937_64 random(5);
  ToyRelation writes{"author-paper", 1, 0, {}}, appears{"venue-paper", 2, 0, {}}, cites{"paper-paper", 0, 0, {}};
  ToyRelation edits{"author-venue", 1, 2, {}};
  const auto add = [](ToyRelation& r, std::uint64_t source, std::uint64_t target) {
    r.edges.source.push_back(NodeId(source));
    r.edges.target.push_back(NodeId(target));
  };
  for (std::uint64_t a = 1; a <= 40; ++a) add(writes, a, 1);
  for (std::uint64_t p = 2; p < 90; ++p) {
    for (std::uint64_t k = random() % 3; k < 3; ++k) add(writes, 1 + random() % 56, p);
    add(appears, random() % 6, p);
    if (p % 2 == 0) add(cites, 1 + random() % 89, p);
  }
  add(cites, 2, 2);
  for (ToyRelation* r : {&writes, &appears, &cites, &edits}) r->edges.num_nodes = 90;
  return {writes, appears, cites, edits};
}

inline datasets::TypedDataset typed_toy(const std::vector<ToyRelation>& relations = toy_relations()) {
  datasets::TypedDataset data;
  data.name = "toy";
  data.graph.types = {{"paper", toy_papers}, {"author", toy_authors}, {"venue", toy_venues}};
  const NodeId counts[] = {toy_papers, toy_authors, toy_venues};
  for (const ToyRelation& r : relations) {
    data.graph.relations.push_back(
        {r.name, r.source, r.target, graphs::bipartite(r.edges, counts[r.target], counts[r.source])});
  }
  graphs::add_reverse_relations(data.graph);
  std::mt19937_64 random(8);
  const auto uniform = [&random] { return double(random() >> 11) * 0x1p-53; };
  const auto features = [&](std::size_t rows, std::size_t columns, double density) {
    std::vector<float> dense(rows * columns);
    for (float& v : dense) v = uniform() < density ? float(uniform() - 0.3) : 0.0f;
    return features_from(rows, columns, dense);
  };
  data.features = {features(toy_papers, 13, 0.2), features(toy_authors, 5, 1), {}};
  data.features[2].rows = std::size_t(toy_venues);
  data.features[2].offsets.assign(std::size_t(toy_venues) + 1, 0);
  data.num_classes = 3;
  for (NodeId i = 0; i < toy_papers; ++i) {
    data.labels.push_back(std::int32_t(random() % 3));
    auto& part = i % 3 == 0 ? data.split.train : i % 3 == 1 ? data.split.val : data.split.test;
    part.push_back(i);
  }
  return data;
}

/// Everything on that draws or adds.
inline ModelConfig latte_config(const datasets::TypedDataset& data, const std::string& variant, std::size_t order,
                                bool proximity, bool sampled) {
  ModelConfig config;
  config.layer = "latte";
  take_schema(data, config);
  config.in = data.features[data.target].columns;
  config.classes = 3;
  config.variant = variant;
  config.order = order;
  config.hidden = {6};
  config.heads = {2};
  config.dropout = config.attention_dropout = config.feature_dropout = 0.3;
  config.proximity = proximity ? 0.7 : 0;
  config.sampled_joins = sampled;
  config.self_loops = graphs::SelfLoops::keep;
  return config;
}

/// Both programs, all lengths, with and without what can be switched.
inline std::vector<ModelConfig> latte_configs(const datasets::TypedDataset& data) {
  std::vector<ModelConfig> all;
  for (const char* variant : {"2020", "2021"}) {
    all.push_back(latte_config(data, variant, 1, false, false));
    all.push_back(latte_config(data, variant, 2, false, false));
    all.push_back(latte_config(data, variant, 2, true, true));
    all.push_back(latte_config(data, variant, 3, true, false));
    all.push_back(latte_config(data, variant, 3, false, true));
  }
  return all;
}

inline std::string describe(const ModelConfig& c) {
  return c.variant + ", order " + std::to_string(c.order) + (c.proximity > 0 ? ", proximity" : "") +
         (c.sampled_joins ? ", sampled" : "");
}

}  // namespace gnn::test
