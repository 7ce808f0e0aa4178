// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/trainer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include <gnn/train/batches.hpp>
#include <gnn/train/captured_epoch.hpp>

#include "support/devices.hpp"
#include "support/numbers.hpp"
#include "support/test_graphs.hpp"
#include "support/toy_data.hpp"

// Epochs that are recorded and replayed give what epochs that the host leads give: every bit of weights, moments and
// history, the same end, the same kept epoch. On a CPU both are the same code: there every kind of layer trains a little.
using namespace gnn;
using namespace gnn::test;

namespace {

struct Result {
  std::vector<Real> weights, best, m, v;
  std::vector<Epoch> history;
  std::int64_t best_epoch, steps;
  std::size_t looks = 0;  // of the host
};

Result trained(Device device, const datasets::Dataset& data, const ModelConfig& config, TrainOptions options, bool capture) {
  Context ctx(device, 1);
  Model model(ctx, config, options.seed);
  const GraphData ready = prepare(ctx, data, config);
  options.capture = capture;
  Trainer trainer(ctx, model, ready, options);
  Result result;
  std::size_t seen = 0;
  for (; !trainer.finished(); ++result.looks) {
    trainer.run_epochs(options.epochs, [&](const Epoch&) { CHECK(trainer.epochs_done() == std::int64_t(++seen)); });
  }
  result.weights = model.parameters().values().to_host();
  result.best = trainer.state().best.to_host();
  result.m = trainer.state().adam.m.to_host();
  result.v = trainer.state().adam.v.to_host();
  result.history = trainer.state().history;
  result.best_epoch = trainer.best_epoch();
  result.steps = trainer.state().steps;
  return result;
}

void check_same(const Result& a, const Result& b) {
  CHECK(a.history.size() == b.history.size());
  CHECK(a.best_epoch == b.best_epoch);
  CHECK(a.steps == b.steps);
  CHECK(same_bits(a.weights, b.weights));
  CHECK(same_bits(a.best, b.best));
  CHECK(same_bits(a.m, b.m));
  CHECK(same_bits(a.v, b.v));
  for (std::size_t e = 0; e < std::min(a.history.size(), b.history.size()); ++e) {
    const Epoch &x = a.history[e], &y = b.history[e];
    const bool same = x.train_loss == y.train_loss && x.train_accuracy == y.train_accuracy && x.val_loss == y.val_loss &&
                      x.val_accuracy == y.val_accuracy;
    CHECK_MESSAGE(same, "epoch ", e + 1);
    if (!same) return;
  }
}

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

ModelConfig config_for(const datasets::Dataset& data, const std::string& layer = "gat") {
  ModelConfig config;
  config.layer = layer;
  config.in = data.features.columns;
  config.classes = std::size_t(data.num_classes);
  if (data.multi_label()) config.task = Task::multi_label;
  return config;
}

}  // namespace

TEST_CASE("captured epochs: every kind of layer gives the bits of epochs that are not captured") {
  for (const LayerKind& kind : layer_kinds()) {
    if (kind.is_typed) continue;
    CAPTURE(kind.name);
    for (const double density : {0.1, 1.0}) {
      const datasets::Dataset data = random_dataset(graphs::erdos_renyi(300, 1800, 1), 40, density);
      TrainOptions options;
      options.stop.kind = StopRule::none;
      for (const Device device : available_devices()) {
        options.epochs = device.kind == Device::cuda ? 70 : 3;
        const Result captured = trained(device, data, config_for(data, kind.name), options, true);
        check_same(captured, trained(device, data, config_for(data, kind.name), options, false));
        if (device.kind == Device::cuda) CHECK(captured.looks < 35);
      }
    }
  }
}

TEST_CASE("captured epochs: weights of sparse features whose step is taken with their gradient or behind it") {
  // Features that all nodes have, many, few, and none.
  const auto edges = graphs::erdos_renyi(400, 1200, 1);
  constexpr std::size_t columns = 60;
  std::vector<float> dense(400 * columns);
  for (std::size_t i = 0; i < 400; ++i) {
    for (std::size_t c = 0; c + 1 < columns; ++c) dense[i * columns + c] = (i * 7 + c * 3) % (c * c + 1) == 0 ? float(1 + i % 5) : 0;
  }
  datasets::Dataset data = random_dataset(edges, columns);
  data.features = features_from(400, columns, dense);
  TrainOptions options;
  options.epochs = 12;
  options.stop.kind = StopRule::none;
  for (const Device device : available_gpus()) {
    for (const std::string layer : {"gat", "gatv2", "supergat"}) {
      for (const std::size_t heads : {8u, 3u, 20u}) {  // 64, 21 and 160 columns
        CAPTURE(layer);
        CAPTURE(heads);
        ModelConfig config = config_for(data, layer);
        config.heads = {heads};
        config.hidden = {heads == 3 ? 7u : 8u};
        config.share_weights = layer == "gatv2" && heads == 8;
        check_same(trained(device, data, config, options, true), trained(device, data, config, options, false));
      }
    }
  }
}

TEST_CASE("captured epochs: rounds of any size give the same epochs, and so do the first ones of a round again") {
  const auto compare = [](Device device, const datasets::Dataset& data) {
    const ModelConfig config = config_for(data);
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

TEST_CASE("captured epochs: every stopping rule ends training at the same epoch and keeps the same") {
  const datasets::Dataset data = community_data();
  const auto compare = [&](StopRule rule, Schedule schedule = Schedule::none) {
    TrainOptions options;
    options.optimiser.learning_rate = 0.02;
    options.epochs = 150;
    options.stop = rule;
    options.schedule = schedule;
    for (const Device device : available_gpus()) {
      check_same(trained(device, data, config_for(data), options, true), trained(device, data, config_for(data), options, false));
    }
  };
  compare({.kind = StopRule::gat, .patience_epochs = 7});
  compare({.kind = StopRule::patience, .patience_epochs = 5});
  compare({.kind = StopRule::patience, .monitor_accuracy = true, .ties_last = true, .patience_epochs = 20});
  compare({.kind = StopRule::window, .window_epochs = 10});
  compare({.kind = StopRule::relative, .patience_epochs = 30, .window_epochs = 20, .min_delta = 0.01});
  compare({.kind = StopRule::none}, Schedule::plateau);
  compare({.kind = StopRule::none}, Schedule::cosine);
}

TEST_CASE("captured epochs: L2 in groups, AdamW, and any number of classes a node") {
  const datasets::Dataset data = community_data();
  TrainOptions options;
  options.epochs = 40;
  options.optimiser.l2_on_bias = false;
  for (const Device device : available_gpus()) {
    check_same(trained(device, data, config_for(data), options, true), trained(device, data, config_for(data), options, false));
    options.optimiser.kind = OptimiserOptions::adamw;
    options.optimiser.weight_decay = 0.01;
    check_same(trained(device, data, config_for(data), options, true), trained(device, data, config_for(data), options, false));
    options.optimiser = {};
    TrainOptions whole = options;
    whole.batch = 6;  // all graphs at once: an epoch is one step
    const datasets::Dataset many = many_graphs();
    check_same(trained(device, many, config_for(many), whole, true), trained(device, many, config_for(many), whole, false));
  }
}

TEST_CASE("captured epochs: steps of one graph each, in an order of their own every epoch, give the same bits") {
  const datasets::Dataset data = many_graphs();
  TrainOptions options;
  options.epochs = 60;
  options.stop = {.kind = StopRule::patience, .patience_epochs = 5};
  for (const Device device : available_devices()) {
    for (const Schedule schedule : {Schedule::none, Schedule::cosine}) {
      options.schedule = schedule;
      const Result captured = trained(device, data, config_for(data), options, true);
      check_same(captured, trained(device, data, config_for(data), options, false));
      CHECK(captured.steps == 4 * std::int64_t(captured.history.size()));
      if (device.kind == Device::cuda) CHECK(captured.looks < captured.history.size());
    }
  }
}

TEST_CASE("captured epochs: a loss that becomes NaN on the way is reported as without capture") {
  const datasets::Dataset data = community_data();
  for (const Device device : available_devices()) {
    std::string texts[2];
    std::vector<Real> weights[2];
    for (const bool capture : {false, true}) {
      Context ctx(device, 1);
      const ModelConfig config = config_for(data);
      Model model(ctx, config, 1);
      const GraphData ready = prepare(ctx, data, config);
      TrainOptions options;
      // The first steps are small; then the rate is so large that numbers overflow within a round.
      options.optimiser.learning_rate = is_double ? 1e60 : 1e7;
      options.stop.kind = StopRule::none;
      options.capture = capture;
      Trainer trainer(ctx, model, ready, options);
      try {
        while (!trainer.finished()) trainer.run_epochs(options.epochs);
      } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::training);
        texts[capture] = error.what();
      }
      weights[capture] = model.parameters().values().to_host();
    }
    CHECK(texts[0] == texts[1]);
    CHECK(same_bits(weights[0], weights[1]));
  }
}

TEST_CASE("captured epochs: what cannot be captured says why") {
  const datasets::Dataset data = community_data();
  const datasets::Dataset many = many_graphs();
  const auto why = [](Device device, const datasets::Dataset& set, const TrainOptions& options) {
    Context ctx(device, 1);
    Model model(ctx, config_for(set), 1);
    const GraphData ready = prepare(ctx, set, model.config());
    return Trainer(ctx, model, ready, options).why_not_captured();
  };
  for (const Device device : available_devices()) {
    TrainOptions options;
    if (device.kind == Device::cpu) {
      CHECK(why(device, data, options) == "the device is a CPU");
      continue;
    }
    CHECK(why(device, data, options) == "");
    CHECK(why(device, many, options) == "");
    options.batch = 3;
    CHECK(why(device, many, options) == "its 2 batches are made anew every epoch");
    options.optimiser.clip_norm = 1;
    CHECK(why(device, data, options) == "gradients are clipped");
    options.optimiser.kind = OptimiserOptions::sgd;
    CHECK(why(device, data, options) == "the optimizer is sgd");
  }
}
