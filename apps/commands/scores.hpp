// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include <datasets/dataset.hpp>
#include <gnn/train/model.hpp>

namespace gnn::apps {

/// The logits of all nodes, computed with all workers of the context.
Tensor logits_of(Context& ctx, const Model& model, const GraphData& data);

/// The class with the largest logit for each node; of equal ones the first.
std::vector<std::int32_t> most_likely(const Tensor& logits);

/// The mean over classes of F1 = 2 TP / (2 TP + FP + FN) on those `nodes` whose class is known. A class that
/// occurs neither there nor among the predictions does not count.
double f1_macro(std::span<const std::int32_t> predictions, const datasets::Dataset& data,
                std::span<const NodeId> nodes);

}  // namespace gnn::apps
