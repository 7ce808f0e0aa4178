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

double f1_macro(std::span<const std::int32_t> predictions, const datasets::Dataset& data,
                std::span<const NodeId> nodes) {
  std::size_t num_classes = std::size_t(data.num_classes);
  for (const std::int32_t c : predictions) num_classes = std::max(num_classes, std::size_t(c) + 1);
  std::vector<std::size_t> right(num_classes), predicted(num_classes), labelled(num_classes);
  for (const NodeId node : nodes) {
    const std::int32_t label = data.labels[std::size_t(node)];
    if (label < 0) continue;
    const std::int32_t guess = predictions[std::size_t(node)];
    ++labelled[std::size_t(label)];
    ++predicted[std::size_t(guess)];
    if (guess == label) ++right[std::size_t(label)];
  }
  double sum = 0;
  std::size_t counted = 0;
  for (std::size_t c = 0; c < num_classes; ++c) {
    if (labelled[c] + predicted[c] == 0) continue;
    sum += 2 * double(right[c]) / double(labelled[c] + predicted[c]);
    ++counted;
  }
  return counted ? sum / double(counted) : 0;
}

}  // namespace gnn::apps
