// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/trainer.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "support/devices.hpp"
#include "support/numbers.hpp"
#include "support/test_graphs.hpp"
#include "support/toy_data.hpp"
#include "support/toy_model.hpp"

// Epochs that are recorded and replayed give what epochs that the host leads give: every bit of weights, moments and
// history, the same end, the same kept epoch. On a CPU both are the same code: there every kind of layer trains a little.
using namespace gnn;
using namespace gnn::test;

namespace {

struct Result {
  std::vector<Real> weights, best, m, v;
  std::vector<Epoch> history;
  std::int64_t best_epoch, steps;
};

Result trained(Device device, const datasets::Dataset& data, const ModelConfig& config, TrainOptions options, bool capture) {
  Context ctx(device, 1);
  Model model(ctx, config, options.seed);
  const GraphData ready = prepare(ctx, data, config);
  options.capture = capture;
  Trainer trainer(ctx, model, ready, options);
  CHECK(trainer.why_not_captured().empty() == (capture && device.kind == Device::cuda));
  Result result;
  std::size_t seen = 0;
  while (!trainer.finished()) {
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
        const ModelConfig config = toy_config(data, kind.name);
        check_same(trained(device, data, config, options, true), trained(device, data, config, options, false));
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
        ModelConfig config = toy_config(data, layer);
        config.heads = {heads};
        config.hidden = {heads == 3 ? 7u : 8u};
        config.share_weights = layer == "gatv2" && heads == 8;
        check_same(trained(device, data, config, options, true), trained(device, data, config, options, false));
      }
    }
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
      check_same(trained(device, data, toy_config(data), options, true), trained(device, data, toy_config(data), options, false));
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
    check_same(trained(device, data, toy_config(data), options, true), trained(device, data, toy_config(data), options, false));
    options.optimiser.kind = OptimiserOptions::adamw;
    options.optimiser.weight_decay = 0.01;
    check_same(trained(device, data, toy_config(data), options, true), trained(device, data, toy_config(data), options, false));
    options.optimiser = {};
    TrainOptions whole = options;
    whole.batch = 6;  // all graphs at once: an epoch is one step
    const datasets::Dataset many = many_graphs();
    check_same(trained(device, many, toy_config(many), whole, true), trained(device, many, toy_config(many), whole, false));
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
      const Result captured = trained(device, data, toy_config(data), options, true);
      check_same(captured, trained(device, data, toy_config(data), options, false));
      CHECK(captured.steps == 4 * std::int64_t(captured.history.size()));
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
      const ModelConfig config = toy_config(data);
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
    Model model(ctx, toy_config(set), 1);
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
