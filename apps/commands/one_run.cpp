// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/one_run.hpp>

#include <fmt/format.h>

#include <chrono>

#include <apps/cli/interrupt.hpp>
#include <apps/commands/scores.hpp>
#include <datasets/splits.hpp>
#include <gnn/train/checkpoint.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// One JSON object an epoch; equal runs give equal texts.
std::string metrics(const std::vector<Epoch>& history, const std::string& metric) {
  std::string text;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const Epoch& e = history[i];
    fmt::format_to(std::back_inserter(text),
                   "{{\"epoch\":{},\"train_loss\":{},\"train_{}\":{},\"val_loss\":{},\"val_{}\":{}}}\n",
                   i + 1, e.train_loss, metric, e.train_accuracy, e.val_loss, metric, e.val_accuracy);
  }
  return text;
}

class Run {
 public:
  Run(const Job& job, int run, RunFolder& folder)
      : job_(job),
        run_(run),
        folder_(folder),
        path_(folder.of_run(run, job.runs)),
        model_(job.ctx, job.card.config, job.options.seed + std::uint64_t(run)),
        trainer_(job.ctx, model_, job.ready, with_seed(job.options, run)) {
    std::error_code ignored;
    if (job.resume && fs::exists(path_ / "last.safetensors", ignored)) {
      record_ = resume(job.ctx, path_ / "last.safetensors", job.card, model_, trainer_);
    }
  }

  /// Whether the run had ended with a test result before this command began.
  bool was_finished() const { return trainer_.finished() && record_.status == RunRecord::finished; }

  /// Trains to the end or to a signal; true: to the end.
  bool train(Progress& progress) {
    record_.status = RunRecord::running;
    const double seconds_before = record_.seconds;
    const std::int64_t epochs_before = trainer_.epochs_done();
    const Clock::time_point start = Clock::now();
    while (!trainer_.finished()) {
      const std::int64_t done = trainer_.epochs_done(), every = job_.save_every;
      trainer_.run_epochs(every > 0 ? every - done % every : job_.options.epochs, [&](const Epoch& e) {
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        record_.seconds = seconds_before + seconds;
        const std::int64_t epoch = trainer_.epochs_done();
        progress.epoch({run_ + 1, int(epoch), e.train_loss, e.train_accuracy, e.val_loss, e.val_accuracy,
                        int(trainer_.best_epoch()), 1000 * seconds / double(epoch - epochs_before)});
      });
      if (interrupt_signal() != 0) return false;
      if (every > 0 && trainer_.epochs_done() % every == 0 && !trainer_.finished()) save_training();
    }
    const StopState& stop = trainer_.state().stop;
    const std::string reason = stop.stopped ? describe_stop(job_.options.stop) : "all epochs done";
    progress.stopped(run_ + 1, int(trainer_.epochs_done()),
                     fmt::format("{}; best {}", reason, trainer_.best_epoch()));
    return true;
  }

  /// Reads the test score at the kept epoch's weights. The weights of the last epoch are gone from the model
  /// then, but a training that may go on needs them: both files are made here.
  void finish() {
    const std::vector<Real> last = model_.parameters().values().to_host();
    trainer_.restore();
    if (job_.ready.test.count() > 0) {
      const Tensor logits = logits_of(job_.ctx, model_, job_.ready);
      const Score test = evaluate(job_.ctx, logits, job_.ready.test);
      record_.test_loss = test.loss;
      record_.test_accuracy = test.f1_micro;
      record_.test_f1_macro = count_classes(job_.ctx, logits, job_.ready.test).f1_macro();
      const Labels exact = exact_labels(job_.ctx, job_.data, job_.data.split.test);
      if (exact.count() > 0) record_.test_exact = evaluate(job_.ctx, logits, exact).f1_micro;
    }
    if (job_.data.typed) job_.ctx.run([&] { gates_ = model_.relation_gates(job_.ctx, job_.ready.parts[0]); });
    record_.status = RunRecord::finished;
    save_model();
    model_.parameters().values().copy_from(last);
    save_training();
  }

  /// For a training that stops before its end.
  void save_unfinished() {
    save_training();
    trainer_.restore();
    save_model();
  }

  void save_failed() {
    record_.status = RunRecord::failed;
    save_training();
  }

  RunResult result() const {
    const std::vector<Epoch>& history = trainer_.state().history;
    const bool best = trainer_.options().restore_best;
    const Epoch& kept = best ? trainer_.best() : history.back();
    return {run_ + 1,
            trainer_.options().seed,
            trainer_.epochs_done(),
            best ? trainer_.best_epoch() : trainer_.epochs_done(),
            kept.val_loss,
            kept.val_accuracy,
            record_.test_loss,
            record_.test_accuracy,
            record_.test_f1_macro,
            record_.test_exact,
            record_.seconds};
  }

  /// Of a model that finish() has tested; empty for plain graphs.
  const std::vector<RelationGates>& gates() const { return gates_; }

  std::int64_t epochs_done() const { return trainer_.epochs_done(); }
  std::string why_not_captured() const { return trainer_.why_not_captured(); }
  fs::path last_file() const { return path_ / "last.safetensors"; }

 private:
  static TrainOptions with_seed(TrainOptions options, int run) {
    options.seed += std::uint64_t(run);
    return options;
  }

  /// The folder is kept once the training is saved too.
  void save_model() {
    folder_.make(path_);
    if (job_.split_per_run && job_.runs > 1) folder_.write(path_ / "split.json", datasets::to_json(job_.data.split));
    folder_.write(path_ / "best.safetensors", model_checkpoint(model_, job_.card));
  }

  void save_training() {
    folder_.make(path_);
    folder_.write(path_ / "metrics.jsonl", metrics(trainer_.state().history, metric_of(job_.card.config)));
    folder_.write(last_file(), training_checkpoint(trainer_, model_, job_.card, record_));
    folder_.keep();
  }

  const Job& job_;
  int run_;
  RunFolder& folder_;
  fs::path path_;
  Model model_;
  Trainer trainer_;
  RunRecord record_;
  std::vector<RelationGates> gates_;
};

/// "loss is NaN at epoch 37, first in layer1.weight" with the run and the place of the saved weights.
std::string failure(const std::string& message, const Job& job, int run, const fs::path& file) {
  std::string text = message;
  const std::size_t comma = text.find(", first in");
  if (job.runs > 1 && comma != std::string::npos) text.insert(comma, fmt::format(" (run {})", run + 1));
  return text + "; last good weights are in " + file.string();
}

}  // namespace

void check_checkpoints(const Job& job, RunFolder& folder) {
  for (int run = 0; run < job.runs; ++run) Run(job, run, folder);
}

std::optional<RunResult> one_run(const Job& job, int run, RunFolder& folder, Progress& progress,
                                 Output& output) {
  Run one(job, run, folder);
  if (!one.was_finished()) {
    if (job.ctx.device().kind == Device::cuda && run == 0) {
      const std::string why = one.why_not_captured();
      output.detail(why.empty() ? "epochs run as a CUDA graph" : "epochs run kernel by kernel, not as a CUDA graph: " + why);
    }
    try {
      if (!one.train(progress)) {
        one.save_unfinished();
        progress.close();
        output.note(fmt::format("interrupted at epoch {}; go on with: gnn train --resume {}",
                                one.epochs_done(), folder.path().string()));
        output.event(Event("interrupted")
                         .add("run", run + 1)
                         .add("epoch", one.epochs_done())
                         .add("out", folder.path().string()));
        return std::nullopt;
      }
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::training) throw;
      one.save_failed();
      throw Error(error.kind(), failure(error.what(), job, run, one.last_file()), error.hint());
    }
    one.finish();
  }
  const RunResult result = one.result();
  print_run(result, job.card.config, job.ready.test.count() > 0, !job.data.exact_rows.empty(), output);
  print_gates(one.gates(), output);
  return result;
}

}  // namespace gnn::apps
