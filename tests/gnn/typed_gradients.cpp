// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <gnn/autograd/elementwise.hpp>

#include "support/devices.hpp"
#include "support/gradient_check.hpp"
#include "support/typed_toy.hpp"

using namespace gnn;
using namespace gnn::test;

// Finite differences need double: this file is part of the double program only.
static_assert(is_double);

TEST_CASE("typed layers: the gradient of the whole network equals central finite differences, with dropout") {
  const datasets::TypedDataset data = typed_toy();
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    for (ModelConfig config : latte_configs(data)) {
      // The weights of its loss of the edges are attention, which counts as given: differences would see it move.
      if (config.variant == "2021") config.proximity = 0;
      config.hidden = {4};
      Model model(ctx, config, 3);
      const GraphData ready = prepare(ctx, datasets::target_nodes(data), config);
      Parameters& parameters = model.parameters();
      std::vector<Real> weights = random_matrix(1, parameters.size(), 4).values;  // scalars too are none of 0 and 1
      const Matrix logits_gradient = random_matrix(std::size_t(toy_papers), 3, 6);
      std::vector<Real> cotangent = logits_gradient.values;
      cotangent.push_back(1);
      // The logits and, behind them, the loss of the edges.
      const auto evaluate = [&] {
        parameters.values().copy_from(weights);
        Tape tape(ctx, Tape::training, check_seed, check_step);
        const Output out = model.forward(tape, ready.parts[0]);
        std::vector<Real> y = out.y.value().to_host();
        y.push_back(out.loss.defined() ? out.loss.value().to_host()[0] : 0);
        return y;
      };
      parameters.values().copy_from(weights);
      Tape tape(ctx, Tape::training, check_seed, check_step);
      const Output out = model.forward(tape, ready.parts[0]);
      CHECK(out.loss.defined() == (config.proximity > 0));
      const Tensor gradient = upload(ctx, logits_gradient);
      Var loss = tape.record(upload(ctx, {1, 1, {0}}), {out.y}, [&](const Tensor&) { tape.add_grad(out.y, gradient); });
      if (out.loss.defined()) loss = add(loss, out.loss);
      tape.backward(loss);
      compare_with_differences("latte " + describe(config) + " on " + to_string(device), weights,
                               parameters.gradients().to_host(), cotangent, evaluate);
    }
  }
}
