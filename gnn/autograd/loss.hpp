// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <gnn/autograd/tape.hpp>
#include <gnn/core/array.hpp>
#include <graphs/types.hpp>

namespace gnn::inline GNN_PRECISION {

/// Some nodes and their classes, on a device.
struct Labels {
  Labels() = default;
  /// Takes the nodes whose class is known. classes: one per node of the graph, -1 = unknown.
  Labels(const std::shared_ptr<Pool>& pool, std::span<const NodeId> nodes, std::span<const std::int32_t> classes);

  std::size_t count() const { return nodes.size(); }
  Array<NodeId> nodes;
  Array<std::int32_t> classes;
  std::int32_t largest_class = -1;
};

/// Mean cross entropy over some nodes, and how many of them are classified rightly. Both are summed in double.
struct Score {
  double loss = 0;
  double accuracy = 0;  ///< a fraction; 0 when there are no nodes
};

/// -log softmax(logits)[i, class_i], averaged over the nodes of `labels`. logits: N x classes. Returns a 1 x 1 loss;
/// score, when given, gets the value in double and the accuracy. Throws Error(usage) when there are no nodes, and
/// Error(mismatch) when a class has no column.
Var cross_entropy(const Var& logits, const Labels& labels, Score* score = nullptr);

/// The score alone. Throws Error(mismatch) when a class has no column.
Score evaluate(Context& ctx, const Tensor& logits, const Labels& labels);

}  // namespace gnn::inline GNN_PRECISION
