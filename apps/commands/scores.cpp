// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/scores.hpp>

namespace gnn::apps {

Tensor logits_of(Context& ctx, const Model& model, const GraphData& data) {
  Tensor logits;
  ctx.run([&] { logits = model.logits(ctx, data); });
  return logits;
}

Labels exact_labels(Context& ctx, const datasets::Dataset& data, std::span<const NodeId> nodes) {
  std::vector<NodeId> exact;
  for (const NodeId node : nodes) {
    if (!data.exact_rows.empty() && data.exact_rows[std::size_t(node)] != 0) exact.push_back(node);
  }
  if (!data.multi_label()) return Labels(ctx.pool(), exact, data.labels);
  return Labels(ctx.pool(), exact, data.labels, data.targets, std::size_t(data.num_classes));
}

std::string metric_of(const ModelConfig& config) { return config.task == Task::multi_label ? "f1_micro" : "acc"; }

}  // namespace gnn::apps
