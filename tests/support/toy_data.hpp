// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include <datasets/dataset.hpp>
#include <graphs/generators.hpp>
#include <graphs/transforms.hpp>

namespace gnn::test {

/// Stores the non-zero entries of a dense matrix.
inline datasets::Features features_from(std::size_t rows, std::size_t columns,
                                        const std::vector<float>& dense) {
  datasets::Features features;
  features.rows = rows;
  features.columns = columns;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t c = 0; c < columns; ++c) {
      if (dense[i * columns + c] == 0) continue;
      features.indices.push_back(std::int32_t(c));
      features.values.push_back(dense[i * columns + c]);
    }
    features.offsets.push_back(std::int64_t(features.indices.size()));
  }
  return features;
}

/// Data on any graph: `columns` random features of which a share `density` is not zero, random labels of
/// three classes, and nodes dealt to training, validation and test in turn.
inline datasets::Dataset random_dataset(const graphs::EdgeList& edges, std::size_t columns,
                                        double density = 1) {
  datasets::Dataset data;
  data.name = "random";
  data.graph = graphs::Csr::from_edges(edges);
  const std::size_t nodes = std::size_t(edges.num_nodes);
  std::mt19937_64 random(21);
  const auto uniform = [&random] { return double(random() >> 11) * 0x1p-53; };
  std::vector<float> dense(nodes * columns);
  for (float& v : dense) v = uniform() < density ? float(uniform() - 0.5) : 0.0f;
  data.features = features_from(nodes, columns, dense);
  data.num_classes = 3;
  for (std::size_t i = 0; i < nodes; ++i) {
    data.labels.push_back(std::int32_t(random() % 3));
    auto& part = i % 3 == 0 ? data.split.train : i % 3 == 1 ? data.split.val : data.split.test;
    part.push_back(NodeId(i));
  }
  return data;
}

/// Four communities of 100 nodes. A feature vector names a node's community in half of all cases and a random
/// one in the others, so the graph must be used; a tenth of the nodes has a training label.
inline datasets::Dataset community_data() {
  constexpr NodeId nodes = 400, communities = 4;
  const graphs::PlantedPartition planted = graphs::planted_partition(nodes, communities, 3200, 0.95, 3);
  datasets::Dataset data;
  data.name = "communities";
  data.graph =
      graphs::Csr::from_edges(graphs::merge_duplicates(graphs::symmetrise(planted.edges).edges).edges);
  data.labels = planted.block;
  data.num_classes = communities;
  std::mt19937_64 random(5);
  std::vector<float> dense(std::size_t(nodes) * communities);
  for (std::size_t i = 0; i < std::size_t(nodes); ++i) {
    const std::size_t seen =
        random() % 2 ? std::size_t(planted.block[i]) : std::size_t(random() % communities);
    dense[i * communities + seen] = 1;
    auto& part = i % 10 == 0 ? data.split.train : i % 10 < 3 ? data.split.val : data.split.test;
    part.push_back(NodeId(i));
  }
  data.features = features_from(std::size_t(nodes), communities, dense);
  return data;
}

/// Six graphs of 30 to 80 nodes; 4 train, 1 validates, 1 tests. Nodes have four features of -1 or 1. Class c < 4 holds
/// where feature c is 1, class 4 where feature 0 is 1 for more than half of the node and its neighbours.
inline datasets::Dataset many_graphs() {
  constexpr std::size_t graphs = 6, columns = 4, classes = 5;
  datasets::Dataset data;
  data.name = "many";
  graphs::EdgeList edges;
  std::mt19937_64 random(9);
  for (std::size_t g = 0; g < graphs; ++g) {
    const NodeId first = edges.num_nodes, nodes = NodeId(30 + 10 * g);
    const graphs::EdgeList part = graphs::symmetrise(graphs::erdos_renyi(nodes, 3 * nodes, g + 1)).edges;
    for (std::size_t e = 0; e < part.source.size(); ++e) {
      edges.source.push_back(NodeId(first + part.source[e]));
      edges.target.push_back(NodeId(first + part.target[e]));
    }
    for (NodeId i = first; i < first + nodes; ++i) {
      data.graph_id.push_back(std::int32_t(g));
      (g < 4 ? data.split.train : g == 4 ? data.split.val : data.split.test).push_back(i);
    }
    edges.num_nodes = NodeId(first + nodes);
  }
  data.graph = graphs::Csr::from_edges(graphs::merge_duplicates(edges).edges);
  const std::size_t nodes = std::size_t(edges.num_nodes);
  std::vector<float> dense(nodes * columns);
  for (float& v : dense) v = random() % 2 ? 1.0f : -1.0f;
  data.features = features_from(nodes, columns, dense);
  data.num_classes = std::int32_t(classes);
  data.labels.assign(nodes, 0);
  data.targets.resize(nodes * classes);
  for (std::size_t i = 0; i < nodes; ++i) {
    for (std::size_t c = 0; c < columns; ++c) data.targets[i * classes + c] = dense[i * columns + c] > 0;
    float sum = dense[i * columns];
    for (const NodeId j : data.graph.row(NodeId(i))) sum += dense[std::size_t(j) * columns];
    data.targets[i * classes + columns] = sum > 0;
  }
  return data;
}

}  // namespace gnn::test
