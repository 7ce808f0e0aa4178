// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/own_graph.hpp>

#include <cmath>

#include <apps/commands/own_graph_options.hpp>
#include <apps/commands/own_graph_parts.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {
namespace {

/// What a graph alone says of its nodes.
datasets::Features structural_features(const graphs::Csr& graph) {
  datasets::Features features;
  features.rows = std::size_t(graph.num_rows());
  features.columns = 2;
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    const auto degree = double(graph.degree(i));
    features.indices.push_back(0);
    features.values.push_back(1);
    if (degree > 0) {
      features.indices.push_back(1);
      features.values.push_back(float(std::log1p(degree)));
    }
    features.offsets.push_back(std::int64_t(features.values.size()));
  }
  return features;
}

}  // namespace

datasets::Dataset load_own_graph(const Settings& settings, graphs::SelfLoops self_loops) {
  const std::string& file = file_of_edges(settings);
  datasets::Dataset data;
  data.name = name_of(file);
  datasets::RawEdges raw = datasets::read_edges(file, edge_options(settings));
  if (settings.text("isolated") == "add") datasets::add_isolated_nodes(raw, node_tables(settings));
  data.notes = std::move(raw.notes);
  data.node_names = std::move(raw.node_names);
  datasets::GraphOptions how = graph_options(settings);
  how.self_loops = self_loops;
  data.graph = naming(file, [&] { return datasets::build_graph(raw, how, data.notes); });

  const datasets::Nodes nodes{data.num_nodes(), data.node_names};
  const datasets::TableOptions tables = table_options(settings);
  const std::string wish = optional_text(settings, "features");
  if (wish.empty() || wish == "none") {
    data.features = structural_features(data.graph);
    if (wish.empty()) data.notes.push_back("no --features: every node has a constant and log(1 + degree)");
  } else {
    try {
      data.features = datasets::read_features(wish, nodes, feature_options(settings), &data.notes);
    } catch (const Error& error) {
      const bool shared = settings.has("labels") && settings.text("labels") == wish && tables.label_column.empty();
      if (!shared || !error.hint().empty()) throw;
      throw Error(error.kind(), error.what(), "--label-col names the column that holds labels");
    }
  }
  // A column of labels that is named and stands in no file of its own is one of the table of features.
  const bool in_features = !tables.label_column.empty() && !wish.empty() && wish != "none";
  const std::string label_file = settings.has("labels") ? settings.text("labels") : in_features ? wish : "";
  if (!label_file.empty()) {
    take_labels(datasets::read_labels(label_file, nodes, tables), data);
  } else {
    data.labels.assign(std::size_t(data.num_nodes()), -1);
  }
  datasets::validate(data);
  return data;
}

std::vector<NodeId> load_node_list(const Settings& settings, const datasets::Dataset& data) {
  datasets::TableOptions options = table_options(settings);
  options.id_column.clear();  // the one of features and labels; a list has its nodes in front
  return datasets::read_node_list(settings.text("nodes"), {data.num_nodes(), data.node_names}, options);
}

void refuse_own_graph_options(const Settings& settings) {
  for (const Option* option : settings.options()) {
    const bool belongs = option->section == Section::own_graph || option->name == "features" || option->name == "labels";
    // The config file of a training holds every value, the ones that say nothing too.
    if (belongs && settings.given(option->name) && settings.text(option->name) != option->fallback) {
      fail(ErrorKind::usage, settings.where(option->name), ": is for a graph of your own: give its edges with --edges");
    }
  }
}

}  // namespace gnn::apps
