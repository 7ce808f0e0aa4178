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

}  // namespace gnn::test
