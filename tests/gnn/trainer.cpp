// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/trainer.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <optional>

#include "support/devices.hpp"
#include "support/numbers.hpp"
#include "support/toy_data.hpp"
#include "support/toy_model.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

/// The first Error of up to `epochs` epochs.
struct Failure {
  std::optional<ErrorKind> kind;
  std::string text;
  std::int64_t epochs_done = 0;
  std::vector<Real> weights;
};

Failure train_until_failure(Device device, const datasets::Dataset& data, const TrainOptions& options,
                            int epochs) {
  Context ctx(device, 1);
  Model model(ctx, toy_config(data), 1);
  const GraphData ready = prepare(ctx, data, model.config());
  Trainer trainer(ctx, model, ready, options);
  Failure failure;
  try {
    for (int epoch = 0; epoch < epochs; ++epoch) trainer.run_epoch();
  } catch (const Error& error) {
    failure.kind = error.kind();
    failure.text = error.what();
  }
  failure.epochs_done = trainer.epochs_done();
  failure.weights = model.parameters().values().to_host();
  return failure;
}

}  // namespace

TEST_CASE(
    "trainer: learns the communities of a planted partition to more than 95 % in less than 100 epochs") {
  const datasets::Dataset data = community_data();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    Model model(ctx, toy_config(data), 1);
    const GraphData ready = prepare(ctx, data, model.config());
    TrainOptions options;
    options.optimiser.learning_rate = 0.01;
    options.epochs = 99;
    options.seed = 1;
    Trainer trainer(ctx, model, ready, options);
    const double before = evaluate(ctx, model.logits(ctx, ready), ready.test).accuracy;
    while (!trainer.finished()) trainer.run_epoch();
    trainer.restore();
    const Score after = evaluate(ctx, model.logits(ctx, ready), ready.test);
    CHECK(before < 0.6);
    CHECK(after.accuracy > 0.95);
  }
}

TEST_CASE("trainer: restore brings back the weights of the kept epoch, with its validation score") {
  const datasets::Dataset data = community_data();
  Context ctx({}, 1);
  Model model(ctx, toy_config(data), 1);
  const GraphData ready = prepare(ctx, data, model.config());
  TrainOptions options;
  options.epochs = 30;
  options.stop.monitor_accuracy = true;
  Trainer trainer(ctx, model, ready, options);
  while (!trainer.finished()) trainer.run_epoch();
  CHECK_THROWS_WITH_AS(trainer.run_epoch(), "train: training has ended", Error);
  REQUIRE(trainer.best_epoch() < trainer.epochs_done());
  trainer.restore();
  const Score score = evaluate(ctx, model.logits(ctx, ready), ready.val);
  CHECK(score.loss == doctest::Approx(trainer.best().val_loss).epsilon(tolerance(1e-6, 1e-12)));
  CHECK(score.accuracy == trainer.best().val_accuracy);
}

TEST_CASE("trainer: without dropout one epoch moves every weight by the learning rate at most") {
  const datasets::Dataset data = community_data();
  Context ctx({}, 1);
  ModelConfig config = toy_config(data);
  config.dropout = config.attention_dropout = 0;
  Model model(ctx, config, 1);
  const GraphData ready = prepare(ctx, data, config);
  TrainOptions options;
  options.optimiser.learning_rate = 0.25;
  const std::vector<Real> before = model.parameters().values().to_host();
  Trainer trainer(ctx, model, ready, options);
  trainer.run_epoch();
  const std::vector<Real> after = model.parameters().values().to_host();
  double most = 0;
  for (std::size_t k = 0; k < before.size(); ++k)
    most = std::max(most, std::abs(double(after[k]) - double(before[k])));
  CHECK(most <= 0.25 * (1 + 1e-5));
  CHECK(most > 0.25 * 0.99);
}

TEST_CASE("trainer: asks nothing of the system after the third epoch") {
  for (const Device device : available_devices()) {
    for (const double density : {0.1, 1.0}) {
      Context ctx(device, 2);
      const datasets::Dataset data = random_dataset(graphs::erdos_renyi(500, 3000, 1), 40, density);
      Model model(ctx, toy_config(data), 1);
      const GraphData ready = prepare(ctx, data, model.config());
      Trainer trainer(ctx, model, ready, {});
      for (int epoch = 0; epoch < 3; ++epoch) trainer.run_epoch();
      const std::size_t calls = ctx.pool()->num_system_allocations(), in_use = ctx.pool()->bytes_in_use();
      for (int epoch = 0; epoch < 7; ++epoch) trainer.run_epoch();
      CHECK(ctx.pool()->num_system_allocations() == calls);
      CHECK(ctx.pool()->bytes_in_use() == in_use);
    }
  }
}

TEST_CASE("trainer: NaN in a feature ends training in its first step and leaves finite weights") {
  datasets::Dataset data = community_data();
  data.features.values[0] = std::numeric_limits<float>::quiet_NaN();  // of node 0, which trains
  for (const Device device : available_devices()) {
    const Failure failure = train_until_failure(device, data, {}, 2);
    CHECK(failure.kind == ErrorKind::training);
    CHECK(failure.text == "loss is NaN at epoch 1, first in the input or the activations");
    CHECK(failure.epochs_done == 0);
    CHECK(all_finite(failure.weights));
  }
}

TEST_CASE(
    "trainer: a step that is far too large ends training at its epoch and gives back the weights before it") {
  TrainOptions options;
  options.optimiser.learning_rate = is_double ? 1e300 : 1e38;
  for (const Device device : available_devices()) {
    const Failure failure = train_until_failure(device, community_data(), options, 3);
    CHECK(failure.kind == ErrorKind::training);
    CHECK(failure.text.find("at epoch 1, first in ") != std::string::npos);
    CHECK(all_finite(failure.weights));
    CHECK(largest(failure.weights) < 10);
  }
}

TEST_CASE("trainer: a weight that is NaN is named") {
  const datasets::Dataset data = community_data();
  Context ctx({}, 1);
  Model model(ctx, toy_config(data), 1);
  const GraphData ready = prepare(ctx, data, model.config());
  const auto& entries = model.parameters().entries();
  const std::size_t id = entries.size() - 1;
  std::vector<Real> values = model.parameters().value(id).to_host();
  values[0] = NAN;
  model.parameters().value(id).copy_from(values);
  Trainer trainer(ctx, model, ready, {});
  CHECK_THROWS_WITH_AS(trainer.run_epoch(), ("loss is NaN at epoch 1, first in " + entries[id].name).c_str(),
                       Error);
}

TEST_CASE("trainer: data without labelled training or validation nodes is refused") {
  datasets::Dataset data = community_data();
  for (const NodeId i : data.split.train) data.labels[std::size_t(i)] = -1;
  Context ctx({}, 1);
  Model model(ctx, toy_config(data), 1);
  const GraphData unlabelled = prepare(ctx, data, model.config());
  CHECK_THROWS_WITH_AS(Trainer(ctx, model, unlabelled, {}), "train: no training node has a label", Error);
  data = community_data();
  data.split.val.clear();
  const GraphData unvalidated = prepare(ctx, data, model.config());
  CHECK_THROWS_WITH_AS(Trainer(ctx, model, unvalidated, {}), "train: no validation node has a label", Error);
}

TEST_CASE("trainer: options out of range are refused by name") {
  const auto refuses = [](auto change, const char* text) {
    TrainOptions options;
    change(options);
    CHECK_THROWS_WITH_AS(validate(options), text, Error);
  };
  refuses([](TrainOptions& o) { o.optimiser.learning_rate = 0; }, "lr: must be greater than 0, got 0");
  refuses([](TrainOptions& o) { o.optimiser.learning_rate = INFINITY; }, "lr: must be greater than 0, got inf");
  refuses([](TrainOptions& o) { o.optimiser.l2 = -1; }, "l2: must be 0 or greater, got -1");
  refuses([](TrainOptions& o) { o.epochs = 0; }, "epochs: must be in 1 to 2147483646, got 0");
  refuses([](TrainOptions& o) { o.stop.patience_epochs = 0; }, "patience: must be 1 or greater, got 0");
  refuses([](TrainOptions& o) { o.stop.window_epochs = 0; }, "stop-window: must be 1 or greater, got 0");
  refuses([](TrainOptions& o) { o.stop.min_delta = -1; }, "min-delta: must be 0 or greater, got -1");
}

TEST_CASE("cross_entropy: a class without a column is refused") {
  Context ctx;
  const std::vector<NodeId> nodes = {0, 1};
  const std::vector<std::int32_t> classes = {0, 3};
  Tape tape(ctx);
  const Var logits = tape.constant(ctx.tensor(2, 3));
  CHECK_THROWS_WITH_AS(cross_entropy(logits, Labels(ctx.pool(), nodes, classes)),
                       "cross_entropy: class 3 has no column, the logits have 3", Error);
}
