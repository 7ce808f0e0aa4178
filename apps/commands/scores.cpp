// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/scores.hpp>

#include <algorithm>

namespace gnn::apps {

Tensor logits_of(Context& ctx, const Model& model, const GraphData& data) {
  Tensor logits;
  ctx.run([&] { logits = model.logits(ctx, data); });
  return logits;
}

std::vector<std::int32_t> most_likely(const Tensor& logits) {
  const std::vector<Real> numbers = logits.to_host();
  std::vector<std::int32_t> classes(logits.rows());
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto row = std::span(numbers).subspan(i * logits.cols(), logits.cols());
    classes[i] = std::int32_t(std::ranges::max_element(row) - row.begin());
  }
  return classes;
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
