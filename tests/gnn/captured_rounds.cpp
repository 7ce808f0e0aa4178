// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/captured_epoch.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include <gnn/train/batches.hpp>
#include <gnn/train/trainer.hpp>

#include "support/devices.hpp"
#include "support/numbers.hpp"
#include "support/test_graphs.hpp"
#include "support/toy_data.hpp"
#include "support/toy_model.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

// What epochs gave: both losses and the weights after each, and the numbers at the end.
struct Epochs {
  std::vector<double> losses;
  std::vector<Real> after_each, values, m, v;
};

// One epoch on the host, which makes ready what a recording needs, and then captured ones in rounds of the given sizes. Of the last
// round, `rewound` epochs are run again and are the end; 0: none.
Epochs in_rounds(Device device, const datasets::Dataset& data, const ModelConfig& config, const std::vector<std::size_t>& rounds,
                 std::size_t rewound = 0) {
  Epochs epochs;
  Context ctx(device, 1);
  Model model(ctx, config, 1);
  const GraphData ready = prepare(ctx, data, config);
  TrainOptions options;
  options.capture = false;
  Trainer trainer(ctx, model, ready, options);
  trainer.run_epochs(1);
  const Batches train(ready, data.split.train, 1), val(ready, data.split.val, 1);
  const AdamState& adam = trainer.state().adam;
  if constexpr (has_cuda) {
    ctx.run([&] {
      CapturedEpoch captured(ctx, model, make_fields(ctx, ready, train), make_fields(ctx, ready, val, Pass::evaluation), options.optimiser, 1,
                             adam, *std::max_element(rounds.begin(), rounds.end()));
      std::size_t done = 1;
      for (const std::size_t count : rounds) {
        std::vector<CapturedEpoch::Plan> plans;
        for (std::size_t k = 0; k < count; ++k) plans.push_back({1 / double(done + k), train.order()});
        for (const CapturedEpoch::Outcome& outcome : captured.run(std::int64_t(done * train.size() + 1), plans)) {
          CHECK(outcome.finite);
          epochs.losses.insert(epochs.losses.end(), {outcome.train.loss, outcome.val.loss});
        }
        for (std::size_t k = 0; k < count; ++k) {
          const std::vector<Real> weights = captured.weights(k).to_host();
          epochs.after_each.insert(epochs.after_each.end(), weights.begin(), weights.end());
        }
        done += count;
      }
      if (rewound > 0) captured.rewind(rewound);
    });
  }
  epochs.values = model.parameters().values().to_host();
  epochs.m = adam.m.to_host();
  epochs.v = adam.v.to_host();
  return epochs;
}

}  // namespace

TEST_CASE("captured epochs: rounds of any size give the same epochs, and so do the first ones of a round again") {
  const auto compare = [](Device device, const datasets::Dataset& data) {
    const ModelConfig config = toy_config(data);
    const Epochs single = in_rounds(device, data, config, std::vector<std::size_t>(21, 1));
    const Epochs at_once = in_rounds(device, data, config, {21}), mixed = in_rounds(device, data, config, {1, 8, 10, 2});
    for (const Epochs* epochs : {&at_once, &mixed}) {
      CHECK(epochs->losses == single.losses);
      CHECK(same_bits(epochs->after_each, single.after_each));
      CHECK(same_bits(epochs->values, single.values));
      CHECK(same_bits(epochs->m, single.m));
      CHECK(same_bits(epochs->v, single.v));
    }
    const Epochs fewer = in_rounds(device, data, config, {4, 9}), rewound = in_rounds(device, data, config, {4, 17}, 9);
    CHECK(same_bits(rewound.values, fewer.values));
    CHECK(same_bits(rewound.m, fewer.m));
    CHECK(same_bits(rewound.v, fewer.v));
  };
  for (const Device device : available_gpus()) {
    compare(device, random_dataset(graphs::erdos_renyi(60, 200, 1), 20, 0.2));
    compare(device, many_graphs());  // several steps an epoch
  }
}
