// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <datasets/dataset.hpp>
#include <gnn/train/model.hpp>

namespace gnn::apps {

/// The logits of all nodes, computed with all workers of the context.
Tensor logits_of(Context& ctx, const Model& model, const GraphData& data);

/// Those of `nodes` whose labels are no estimates; none when the data mark no estimates.
Labels exact_labels(Context& ctx, const datasets::Dataset& data, std::span<const NodeId> nodes);

/// What the score beside a loss is called: "acc", or "f1_micro" for any number of classes a node.
std::string metric_of(const ModelConfig& config);

}  // namespace gnn::apps
