// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// What a plain and a typed set say of the nodes that are classified.
struct NodeFacts {
  std::size_t num_nodes;
  const std::vector<std::int32_t>& labels;
  const std::vector<std::uint8_t>& targets;
  std::int32_t num_classes;
  const std::vector<std::string>& class_names;
};

/// Throws Error(input) "WHERE: ..." unless there is a well-formed row for each node.
void check_features(const Features& features, std::size_t num_nodes, const std::string& where);

/// Throws Error(input) "WHERE: ..." unless labels, targets and class names have the right sizes and values.
void check_labels(const NodeFacts& facts, const std::string& where);

/// Throws Error(input) "WHERE: WHAT: ..." unless there is none or one a node.
void check_one_a_node(std::size_t found, std::size_t num_nodes, const std::string& where, const char* what);

}  // namespace gnn::datasets
