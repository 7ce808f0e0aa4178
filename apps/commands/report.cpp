// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/report.hpp>

#include <fmt/format.h>

#include <algorithm>

#include <apps/commands/machine.hpp>
#include <apps/commands/scores.hpp>
#include <apps/commands/trial.hpp>
#include <datasets/typed_dataset.hpp>
#include <gnn/layers/registry.hpp>

namespace gnn::apps {
namespace {

/// Of one number of all runs.
template <class Number>
Spread spread_of(std::span<const RunResult> results, Number RunResult::*member) {
  std::vector<double> values;
  for (const RunResult& r : results) values.push_back(double(r.*member));
  return spread(values);
}

std::int64_t nodes_without_self_loop(const graphs::Csr& graph) {
  std::int64_t count = 0;
  for (NodeId i = 0; i < graph.num_rows(); ++i) count += !std::ranges::binary_search(graph.row(i), i);
  return count;
}

std::string accuracy(const Spread& s) {
  return fmt::format("{:.4f} ± {:.4f}", s.mean, s.std);
}

void print_typed(const datasets::Dataset& data, Output& output) {
  const datasets::TypedDataset& typed = *data.typed;
  std::int64_t nodes = 0, edges = 0;
  for (const graphs::NodeType& type : typed.graph.types) nodes += type.count;
  for (const graphs::Relation& relation : typed.graph.relations) edges += std::int64_t(relation.edges.num_edges());
  const std::string& target = typed.graph.types[typed.target].name;
  output.line(fmt::format("data    {}  {} nodes of {} types, {} edges in {} relations; {} {} nodes, {} features, {} classes",
                          data.name, nodes, typed.graph.types.size(), edges, typed.graph.relations.size(), data.num_nodes(),
                          target, data.features.columns, data.num_classes));
  Event event("data");
  event.add("data", data.name).add("nodes", nodes).add("edges", edges).add("types", typed.graph.types.size());
  event.add("relations", typed.graph.relations.size()).add("target", target).add("target_nodes", data.num_nodes());
  output.event(event.add("features", data.features.columns).add("classes", data.num_classes));
}

}  // namespace

void print_data(const datasets::Dataset& data, graphs::SelfLoops self_loops, Output& output) {
  if (data.typed) return print_typed(data, output);
  const std::int64_t new_loops = self_loops == graphs::SelfLoops::add    ? std::int64_t(data.num_nodes())
                                 : self_loops == graphs::SelfLoops::fill ? nodes_without_self_loop(data.graph)
                                                                         : 0;
  const std::string added = new_loops > 0 ? fmt::format(" (+{} self-loops)", new_loops) : "";
  output.line(fmt::format("data    {}  {} nodes, {} edges{}, {} features ({:.1f} % non-zero), {} classes",
                          data.name, data.num_nodes(), data.graph.num_edges(), added, data.features.columns,
                          100 * data.features.density(), data.num_classes));
  Event event("data");
  event.add("data", data.name).add("nodes", data.num_nodes()).add("edges", data.graph.num_edges());
  event.add("self_loops_added", new_loops).add("features", data.features.columns);
  event.add("features_density", data.features.density()).add("classes", data.num_classes);
  output.event(event);
}

void print_notes(const datasets::Dataset& data, Output& output) {
  for (const std::string& note : data.notes) output.note("note    " + note);
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
  output.line(fmt::format("model   {}  {}, {} parameters   preset {}", config.layer, find_layer_kind(config.layer).shape(config),
                          grouped(std::int64_t(num_parameters)), card.preset));
  Event event("model");
  event.add("model", config.layer).add("layers", num_layers(config)).add("parameters", num_parameters);
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

void print_run(const RunResult& r, const ModelConfig& config, bool has_test, bool has_exact, Output& output) {
  const std::string metric = metric_of(config), word = metric.substr(0, metric.find('_'));
  std::string test = has_test ? fmt::format("test {} {:.4f}   ", word, r.test_accuracy) : "";
  if (has_test && has_exact) test += fmt::format("exact rows {:.4f}   ", r.test_exact);
  output.line(fmt::format("  run {}   {}val {} {:.4f}   epoch {}   {:.2f} s", r.run, test, word, r.val_accuracy,
                          r.epoch, r.seconds));
  Event event("run");
  event.add("run", r.run).add("seed", r.seed);
  if (has_test) {
    event.add("test_" + metric, r.test_accuracy).add("test_f1_macro", r.test_f1_macro).add("test_loss", r.test_loss);
    if (has_exact) event.add("test_" + metric + "_exact", r.test_exact);
  }
  event.add("val_" + metric, r.val_accuracy).add("val_loss", r.val_loss);
  event.add("epoch", r.epoch).add("epochs", r.epochs);
  output.event(event.add("seconds", r.seconds));
}

void print_gates(std::span<const RelationGates> layers, Output& output) {
  for (const RelationGates& layer : layers) {
    const std::size_t count = layer.gates.rows(), width = layer.relations.size();
    const std::vector<Real> gates = layer.gates.to_host();
    std::vector<double> means(width);
    for (std::size_t k = 0; k < gates.size(); ++k) means[k % width] += double(gates[k]) / double(count);
    std::string line = fmt::format("  gates   {}", layer.name);
    for (std::size_t k = 0; k < width; ++k) line += fmt::format("   {} {:.3f}", layer.relations[k], means[k]);
    output.line(line);
    output.event(Event("gates").add("layer", layer.name).add("relations", layer.relations).add("means", means, width));
  }
}

void print_means(std::span<const RunResult> results, const ModelConfig& config, bool has_test, Output& output) {
  if (results.size() < 2) return;
  const std::string metric = metric_of(config), word = metric.substr(0, metric.find('_'));
  const Spread epoch = spread_of(results, &RunResult::epoch), seconds = spread_of(results, &RunResult::seconds);
  const std::string test_head = has_test ? fmt::format("{:<18}", "test " + word) : "";
  const std::string test =
      has_test ? fmt::format("{:<18}", accuracy(spread_of(results, &RunResult::test_accuracy))) : "";
  output.line(fmt::format("            {}{:<18}{:<15}time", test_head, "val " + word, "best epoch"));
  output.line(fmt::format("mean ± std  {}{:<18}{:<15}{:.2f} s ± {:.2f}   ({} runs, seeds {}–{})", test,
                          accuracy(spread_of(results, &RunResult::val_accuracy)),
                          fmt::format("{:.0f} ± {:.0f}", epoch.mean, epoch.std), seconds.mean, seconds.std,
                          results.size(), results.front().seed, results.back().seed));
}

Event summary(std::span<const RunResult> results, bool has_test, bool has_exact, const ModelCard& card,
              const Context& ctx, double seconds) {
  const std::string metric = metric_of(card.config);
  const double epochs = spread_of(results, &RunResult::epochs).mean;
  Event event("summary");
  event.add("data", card.data)
      .add("model", card.config.layer)
      .add("device", to_string(ctx.device()))
      .add("runs", results.size());
  if (has_test) {
    const Spread test = spread_of(results, &RunResult::test_accuracy);
    // With one class a node micro-F1 is the accuracy.
    if (metric == "acc") event.add("test_acc_mean", test.mean).add("test_acc_std", test.std);
    event.add("test_f1_micro_mean", test.mean);
    if (metric != "acc") event.add("test_f1_micro_std", test.std);
    event.add("test_f1_macro_mean", spread_of(results, &RunResult::test_f1_macro).mean);
    if (has_exact) event.add("test_f1_micro_exact_mean", spread_of(results, &RunResult::test_exact).mean);
  }
  event.add("val_" + metric + "_mean", spread_of(results, &RunResult::val_accuracy).mean).add("epochs_mean", epochs);
  event.add("ms_per_epoch", epochs > 0 ? 1000 * spread_of(results, &RunResult::seconds).mean / epochs : 0.0);
  event.add("seconds", seconds).add("peak_mib", peak_memory_mib()).add("threads", ctx.num_threads());
  return event.add("seed", results.front().seed);
}

}  // namespace gnn::apps
