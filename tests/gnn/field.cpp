// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include <gnn/train/model.hpp>

#include "support/devices.hpp"
#include "support/gradient_check.hpp"
#include "support/test_graphs.hpp"
#include "support/toy_data.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

// Sums over nodes are cut in other places for a part of a graph, so results differ by rounding.
constexpr double allowed = is_double ? 1e-12 : 2e-5;

void check_close(const std::vector<Real>& found, const std::vector<Real>& expected) {
  REQUIRE(found.size() == expected.size());
  double largest = 0, worst = 0;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    largest = std::max(largest, std::abs(double(expected[k])));
    worst = std::max(worst, std::abs(double(found[k]) - double(expected[k])));
  }
  CHECK(worst <= allowed * largest);
}

// Loss and weight gradient of one training step with every dropout on.
std::vector<Real> step(Context& ctx, const Model& model, const Field& data, const Labels& labels, Score& score) {
  const Tensor& gradients = model.parameters().gradients();
  gradients.copy_from(std::vector<Real>(gradients.size()));
  Tape tape(ctx, Tape::training, 7, 3);
  tape.backward(cross_entropy(model.forward(tape, data).y, labels, &score));
  return gradients.to_host();
}

}  // namespace

TEST_CASE("field: a training step on the receptive field is the step on the whole graph, dropout included") {
  for (const Device device : available_devices()) {
    for (const double density : {0.1, 1.0}) {
      for (const Residual residual : {Residual::none, Residual::linear}) {
        for (const bool mask_per_head : {false, true}) {
          Context ctx(device, 2);
          datasets::Dataset data = random_dataset(mixed_edges(), 13, density);
          data.split.train.resize(9);  // few, so that the field is a part of the graph
          ModelConfig config;
          config.in = 13;
          config.classes = 3;
          config.heads = {8};
          config.out_heads = 3;
          config.feature_dropout = 0.3;
          config.score_bias = true;
          config.residual = residual;
          config.mask_per_head = mask_per_head;
          const GraphData ready = prepare(ctx, data, config);
          const Field field = make_field(ctx, ready, data.split.train);
          REQUIRE(field.layers[0].num_targets() < ready.num_nodes());
          const Model model(ctx, config, 5);
          Score whole, part;
          const std::vector<Real> expected = step(ctx, model, ready.parts[0], ready.train, whole);
          check_close(step(ctx, model, field, field.labels, part), expected);
          CHECK(part.loss == doctest::Approx(whole.loss).epsilon(1e-5));
          CHECK(part.accuracy == whole.accuracy);
        }
      }
    }
  }
}

TEST_CASE("field: the logits of validation nodes are those of the whole graph") {
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const datasets::Dataset data = random_dataset(mixed_edges(), 13, 0.1);
    ModelConfig config;
    config.in = 13;
    config.classes = 3;
    const GraphData ready = prepare(ctx, data, config);
    const Model model(ctx, config, 5);
    const std::vector<Real> whole = model.logits(ctx, ready).to_host();
    std::vector<Real> expected;
    for (const NodeId i : data.split.val) {
      for (std::size_t c = 0; c < 3; ++c) expected.push_back(whole[3 * std::size_t(i) + c]);
    }
    check_close(model.logits(ctx, make_field(ctx, ready, data.split.val)).to_host(), expected);
  }
}
