// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/layers/registry.hpp>
#include <gnn/train/model.hpp>

#include "support/devices.hpp"
#include "support/gradient_check.hpp"
#include "support/test_graphs.hpp"

using namespace gnn;
using namespace gnn::test;

// Finite differences need double: this file is part of the double program only.
static_assert(is_double);

namespace {

constexpr std::size_t features = 6;

/// Dropout on, drawn from the seed and step of the check; k is the layer: 0 concatenates heads, 1 averages
/// them.
void check_layer(Context& ctx, const ModelConfig& config, std::size_t k) {
  Parameters parameters;
  const auto layer = find_layer_kind(config.layer).make(config, k, parameters, 5);
  parameters.initialise(ctx, 3);
  std::vector<Real> weights = random_matrix(1, parameters.size(), 4).values;  // biases too are not zero

  const graphs::Csr graph = mixed_graph();
  const Adjacency adjacency(ctx.pool(), graph);
  const std::size_t nodes = std::size_t(graph.num_rows());
  Matrix x = random_matrix(nodes, width_into(config, k), 5);
  // The features, and behind them the layer's own loss, if it has one.
  const auto evaluate = [&] {
    parameters.values().copy_from(weights);
    Tape tape(ctx, Tape::training, check_seed, check_step);
    const Output out = layer->forward(tape, parameters, adjacency, tape.constant(upload(ctx, x)));
    std::vector<Real> numbers = out.y.value().to_host();
    if (out.loss.defined()) numbers.push_back(out.loss.value().to_host()[0]);
    return numbers;
  };

  parameters.values().copy_from(weights);
  Matrix cotangent = random_matrix(nodes, layer->output_width(), 6);
  Tape tape(ctx, Tape::training, check_seed, check_step);
  const Var input = tape.leaf(upload(ctx, x));
  const Output out = layer->forward(tape, parameters, adjacency, input);
  if (out.loss.defined()) {
    // The sum is recorded after both, so that one walk back serves them.
    const Var last = add(out.loss, tape.constant(upload(ctx, {1, 1, {0}})));
    kernels::copy(ctx, upload(ctx, cotangent), tape.grad(out.y));
    tape.backward(last);
    cotangent.values.push_back(1);
  } else {
    tape.backward(out.y, upload(ctx, cotangent));
  }
  const std::string name = config.layer + ", layer " + std::to_string(k) + " on " + to_string(ctx.device());
  compare_with_differences(name + ", weights", weights, parameters.gradients().to_host(), cotangent.values,
                           evaluate);
  compare_with_differences(name + ", x", x.values, tape.grad(input).to_host(), cotangent.values, evaluate);
}

}  // namespace

TEST_CASE("layers: the gradient of a whole layer equals central finite differences, with dropout") {
  for (const Device device : available_devices()) {
    for (const LayerKind& kind : layer_kinds()) {
      if (kind.is_typed) continue;  // see typed_gradients.cpp
      Context ctx(device, 1);
      ModelConfig config;
      config.layer = kind.name;
      config.in = features;
      config.classes = 3;
      config.hidden = {2};
      config.heads = {3};  // as wide as the input, so that an identity residual fits
      config.out_heads = 2;
      config.dropout = config.attention_dropout = config.feature_dropout = 0.4;
      config.edge_loss = 1.5;
      config.hops = 3;
      config.decay = 0.5;
      config.add_dropout = true;
      for (const Residual residual : {Residual::none, Residual::linear, Residual::identity}) {
        config.residual = residual;
        config.residual_bias = residual == Residual::linear;
        config.score_bias = config.mask_per_head = residual == Residual::linear;
        check_layer(ctx, config, 0);
        if (residual != Residual::identity && !kind.is_network) check_layer(ctx, config, 1);
      }
    }
  }
}
