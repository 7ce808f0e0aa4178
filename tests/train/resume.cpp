// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <support/toy_data.hpp>

#include "tiny.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

TrainOptions options_with(StopRule::Kind kind) {
  TrainOptions options;
  options.epochs = 24;
  options.seed = 5;
  options.stop.kind = kind;
  options.stop.patience_epochs = 4;
  options.stop.window_epochs = 3;
  return options;
}

std::vector<std::byte> last_bytes(const Tiny& tiny) {
  return training_checkpoint(tiny.trainer, tiny.model, tiny.card, {});
}

std::string refusal(ErrorKind kind, const TrainOptions& options, const ModelCard& card,
                    const RunRecord& record = {}) {
  const TemporaryFolder folder;
  Tiny first(options_with(StopRule::none));
  first.train(2);
  const auto path =
      save(folder, "last.safetensors", training_checkpoint(first.trainer, first.model, first.card, record));
  Tiny second(options, card);
  return error_of(kind, folder, [&] { resume(second.ctx, path, second.card, second.model, second.trainer); });
}

}  // namespace

TEST_CASE("resume: stopped after any epoch and gone on, a training ends as if it had never stopped") {
  const TemporaryFolder folder;
  for (const StopRule::Kind kind :
       {StopRule::none, StopRule::gat, StopRule::patience, StopRule::window, StopRule::relative}) {
    const TrainOptions options = options_with(kind);
    Tiny unbroken(options);
    unbroken.train(options.epochs);
    const std::vector<std::byte> last = last_bytes(unbroken);
    unbroken.trainer.restore();
    const std::vector<std::byte> best = model_checkpoint(unbroken.model, unbroken.card);

    for (std::int64_t stop = 0; stop <= unbroken.trainer.epochs_done(); ++stop) {
      Tiny first(options);
      first.train(stop);
      const auto path = save(folder, "last.safetensors", last_bytes(first));
      Tiny second(options);
      resume(second.ctx, path, second.card, second.model, second.trainer);
      CHECK(last_bytes(second) == last_bytes(first));
      second.train(options.epochs);
      CHECK(last_bytes(second) == last);
      second.trainer.restore();
      CHECK(model_checkpoint(second.model, second.card) == best);
    }
  }
}

TEST_CASE("resume: batches of graphs go on where they were, bit by bit") {
  const TemporaryFolder folder;
  const datasets::Dataset data = many_graphs();
  ModelCard card = tiny_card();
  card.config.in = data.features.columns;
  card.config.classes = std::size_t(data.num_classes);
  card.config.class_names.clear();
  card.config.task = Task::multi_label;
  TrainOptions options = options_with(StopRule::gat);
  options.batch = 3;
  options.epochs = 4;
  Context ctx({}, 1);
  const GraphData ready = prepare(ctx, data, card.config);
  struct Training {
    Training(Context& ctx, const ModelCard& card, const GraphData& ready, const TrainOptions& options)
        : model(ctx, card.config, options.seed), trainer(ctx, model, ready, options) {}
    Model model;
    Trainer trainer;
  };
  Training unbroken(ctx, card, ready, options);
  while (!unbroken.trainer.finished()) unbroken.trainer.run_epoch();
  CHECK(unbroken.trainer.state().steps == 8);
  const std::vector<std::byte> last = training_checkpoint(unbroken.trainer, unbroken.model, card, {});
  for (int stop = 0; stop <= 4; ++stop) {
    Training first(ctx, card, ready, options);
    for (int e = 0; e < stop; ++e) first.trainer.run_epoch();
    const auto path = save(folder, "last.safetensors", training_checkpoint(first.trainer, first.model, card, {}));
    Training second(ctx, card, ready, options);
    resume(ctx, path, card, second.model, second.trainer);
    CHECK(second.trainer.state().steps == 2 * stop);
    while (!second.trainer.finished()) second.trainer.run_epoch();
    CHECK(training_checkpoint(second.trainer, second.model, card, {}) == last);
  }
}

TEST_CASE("resume: the record comes back") {
  const TemporaryFolder folder;
  Tiny tiny;
  const RunRecord record{RunRecord::finished, 1.5, 0.25, 0.75, 0.5};
  const auto path =
      save(folder, "last.safetensors", training_checkpoint(tiny.trainer, tiny.model, tiny.card, record));
  const RunRecord back = resume(tiny.ctx, path, tiny.card, tiny.model, tiny.trainer);
  CHECK(back.status == RunRecord::finished);
  CHECK(back.seconds == 1.5);
  CHECK(back.test_loss == 0.25);
  CHECK(back.test_accuracy == 0.75);
  CHECK(back.test_f1_macro == 0.5);
}

TEST_CASE("resume: another model, data set or seed is refused") {
  const TrainOptions options = options_with(StopRule::none);
  ModelCard other = tiny_card();
  other.config.hidden = {4};
  CHECK(refusal(ErrorKind::mismatch, options, other) ==
        "last.safetensors: expected a training with hidden [4], found hidden [3]");
  other = tiny_card();
  other.data = "cora";
  CHECK(refusal(ErrorKind::mismatch, options, other) ==
        "last.safetensors: expected a training with data \"cora\", found data \"ring\"");
  TrainOptions later = options;
  later.seed = 6;
  CHECK(refusal(ErrorKind::mismatch, later, tiny_card()) ==
        "last.safetensors: expected a training with seed 6, found seed 5");
  CHECK(refusal(ErrorKind::mismatch, options, tiny_card()) == "");
}

TEST_CASE("resume: what ended with NaN does not go on") {
  CHECK(refusal(ErrorKind::training, options_with(StopRule::none), tiny_card(),
                {.status = RunRecord::failed}) ==
        "last.safetensors: this training ended with NaN or infinity and cannot go on");
}

TEST_CASE("resume: a saved model is no training") {
  const TemporaryFolder folder;
  Tiny tiny;
  const auto path = save(folder, "best.safetensors", model_checkpoint(tiny.model, tiny.card));
  CHECK(error_of(ErrorKind::input, folder, [&] {
          resume(tiny.ctx, path, tiny.card, tiny.model, tiny.trainer);
        }) == "best.safetensors: expected 'training' in the metadata, found none");
}
