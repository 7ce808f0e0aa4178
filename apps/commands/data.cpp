// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <apps/commands/command.hpp>
#include <apps/commands/load_data.hpp>
#include <datasets/registry.hpp>
#include <graphs/stats.hpp>

namespace gnn::apps {
namespace {

std::string_view presence(const datasets::Known& known, const Settings& settings) {
  if (known.name == "cora") return "built in";
  return settings.has("data-dir") && datasets::is_complete(known, settings.text("data-dir")) ? "present" : "-";
}

std::vector<std::int64_t> labels_per_class(const datasets::Dataset& data) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(data.num_classes));
  for (std::int32_t label : data.labels) {
    if (label >= 0) ++counts[static_cast<std::size_t>(label)];
  }
  return counts;
}

void print_text(const datasets::Dataset& data, const graphs::Stats& stats, double homophily, Output& output) {
  const auto counts = labels_per_class(data);
  const auto unlabelled = std::ranges::count(data.labels, -1);
  output.line(fmt::format("data       {}", data.name));
  output.line(fmt::format("nodes      {}   isolated {}   components {}", grouped(data.num_nodes()),
                          grouped(stats.num_isolated), grouped(stats.num_components)));
  output.line(fmt::format("edges      {}   self-loops {}", grouped(data.graph.num_edges()),
                          grouped(stats.num_self_loops)));
  output.line(fmt::format("degree     min {}   mean {:.2f}   max {}", stats.min_degree, stats.mean_degree,
                          grouped(stats.max_degree)));
  output.line(fmt::format("features   {}   non-zero {:.2f} %", grouped(std::int64_t(data.features.columns)),
                          100 * data.features.density()));
  output.line(fmt::format("classes    {}   without label {} nodes", data.num_classes, grouped(unlabelled)));
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const std::string name = data.class_names.empty() ? "" : "  " + data.class_names[c];
    output.line(fmt::format("  class {:<3}{:>10}{}", c, grouped(counts[c]), name));
  }
  // Without an edge between two labels there is no share to tell.
  if (!std::isnan(homophily)) output.line(fmt::format("homophily  {}", fraction(homophily)));
  output.line(fmt::format("split      {}   {} train / {} val / {} test", data.split.name,
                          data.split.train.size(), data.split.val.size(), data.split.test.size()));
  for (const std::string& note : data.notes) output.line("note       " + note);
}

Event info_event(const datasets::Dataset& data, const graphs::Stats& stats, double homophily) {
  Event event("data_info");
  event.add("data", data.name).add("nodes", data.num_nodes()).add("edges", data.graph.num_edges());
  event.add("self_loops", stats.num_self_loops).add("isolated", stats.num_isolated);
  event.add("components", stats.num_components).add("degree_min", stats.min_degree);
  event.add("degree_mean", stats.mean_degree).add("degree_max", stats.max_degree);
  event.add("features", data.features.columns).add("features_density", data.features.density());
  event.add("classes", data.num_classes).add("labels_per_class", labels_per_class(data));
  event.add("unlabelled", std::ranges::count(data.labels, -1));
  if (!std::isnan(homophily)) event.add("homophily", homophily);
  event.add("split", data.split.name).add("train", data.split.train.size());
  event.add("val", data.split.val.size()).add("test", data.split.test.size());
  return event.add("notes", data.notes);
}

}  // namespace

int data_list(Settings& settings, Output& output) {
  constexpr std::string_view row = "{:<10} {:<20} {:>8} {:>9} {:>9} {:>8}  {:<9} {}";
  output.line(fmt::format(row, "name", "task", "nodes", "edges", "features", "classes", "here", "licence"));
  for (const datasets::Known& known : datasets::known_datasets()) {
    const std::string_view here = presence(known, settings);
    output.line(fmt::format(row, known.name, known.task, known.nodes, known.edges, known.features,
                            known.classes, here, known.license));
    Event event("data");
    event.add("name", known.name).add("task", known.task).add("nodes", known.nodes).add("edges", known.edges);
    event.add("features", known.features).add("classes", known.classes).add("available", here != "-");
    output.event(event.add("licence", known.license).add("source", known.source));
  }
  return 0;
}

int data_info(Settings& settings, Output& output) {
  const datasets::Dataset data = load_data(settings);
  const graphs::Stats stats = graphs::statistics(data.graph);
  const double homophily = graphs::edge_homophily(data.graph, data.labels);
  print_text(data, stats, homophily, output);
  output.event(info_event(data, stats, homophily));
  warn_about(data, output);
  return 0;
}

}  // namespace gnn::apps
