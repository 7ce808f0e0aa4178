// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <datasets/dataset.hpp>
#include <graphs/typed_graph.hpp>

namespace gnn::datasets {

/// A typed graph plus what is known about its nodes. Labels and split are those of one type, the target.
struct TypedDataset {
  std::string name;
  graphs::TypedGraph graph;
  std::vector<Features> features;  ///< one a node type; no columns: the type has none
  std::size_t target = 0;          ///< the type that is classified

  std::vector<std::int32_t> labels;  ///< of the target's nodes, as in Dataset
  std::vector<std::uint8_t> targets;
  std::int32_t num_classes = 0;
  std::vector<std::string> class_names;
  Split split;
  std::vector<std::vector<std::string>> node_names;  ///< one list a type, empty or one name a node
  std::vector<std::string> notes;
};

/// Throws Error(input) when sizes, labels or split do not fit together.
void validate(const TypedDataset& data);

/// The same as one plain graph, for models that know no types: nodes of all types behind one another, relations
/// together with their reverses, without duplicates, self-loops and weights. Features stand side by side (a block of
/// columns a type) when the types that have any differ in width, else in the same columns. Nodes of other types than the
/// target have the label -1 and are in no part of the split.
Dataset merge_types(const TypedDataset& data);

/// The nodes of the target type with what is known about them, their split, and the typed graph itself behind them: what
/// models of typed graphs take. Throws as validate() does.
Dataset target_nodes(TypedDataset data);

}  // namespace gnn::datasets
