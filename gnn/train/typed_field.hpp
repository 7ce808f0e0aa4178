// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include <datasets/typed_dataset.hpp>
#include <gnn/layers/typed_input.hpp>

namespace gnn::inline GNN_PRECISION {

/// Features on a device: one of the two forms, or neither.
struct NodeFeatures {
  SparseMatrix sparse;  ///< when at most a quarter of them is not zero
  Tensor dense;
};

/// A typed graph on a device, for a model of typed graphs.
struct TypedField {
  std::shared_ptr<const std::vector<NodeFeatures>> features;  ///< of each type
  MetapathGraph graph;
  std::size_t target = 0;

  /// What a layer reads; it points at this.
  TypedInput input(Tape& tape) const;
};

/// Notes the types, relations and target of a typed graph in a config: what a model's shape depends on.
void take_schema(const datasets::TypedDataset& data, ModelConfig& config);

/// The typed graph without the edges that touch one of `hidden`, nodes of the target type, ascending. Throws
/// Error(mismatch) when types, relations or features are not those of the config.
TypedField typed_field(Context& ctx, const datasets::TypedDataset& data, const ModelConfig& config,
                       std::shared_ptr<const std::vector<NodeFeatures>> features, std::span<const NodeId> hidden);

}  // namespace gnn::inline GNN_PRECISION
