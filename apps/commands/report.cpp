// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/report.hpp>

#include <fmt/format.h>

#include <cmath>

#include <apps/commands/machine.hpp>

namespace gnn::apps {
namespace {

struct Spread {
  double mean = 0;
  double std = 0;  ///< the sample one; 0 for a single value
};

template <class Number>
Spread spread(std::span<const RunResult> results, Number RunResult::*member) {
  const auto n = double(results.size());
  Spread result;
  for (const RunResult& r : results) result.mean += double(r.*member) / n;
  double squares = 0;
  for (const RunResult& r : results) squares += std::pow(double(r.*member) - result.mean, 2);
  if (results.size() > 1) result.std = std::sqrt(squares / (n - 1));
  return result;
}

/// "8→1": heads of the hidden layers, then of the last.
std::string heads_text(const ModelConfig& config) {
  if (config.layers == 1) return std::to_string(config.out_heads);
  return fmt::format("{}→{}", fmt::join(config.heads, ","), config.out_heads);
}

std::string accuracy(const Spread& s) {
  return fmt::format("{:.4f} ± {:.4f}", s.mean, s.std);
}

}  // namespace

void print_data(const datasets::Dataset& data, bool self_loops, Output& output) {
  const std::string added = self_loops ? fmt::format(" (+{} self-loops)", data.num_nodes()) : "";
  output.line(fmt::format("data    {}  {} nodes, {} edges{}, {} features ({:.1f} % non-zero), {} classes",
                          data.name, data.num_nodes(), data.graph.num_edges(), added, data.features.columns,
                          100 * data.features.density(), data.num_classes));
  Event event("data");
  event.add("data", data.name).add("nodes", data.num_nodes()).add("edges", data.graph.num_edges());
  event.add("self_loops_added", self_loops ? data.num_nodes() : 0).add("features", data.features.columns);
  event.add("features_density", data.features.density()).add("classes", data.num_classes);
  output.event(event);
}

void print_split(const datasets::Split& split, Output& output) {
  output.line(fmt::format("split   {}  {} train / {} val / {} test", split.name, split.train.size(),
                          split.val.size(), split.test.size()));
  Event event("split");
  event.add("split", split.name).add("train", split.train.size()).add("val", split.val.size());
  output.event(event.add("test", split.test.size()));
}

void print_model(const ModelCard& card, std::size_t num_parameters, Output& output) {
  const ModelConfig& config = card.config;
  output.line(fmt::format("model   {}  {} layers, heads {}, {} parameters   preset {}", config.layer,
                          config.layers, heads_text(config), grouped(std::int64_t(num_parameters)),
                          card.preset));
  Event event("model");
  event.add("model", config.layer).add("layers", config.layers).add("parameters", num_parameters);
  output.event(event.add("preset", card.preset));
}

void print_device(const Context& ctx, std::size_t memory_estimate, std::int64_t seed, Output& output) {
  const std::vector<std::string> sets = instruction_sets();
  const std::string set = ctx.device().kind == Device::cpu && !sets.empty() ? sets.back() : "";
  const std::string device = to_string(ctx.device());
  output.line(fmt::format("device  {}, {} {}{}{}   memory estimate {:.0f} MB   seed {}", device,
                          ctx.num_threads(), ctx.num_threads() == 1 ? "thread" : "threads",
                          set.empty() ? "" : ", ", set, double(memory_estimate) / 1e6, seed));
  Event event("device");
  event.add("device", device).add("threads", ctx.num_threads());
  if (!set.empty()) event.add("instruction_set", set);
  output.event(event.add("memory_estimate", memory_estimate).add("seed", seed));
}

void print_run(const RunResult& r, bool has_test, Output& output) {
  const std::string test = has_test ? fmt::format("test acc {:.4f}   ", r.test_accuracy) : "";
  output.line(fmt::format("  run {}   {}val acc {:.4f}   epoch {}   {:.2f} s", r.run, test, r.val_accuracy,
                          r.epoch, r.seconds));
  Event event("run");
  event.add("run", r.run).add("seed", r.seed);
  if (has_test)
    event.add("test_acc", r.test_accuracy)
        .add("test_f1_macro", r.test_f1_macro)
        .add("test_loss", r.test_loss);
  event.add("val_acc", r.val_accuracy)
      .add("val_loss", r.val_loss)
      .add("epoch", r.epoch)
      .add("epochs", r.epochs);
  output.event(event.add("seconds", r.seconds));
}

void print_means(std::span<const RunResult> results, bool has_test, Output& output) {
  if (results.size() < 2) return;
  const Spread epoch = spread(results, &RunResult::epoch), seconds = spread(results, &RunResult::seconds);
  const std::string test_head = has_test ? fmt::format("{:<18}", "test acc") : "";
  const std::string test =
      has_test ? fmt::format("{:<18}", accuracy(spread(results, &RunResult::test_accuracy))) : "";
  output.line(fmt::format("            {}{:<18}{:<15}time", test_head, "val acc", "best epoch"));
  output.line(fmt::format("mean ± std  {}{:<18}{:<15}{:.2f} s ± {:.2f}   ({} runs, seeds {}–{})", test,
                          accuracy(spread(results, &RunResult::val_accuracy)),
                          fmt::format("{:.0f} ± {:.0f}", epoch.mean, epoch.std), seconds.mean, seconds.std,
                          results.size(), results.front().seed, results.back().seed));
}

Event summary(std::span<const RunResult> results, bool has_test, const ModelCard& card, const Context& ctx,
              double seconds) {
  const double epochs = spread(results, &RunResult::epochs).mean;
  Event event("summary");
  event.add("data", card.data)
      .add("model", card.config.layer)
      .add("device", to_string(ctx.device()))
      .add("runs", results.size());
  if (has_test) {
    const Spread test = spread(results, &RunResult::test_accuracy);
    event.add("test_acc_mean", test.mean).add("test_acc_std", test.std);
    event.add("test_f1_micro_mean", test.mean);  // with one class a node it is the accuracy
    event.add("test_f1_macro_mean", spread(results, &RunResult::test_f1_macro).mean);
  }
  event.add("val_acc_mean", spread(results, &RunResult::val_accuracy).mean).add("epochs_mean", epochs);
  event.add("ms_per_epoch", epochs > 0 ? 1000 * spread(results, &RunResult::seconds).mean / epochs : 0.0);
  event.add("seconds", seconds).add("peak_mib", peak_memory_mib()).add("threads", ctx.num_threads());
  return event.add("seed", results.front().seed);
}

}  // namespace gnn::apps
