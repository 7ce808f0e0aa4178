// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <gnn/train/model.hpp>

namespace gnn::inline GNN_PRECISION {

/// The class of the largest of each row's logits, of equal ones the first. logits: N x num_classes; classes:
/// N.
void most_likely(std::span<const Real> logits, std::size_t num_classes, std::span<std::int32_t> classes);

/// Softmax of each row or, where a node may be in any number of classes (`many`), the sigmoid of each number;
/// in double. logits, probabilities: N x num_classes.
void to_probabilities(std::span<const Real> logits, std::size_t num_classes, bool many,
                      std::span<double> probabilities);

/// Numbers of all nodes, a row each.
struct NodeVectors {
  std::size_t rows = 0, columns = 0;
  std::vector<Real> values;  ///< row by row

  std::span<const Real> row(std::size_t i) const { return std::span(values).subspan(i * columns, columns); }
};

/// What the hidden layer number `layer` of a trained model gives for each node: from 1, or negative from the
/// end; 0 is the logits. Throws Error(usage) when there is no such layer.
NodeVectors embed(Context& ctx, const Model& model, const GraphData& data, std::int64_t layer = -1);

}  // namespace gnn::inline GNN_PRECISION
