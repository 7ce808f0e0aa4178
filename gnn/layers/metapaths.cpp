// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/metapaths.hpp>

#include <algorithm>

#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// Whether every relation is called by its types, and so a metapath can be.
bool named_by_types(const ModelConfig& config) {
  return std::ranges::all_of(config.relations, [](const RelationShape& r) { return r.name == r.source + "-" + r.target; });
}

}  // namespace

std::size_t type_number(const ModelConfig& config, const std::string& name) {
  const auto found = std::ranges::find(config.node_types, name, &NodeTypeShape::name);
  if (found != config.node_types.end()) return std::size_t(found - config.node_types.begin());
  std::string known;
  for (const NodeTypeShape& type : config.node_types) known += (known.empty() ? "" : ", ") + type.name;
  fail(ErrorKind::usage, "target: expected a node type, one of ", graphs::quote_for_message(known, 2000), ", found '",
       graphs::quote_for_message(name), "'");
}

std::vector<std::vector<Metapath>> metapaths(const ModelConfig& config) {
  std::vector<std::vector<Metapath>> all(1);
  for (std::size_t r = 0; r < config.relations.size(); ++r) {
    const RelationShape& relation = config.relations[r];
    all[0].push_back({relation.name, type_number(config, relation.target), type_number(config, relation.source), 0, r});
  }
  std::size_t count = all[0].size();
  const bool by_types = named_by_types(config);
  for (std::size_t t = 1; t < config.order; ++t) {
    std::vector<Metapath> longer;
    for (std::size_t k = 0; k < all[t - 1].size(); ++k) {
      const Metapath& shorter = all[t - 1][k];
      for (const Metapath& relation : all[0]) {
        if (relation.head != shorter.tail) continue;
        check(++count <= 1000, "order: ", config.order, " gives more than 1000 metapaths over ", all[0].size(), " relations");
        const std::string front = by_types ? config.relations[relation.relation].source + "-" : relation.name + "+";
        longer.push_back({front + shorter.name, shorter.head, relation.tail, k, relation.relation});
      }
    }
    all.push_back(std::move(longer));
  }
  return all;
}

std::vector<std::vector<char>> needed_types(const ModelConfig& config, bool everything) {
  const std::vector<std::vector<Metapath>> paths = metapaths(config);
  std::vector<std::vector<char>> needed(config.order, std::vector<char>(config.node_types.size(), everything));
  if (everything) return needed;
  needed.back()[type_number(config, config.target)] = 1;
  for (std::size_t t = config.order - 1; t-- > 0;) {
    needed[t] = needed[t + 1];
    // In the form of 2020 neighbours are seen by their features, in that of 2021 by what the layer before made of them.
    if (config.variant == "2020") continue;
    for (const Metapath& path : paths[t + 1]) {
      if (needed[t + 1][path.head]) needed[t][path.tail] = 1;
    }
  }
  return needed;
}

}  // namespace gnn::inline GNN_PRECISION
