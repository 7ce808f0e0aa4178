// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include <apps/commands/bench_boost.hpp>
#include <apps/commands/ceilings.hpp>
#include <apps/commands/command.hpp>
#include <apps/commands/load_data.hpp>
#include <apps/commands/make_split.hpp>
#include <apps/commands/machine.hpp>
#include <apps/commands/recipe.hpp>
#include <apps/commands/report.hpp>
#include <apps/commands/scores.hpp>
#include <apps/commands/stopwatch.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/kernels/direct.hpp>
#include <gnn/train/batches.hpp>
#include <gnn/train/captured_epoch.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {
namespace {

/// Times in milliseconds of one phase, collected over epochs and repeats.
struct Phase {
  const char* key;
  std::vector<double> times;

  /// Linear between the neighbours, as usual: 0.5 is the median.
  double quantile(double share) {
    std::ranges::sort(times);
    const double place = share * double(times.size() - 1);
    const auto below = std::size_t(place);
    const std::size_t above = std::min(below + 1, times.size() - 1);
    return times[below] + (place - double(below)) * (times[above] - times[below]);
  }
};

struct Phases {
  Phase load{"load", {}}, prepare{"prepare", {}}, init{"init", {}};
  Phase epoch{"epoch", {}}, step{"step", {}}, forward{"forward", {}}, backward{"backward", {}},
      optimiser{"optimiser", {}};
  Phase evaluation{"evaluation", {}};
};

template <class Work>
double milliseconds(const Work& work) {
  return 1e3 * seconds(work);
}

std::string sha256(const std::vector<Real>& numbers) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(numbers.data(), numbers.size() * sizeof(Real), digest, &size, EVP_sha256(), nullptr) != 1) {
    fail(ErrorKind::internal, "SHA-256 failed");
  }
  return fmt::format("{:02x}", fmt::join(digest, digest + size, ""));
}

/// Epochs between two looks of the host, as training runs them.
void measure_captured(Trainer& trainer, Phases& phases) {
  const std::int64_t before = trainer.epochs_done();
  const double time = milliseconds([&] { trainer.run_epochs(trainer.options().epochs); });
  const std::int64_t epochs = trainer.epochs_done() - before;
  phases.epoch.times.insert(phases.epoch.times.end(), std::size_t(epochs), time / double(epochs));
}

/// The steps of an epoch alone, captured too; the evaluation is what an epoch takes beyond them. Changes the model's weights.
void measure_captured_steps(Context& ctx, const Model& model, const TrainOptions& o, std::span<const Field> train, Phases& phases) {
  if constexpr (has_cuda) {
    // As many epochs a run as training takes, and as many runs as fit into a few seconds.
    constexpr std::size_t most_steps = 64, most_runs = 10;
    constexpr double run_milliseconds = 50, all_milliseconds = 4000;
    const std::size_t size = model.parameters().size();
    const AdamState adam{ctx.tensor(1, size), ctx.tensor(1, size)};
    direct::fill(ctx, adam.m, Real(0));
    direct::fill(ctx, adam.v, Real(0));
    CapturedEpoch step(ctx, model, train, {}, o.optimiser, o.seed, adam, most_steps);
    std::int64_t done = 0;
    std::vector<std::size_t> order(train.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    const auto run = [&](std::size_t steps) {
      const std::vector<CapturedEpoch::Plan> plans(steps, {1, order});
      const double time = milliseconds([&] {
        for (const CapturedEpoch::Outcome& outcome : step.run(done + 1, plans)) {
          if (!outcome.finite) fail(ErrorKind::internal, "bench: a captured step wrote no loss");
        }
      });
      done += std::int64_t(steps * train.size());
      return time;
    };
    run(1);
    const double once = run(1);
    const auto steps = std::size_t(std::clamp(run_milliseconds / once, 1.0, double(most_steps)));
    run(steps);
    double total = 0;
    for (std::size_t repeat = 0; repeat < most_runs && (repeat == 0 || total < all_milliseconds); ++repeat) {
      const double time = run(steps);
      phases.step.times.push_back(time / double(steps));
      total += time;
    }
  }
}

/// One epoch, and after it its parts once more, each on its own: the two passes of a step and the evaluation.
void measure_epoch(Context& ctx, Trainer& trainer, const Field& train, const Field& val, Phases& phases) {
  const Model& model = trainer.model();
  const double epoch = milliseconds([&] { trainer.run_epoch(); });
  double forward = 0, backward = 0, evaluation = 0;
  ctx.run([&] {
    Tape tape(ctx, Tape::training, trainer.options().seed, std::uint32_t(trainer.epochs_done() + 1));
    Var loss;
    forward = milliseconds([&] {
      const gnn::Output out = model.forward(tape, train);
      loss = cross_entropy(out.y, train.labels);
      if (out.loss.defined()) loss = add(loss, out.loss);
    });
    backward = milliseconds([&] {
      model.parameters().clear_gradients(ctx);
      tape.backward(loss);
    });
  });
  ctx.run([&] {
    evaluation = milliseconds([&] { evaluate(ctx, model.logits(ctx, val), val.labels); });
  });
  phases.epoch.times.push_back(epoch);
  phases.forward.times.push_back(forward);
  phases.backward.times.push_back(backward);
  phases.evaluation.times.push_back(evaluation);
}

/// What is not measured on its own: an epoch is its steps and an evaluation, a step its two passes and the optimiser, with
/// its check for NaN. The passes are those of all training nodes at once, so that this holds for one step an epoch only.
void derive(Phases& phases, std::size_t steps) {
  if (!phases.step.times.empty()) {
    phases.evaluation.times = {phases.epoch.quantile(0.5) - phases.step.quantile(0.5)};
    return;
  }
  const double step = phases.epoch.quantile(0.5) - phases.evaluation.quantile(0.5);
  phases.step.times = {step};
  if (steps > 1) return;
  phases.optimiser.times = {step - phases.forward.quantile(0.5) - phases.backward.quantile(0.5)};
}

void print_phase(Phase& phase, const char* label, Output& output, Event& event) {
  if (phase.times.empty()) return;
  const double median = phase.quantile(0.5), low = phase.quantile(0.25), high = phase.quantile(0.75);
  const bool has_spread = phase.times.size() > 1;
  output.line(fmt::format("{:<18} {:>9.3f}{}", label, median,
                          has_spread ? fmt::format("  {:>9.3f}  {:>9.3f}", low, high) : ""));
  const std::string key = phase.key;
  event.add(key + "_ms", median);
  if (has_spread) event.add(key + "_ms_q1", low).add(key + "_ms_q3", high);
}

void print_phases(Phases& p, Output& output, Event& event) {
  output.line(fmt::format("{:<18} {:>9}  {:>9}  {:>9}", "ms", "median", "quarter", "3 quarters"));
  print_phase(p.load, "load", output, event);
  print_phase(p.prepare, "prepare", output, event);
  print_phase(p.init, "init", output, event);
  print_phase(p.epoch, "epoch", output, event);
  print_phase(p.step, "  training step", output, event);
  print_phase(p.forward, "    forward", output, event);
  print_phase(p.backward, "    backward", output, event);
  print_phase(p.optimiser, "    optimiser", output, event);
  print_phase(p.evaluation, "  evaluation", output, event);
}

}  // namespace

int bench(Settings& settings, Output& output) {
  if (settings.on("ceilings")) return print_ceilings(settings, output);
  if (settings.integer("boost") > 0) return print_boost(settings, output);
  if (!settings.has("data")) settings.set("data", "cora", Origin::fallback, "default");
  const double load_before = load_average();
  const std::int64_t epochs = settings.integer("epochs"), repeats = settings.integer("repeats");
  Phases phases;
  std::string signature;
  std::size_t steps = 1;
  std::size_t pool_bytes = 0;
  Event event("bench");

  for (std::int64_t r = 0; r < repeats; ++r) {
    // Everything anew, so that the first phases are measured as often as the others.
    datasets::Dataset data;
    phases.load.times.push_back(milliseconds([&] {
      data = load_unsplit(settings, layer_kind(settings));
      apply_preset(settings, data.name);
      data.split = make_split(data, settings);
    }));
    const ModelCard card{model_config(settings, data), data.name, settings.text("preset")};
    TrainOptions options = optimizer_options(settings);
    options.epochs = epochs;
    options.stop.kind = StopRule::none;

    Context ctx = make_context(settings);
    GraphData ready;
    phases.prepare.times.push_back(milliseconds([&] { ready = prepare(ctx, data, card.config); }));
    std::optional<Model> model;
    std::optional<Trainer> trainer;
    phases.init.times.push_back(milliseconds([&] {
      model.emplace(ctx, card.config, options.seed);
      trainer.emplace(ctx, *model, ready, options);
    }));
    if (r == 0) {
      print_data(data, card.config.self_loops, output);
      print_model(card, model->parameters().size(), output);
      output.line(fmt::format("device  {}, {} threads, {}   {} epochs x {}", to_string(ctx.device()),
                              ctx.num_threads(), processor_name(), epochs, repeats));
      event.add("data", data.name)
          .add("model", card.config.layer)
          .add("preset", card.preset)
          .add("device", to_string(ctx.device()));
      event.add("threads", ctx.num_threads())
          .add("processor", processor_name())
          .add("epochs", epochs)
          .add("repeats", repeats);
    }
    const Batches batches(ready, data.split.train, options.batch);
    steps = batches.size();
    const bool captured = trainer->why_not_captured().empty();
    if (captured) {
      while (!trainer->finished()) measure_captured(*trainer, phases);
    } else {
      const Field train = make_field(ctx, ready, data.split.train), val = make_field(ctx, ready, data.split.val, Pass::evaluation);
      while (!trainer->finished()) measure_epoch(ctx, *trainer, train, val, phases);
    }
    pool_bytes = ctx.pool()->peak_bytes();
    if (settings.on("signature")) signature = sha256(model->parameters().values().to_host());
    trainer.reset();  // its recording may hold much of a GPU's memory
    if (captured) ctx.run([&] { measure_captured_steps(ctx, *model, options, make_fields(ctx, ready, batches), phases); });
  }

  derive(phases, steps);
  print_phases(phases, output, event);
  const double load_after = load_average(), peak = peak_memory_mib();
  output.line(
      fmt::format("memory  {:.1f} MiB peak, {:.1f} MiB in the pool", peak, double(pool_bytes) / 1048576));
  output.line(fmt::format("load    {:.2f} before, {:.2f} after", load_before, load_after));
  event.add("peak_mib", peak)
      .add("pool_bytes", pool_bytes)
      .add("load_before", load_before)
      .add("load_after", load_after);
  if (!signature.empty()) {
    output.line("signature  " + signature);
    event.add("signature", signature);
  }
  output.event(event);
  return 0;
}

}  // namespace gnn::apps
