// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <apps/commands/command.hpp>
#include <apps/commands/load_data.hpp>
#include <apps/commands/make_split.hpp>
#include <apps/commands/own_graph.hpp>
#include <graphs/error.hpp>
#include <graphs/stats.hpp>

namespace gnn::apps {
namespace {

/// What is printed of the labels, of plain and typed data alike.
template <class Data>
std::vector<std::int64_t> labels_per_class(const Data& data) {
  const auto num_classes = static_cast<std::size_t>(data.num_classes);
  std::vector<std::int64_t> counts(num_classes);
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    if (data.labels[i] < 0) continue;
    if (data.targets.empty()) ++counts[static_cast<std::size_t>(data.labels[i])];
    for (std::size_t c = 0; !data.targets.empty() && c < num_classes; ++c) counts[c] += data.targets[i * num_classes + c];
  }
  return counts;
}

template <class Data>
void print_labels(const Data& data, Output& output) {
  const std::vector<std::int64_t> counts = labels_per_class(data);
  output.line(fmt::format("classes    {}{}   without label {} nodes", data.num_classes,
                          data.targets.empty() ? "" : ", any number a node", grouped(std::ranges::count(data.labels, -1))));
  constexpr std::size_t most = 40;  // PPI has 121
  for (std::size_t c = 0; c < std::min(most, counts.size()); ++c) {
    const std::string name = data.class_names.empty() ? "" : "  " + data.class_names[c];
    output.line(fmt::format("  class {:<3}{:>10}{}", c, grouped(counts[c]), name));
  }
  if (counts.size() > most) output.line(fmt::format("  ... {} more", counts.size() - most));
}

void print_split_and_notes(const datasets::Split& split, std::span<const std::string> notes, Output& output) {
  output.line(fmt::format("split      {}   {} train / {} val / {} test", split.name.empty() ? "none" : split.name,
                          split.train.size(), split.val.size(), split.test.size()));
  for (const std::string& note : notes) output.line("note       " + note);
}

/// "0: 12   1: 40   2-3: 80": how many nodes have such a degree.
std::string histogram_text(const graphs::Stats& stats) {
  std::string text;
  for (std::size_t k = 0; k < stats.degree_histogram.size(); ++k) {
    const std::int64_t low = k == 0 ? 0 : std::int64_t(1) << (k - 1), high = k == 0 ? 0 : (std::int64_t(1) << k) - 1;
    const std::string range = low == high ? std::to_string(low) : fmt::format("{}-{}", low, high);
    text += fmt::format("{}{}: {}", text.empty() ? "" : "   ", range, grouped(stats.degree_histogram[k]));
  }
  return text;
}

int print_plain(const datasets::Dataset& data, Output& output) {
  const graphs::Stats stats = graphs::statistics(data.graph);
  // With any number of classes a node, "of one label" has no meaning.
  const double homophily = data.multi_label() ? NAN : graphs::edge_homophily(data.graph, data.labels);
  output.line(fmt::format("data       {}", data.name));
  if (!data.graph_id.empty()) output.line(fmt::format("graphs     {}", data.graph_id.back() + 1));
  output.line(fmt::format("nodes      {}   isolated {}   components {}", grouped(data.num_nodes()),
                          grouped(stats.num_isolated), grouped(stats.num_components)));
  output.line(fmt::format("edges      {}   self-loops {}   {}", grouped(data.graph.num_edges()), grouped(stats.num_self_loops),
                          graphs::is_symmetric(data.graph) ? "symmetric" : "not symmetric"));
  output.line(fmt::format("degree     min {}   mean {:.2f}   max {}", stats.min_degree, stats.mean_degree,
                          grouped(stats.max_degree)));
  output.line("           " + histogram_text(stats));
  output.line(fmt::format("features   {}   non-zero {:.2f} %", grouped(std::int64_t(data.features.columns)),
                          100 * data.features.density()));
  print_labels(data, output);
  // Without an edge between two labels there is no share to tell.
  if (!std::isnan(homophily)) output.line(fmt::format("homophily  {}", fraction(homophily)));
  print_split_and_notes(data.split, data.notes, output);

  Event event("data_info");
  event.add("data", data.name).add("nodes", data.num_nodes()).add("edges", data.graph.num_edges());
  event.add("self_loops", stats.num_self_loops).add("isolated", stats.num_isolated);
  event.add("components", stats.num_components).add("degree_min", stats.min_degree);
  event.add("degree_mean", stats.mean_degree).add("degree_max", stats.max_degree);
  const std::vector<std::int64_t> histogram(stats.degree_histogram.begin(), stats.degree_histogram.end());
  event.add("degree_histogram", histogram).add("features", data.features.columns);
  event.add("features_density", data.features.density());
  event.add("classes", data.num_classes).add("labels_per_class", labels_per_class(data));
  event.add("multi_label", data.multi_label()).add("unlabelled", std::ranges::count(data.labels, -1));
  if (!std::isnan(homophily)) event.add("homophily", homophily);
  event.add("split", data.split.name).add("train", data.split.train.size());
  event.add("val", data.split.val.size()).add("test", data.split.test.size());
  output.event(event.add("notes", data.notes));
  if (data.num_classes > 0) warn_about(data, output);
  return 0;
}

int print_typed(const datasets::TypedDataset& data, Output& output) {
  output.line(fmt::format("data       {}", data.name));
  Event event("data_info");
  event.add("data", data.name).add("typed", true);
  std::int64_t nodes = 0, edges = 0;
  for (std::size_t k = 0; k < data.graph.types.size(); ++k) {
    const graphs::NodeType& type = data.graph.types[k];
    output.line(fmt::format("type       {:<16}{:>10} nodes, {} features{}", type.name, grouped(type.count),
                            grouped(std::int64_t(data.features[k].columns)), k == data.target ? "   classified" : ""));
    nodes += type.count;
  }
  for (const graphs::Relation& relation : data.graph.relations) {
    output.line(fmt::format("relation   {:<24}{} -> {}   {} edges", relation.name, data.graph.types[relation.source].name,
                            data.graph.types[relation.target].name, grouped(relation.edges.num_edges())));
    edges += relation.edges.num_edges();
  }
  print_labels(data, output);
  print_split_and_notes(data.split, data.notes, output);
  event.add("nodes", nodes).add("edges", edges).add("types", data.graph.types.size());
  event.add("relations", data.graph.relations.size()).add("classes", data.num_classes);
  event.add("labels_per_class", labels_per_class(data)).add("train", data.split.train.size());
  event.add("val", data.split.val.size()).add("test", data.split.test.size());
  output.event(event.add("notes", data.notes));
  return 0;
}

}  // namespace

int data_info(Settings& settings, Output& output) {
  auto any = load_as_wished(settings);
  if (const auto* typed = std::get_if<datasets::TypedDataset>(&any)) {
    for (const char* plain : {"split", "self-loops"}) {
      if (!settings.given(plain)) continue;
      throw Error(ErrorKind::usage, settings.where(plain) + ": is for plain graphs, " + typed->name + " is typed",
                  "--merge-types takes it as one plain graph");
    }
    return print_typed(*typed, output);
  }
  auto& data = std::get<datasets::Dataset>(any);
  // Without labels there is nothing to split.
  const bool has_labels = std::ranges::any_of(data.labels, [](std::int32_t label) { return label >= 0; });
  if (has_labels || settings.given("split")) data.split = make_split(data, settings);
  return print_plain(data, output);
}

}  // namespace gnn::apps
