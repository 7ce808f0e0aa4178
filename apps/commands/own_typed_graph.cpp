// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include <apps/commands/own_graph.hpp>
#include <apps/commands/own_graph_options.hpp>
#include <apps/commands/own_graph_parts.hpp>
#include <datasets/formats/typed_edges.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {
namespace {

// What is said of nodes without their type does not say which they are.
void refuse_untyped_options(const Settings& settings) {
  for (const char* name : {"num-nodes", "isolated", "relabel", "directed"}) {
    const Option* option = find_option(settings.options(), name);
    if (settings.given(name) && settings.text(name) != option->fallback) {
      fail(ErrorKind::usage, settings.where(name), ": is for graphs of one node type, not with ", settings.where("target"));
    }
  }
}

// The features of --features FILE, which are the target's, or of --features TYPE=FILE,TYPE=FILE.
void read_typed_features(const Settings& settings, const std::string& wish, datasets::TypedDataset& data) {
  const auto read = [&](std::size_t type, const std::string& path) {
    const datasets::Nodes nodes{data.graph.types[type].count, data.node_names[type]};
    data.features[type] = datasets::read_features(path, nodes, feature_options(settings), &data.notes);
  };
  std::error_code ignored;
  if (wish.find('=') == wish.npos || std::filesystem::exists(wish, ignored)) return read(data.target, wish);
  for (std::size_t first = 0; first <= wish.size();) {
    const std::size_t last = std::min(wish.find(',', first), wish.size());
    const std::string part = wish.substr(first, last - first);
    const std::string name = part.substr(0, part.find('='));
    const auto type = std::ranges::find(data.graph.types, name, &graphs::NodeType::name);
    if (part.find('=') == part.npos || type == data.graph.types.end()) {
      fail(ErrorKind::usage, settings.where("features"), ": expected TYPE=FILE with a node type of ",
           graphs::quote_for_message(data.name), ", found ", datasets::in_quotes(part));
    }
    read(std::size_t(type - data.graph.types.begin()), part.substr(name.size() + 1));
    first = last + 1;
  }
}

}  // namespace

datasets::TypedDataset load_own_typed_graph(const Settings& settings) {
  const std::string& file = file_of_edges(settings);
  refuse_untyped_options(settings);
  const datasets::RawEdges raw = datasets::read_edges(file, edge_options(settings));
  const datasets::GraphOptions how = graph_options(settings);
  datasets::TypedDataset data = naming(file, [&] { return datasets::typed_graph(raw, how.duplicates); });
  data.name = name_of(file);
  const std::string& target = settings.text("target");
  const auto type = std::ranges::find(data.graph.types, target, &graphs::NodeType::name);
  if (type == data.graph.types.end()) {
    fail(ErrorKind::mismatch, settings.where("target"), ": expected a node type of ", graphs::quote_for_message(data.name),
         ", found ", datasets::in_quotes(target));
  }
  data.target = std::size_t(type - data.graph.types.begin());
  const datasets::Nodes nodes{type->count, data.node_names[data.target]};
  if (const std::string wish = optional_text(settings, "features"); !wish.empty() && wish != "none") {
    read_typed_features(settings, wish, data);
  }
  if (settings.has("labels")) {
    take_labels(datasets::read_labels(settings.text("labels"), nodes, table_options(settings)), data);
  } else {
    data.labels.assign(std::size_t(type->count), -1);
  }
  datasets::validate(data);
  return data;
}

}  // namespace gnn::apps
