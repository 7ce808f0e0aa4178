// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <datasets/dataset.hpp>
#include <datasets/pickle.hpp>
#include <graphs/edge_list.hpp>

/// What one file of a Planetoid set means, once its pickle is read. Every function throws Error(input) that
/// names the file and the entry when the value is of another kind or its parts do not fit together.
namespace gnn::datasets {

/// Classes of some nodes; -1 where the row has no class.
struct OneHotLabels {
  std::vector<std::int32_t> classes;
  std::int32_t num_classes = 0;
};

/// x, tx, allx: a CSR matrix of finite numbers, the columns of a row ascending.
Features to_features(const pickle::Value& value, const std::string& file);

/// y, ty, ally: one row a node with a single 1 in the column of its class, or all 0.
OneHotLabels to_labels(const pickle::Value& value, const std::string& file);

/// graph: neighbours of each node. The keys must be 0 to N-1 in any order. An entry k of the list of node i
/// becomes the edge i -> k; duplicates and self-loops are kept.
graphs::EdgeList to_edges(const pickle::Value& value, const std::string& file);

}  // namespace gnn::datasets
