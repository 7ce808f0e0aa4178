// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <apps/cli/output.hpp>
#include <gnn/core/tensor.hpp>
#include <graphs/types.hpp>

namespace gnn::apps {

/// What a model says of some nodes.
struct Predictions {
  std::vector<NodeId> nodes;
  std::vector<std::string> node_names;  ///< of these nodes; empty: numbers
  std::vector<std::vector<std::size_t>> classes;  ///< of each node; one, or with many classes a node any number
  bool many = false;                              ///< any number of classes a node
  std::vector<std::string> class_names;           ///< empty: numbers
  std::size_t num_classes = 0;
  std::vector<double> probabilities;  ///< nodes x num_classes; empty: not wanted
};

/// The predictions behind the rows of `logits` (all nodes x classes) that `nodes` lists. `names`: of all nodes, or empty.
Predictions predictions_of(const Tensor& logits, bool many, bool with_probabilities, std::vector<NodeId> nodes,
                           std::span<const std::string> names, std::vector<std::string> class_names);

/// "node,class" and, where wanted, a column p_CLASS for each class; lists of classes as "a;b".
std::string to_csv(const Predictions& predictions);

/// Fields nodes, class (classes, with many), and names and probs where there are any.
Event to_event(const Predictions& predictions, const std::string& model, const std::string& data);

/// Arrays node (names or numbers), class (one a node) or classes (0 and 1, nodes x classes), class_names and probs where
/// there are any.
std::vector<std::byte> to_npz(const Predictions& predictions);

}  // namespace gnn::apps
