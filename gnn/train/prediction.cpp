// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/prediction.hpp>

#include <algorithm>
#include <cmath>

#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

/// Which of `hidden` states is meant.
std::size_t place(std::int64_t layer, std::size_t hidden) {
  const std::int64_t count = std::int64_t(hidden);
  if (layer > count || layer < -count) {
    fail(ErrorKind::usage, "layer: this model has ", hidden, hidden == 1 ? " hidden layer" : " hidden layers",
         ", found ", layer, hidden == 0 ? "; 0 is the logits" : "");
  }
  return std::size_t(layer > 0 ? layer - 1 : count + layer);
}

}  // namespace

void most_likely(std::span<const Real> logits, std::size_t num_classes, std::span<std::int32_t> classes) {
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto row = logits.subspan(i * num_classes, num_classes);
    classes[i] = std::int32_t(std::ranges::max_element(row) - row.begin());
  }
}

void to_probabilities(std::span<const Real> logits, std::size_t num_classes, bool many,
                      std::span<double> probabilities) {
  std::ranges::copy(logits, probabilities.begin());
  if (many) {
    for (double& x : probabilities) x = x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
    return;
  }
  for (std::size_t first = 0; first < probabilities.size(); first += num_classes) {
    const auto row = probabilities.subspan(first, num_classes);
    const double largest = *std::ranges::max_element(row);
    double sum = 0;
    for (double& x : row) sum += x = std::exp(x - largest);
    for (double& x : row) x /= sum;
  }
}

NodeVectors embed(Context& ctx, const Model& model, const GraphData& data, std::int64_t layer) {
  NodeVectors all;
  all.rows = data.num_nodes();
  ctx.run([&] {
    for (const Field& part : data.parts) {
      const Tensor state = layer == 0 ? model.logits(ctx, part) : [&] {
        const std::vector<Tensor> hidden = model.hidden(ctx, part);
        return hidden[place(layer, hidden.size())];
      }();
      all.columns = state.cols();
      const std::vector<Real> numbers = state.to_host();
      all.values.insert(all.values.end(), numbers.begin(), numbers.end());
    }
  });
  return all;
}

}  // namespace gnn::inline GNN_PRECISION
