// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/trial.hpp>

#include <chrono>
#include <cmath>

#include <apps/cli/interrupt.hpp>
#include <apps/commands/load_data.hpp>
#include <apps/commands/make_split.hpp>
#include <apps/commands/recipe.hpp>
#include <apps/commands/scores.hpp>

namespace gnn::apps {
namespace {

using Clock = std::chrono::steady_clock;

/// One training from its seed to its test; false in `complete` when a signal ended it.
RunResult train_once(Context& ctx, const GraphData& data, const ModelConfig& config, const TrainOptions& options, int run,
                     bool& complete) {
  const Clock::time_point start = Clock::now();
  Model model(ctx, config, options.seed);
  Trainer trainer(ctx, model, data, options);
  while (!trainer.finished() && interrupt_signal() == 0) trainer.run_epochs(options.epochs);
  complete = trainer.finished();
  if (!complete) return {};
  trainer.restore();
  RunResult r{};
  r.run = run + 1;
  r.seed = options.seed;
  r.epochs = trainer.epochs_done();
  r.epoch = options.restore_best ? trainer.best_epoch() : r.epochs;
  const Epoch& kept = trainer.state().history[std::size_t(r.epoch - 1)];
  r.val_loss = kept.val_loss;
  r.val_accuracy = kept.val_accuracy;
  r.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (data.test.count() == 0) return r;
  const Tensor logits = logits_of(ctx, model, data);
  const Score test = evaluate(ctx, logits, data.test);
  r.test_loss = test.loss;
  r.test_accuracy = test.f1_micro;
  r.test_f1_macro = count_classes(ctx, logits, data.test).f1_macro();
  return r;
}

}  // namespace

Trial run_trial(Settings settings, const std::function<void(const RunResult&)>& after_run) {
  datasets::Dataset data = load_unsplit(settings, layer_kind(settings));
  apply_preset(settings, data.name);
  Context ctx = make_context(settings);
  GraphData ready;
  ModelConfig config;
  TrainOptions options = train_options(settings);
  const std::uint64_t first_seed = options.seed;
  Trial trial{data.name, settings.text("preset"), "", {}, false, true};
  for (int run = 0; run < int(settings.integer("runs")); ++run) {
    if (run == 0 || settings.on("split-per-run")) {
      const datasets::Split whole = data.split;
      data.split = make_split(data, settings, run);
      trial.split = data.split.name;
      config = model_config(settings, data);
      ready = prepare(ctx, data, config, settings.on("inductive"));
      trial.has_test = ready.test.count() > 0;
      data.split = whole;
    }
    options.seed = first_seed + std::uint64_t(run);
    bool complete = false;
    const RunResult result = train_once(ctx, ready, config, options, run, complete);
    if (!complete) {
      trial.interrupted = true;
      return trial;
    }
    trial.runs.push_back(result);
    if (after_run) after_run(result);
  }
  return trial;
}

Spread spread(const std::vector<double>& values) {
  Spread result;
  const double n = double(values.size());
  for (const double value : values) result.mean += value / n;
  double squares = 0;
  for (const double value : values) squares += std::pow(value - result.mean, 2);
  if (values.size() > 1) result.std = std::sqrt(squares / (n - 1));
  return result;
}

}  // namespace gnn::apps
