// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/own_graph.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include <apps/commands/memory_budget.hpp>
#include <datasets/formats/edges.hpp>
#include <datasets/formats/isolated.hpp>
#include <datasets/formats/tables.hpp>
#include <datasets/formats/typed_edges.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>
#include <graphs/transforms.hpp>

namespace gnn::apps {
namespace {

namespace fs = std::filesystem;
using datasets::EdgeFormat;

std::string optional_text(const Settings& settings, std::string_view name) {
  return settings.has(name) ? settings.text(name) : "";
}

char delimiter_of(const Settings& settings) {
  const std::string& text = settings.text("delimiter");
  if (text == "auto") return 0;
  if (text == "tab" || text == "\\t") return '\t';
  if (text == "space") return ' ';
  if (text.size() != 1 || static_cast<unsigned char>(text[0]) >= 0x80 || text[0] == '"' || text[0] == '\n') {
    fail(ErrorKind::usage, settings.where("delimiter"), ": expected auto, tab, space or one character, found ",
         datasets::in_quotes(text));
  }
  return text[0];
}

std::optional<bool> header_of(const Settings& settings) {
  const std::string& text = settings.text("header");
  if (text == "auto") return std::nullopt;
  return text == "yes";
}

EdgeFormat format_of(const std::string& text) {
  constexpr std::array names = {"auto", "csv", "tsv", "space", "snap", "mtx", "metis", "graphml", "npy", "npz"};
  constexpr std::array formats = {EdgeFormat::automatic, EdgeFormat::csv,   EdgeFormat::tsv,     EdgeFormat::space, EdgeFormat::snap,
                                  EdgeFormat::matrix_market, EdgeFormat::metis, EdgeFormat::graphml, EdgeFormat::npy,   EdgeFormat::npz};
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (text == names[k]) return formats[k];
  }
  fail(ErrorKind::internal, "--format: no reader for ", text);
}

datasets::EdgeOptions edge_options(const Settings& settings) {
  datasets::EdgeOptions options;
  options.format = format_of(settings.text("format"));
  options.delimiter = delimiter_of(settings);
  options.header = header_of(settings);
  options.source_column = optional_text(settings, "src");
  options.target_column = optional_text(settings, "dst");
  options.weight_column = optional_text(settings, "weight");
  options.type_column = optional_text(settings, "type");
  options.string_ids = settings.text("ids") == "string";
  if (settings.text("index-base") != "auto") options.index_base = settings.text("index-base") == "1" ? 1 : 0;
  options.num_nodes = settings.integer("num-nodes");
  options.relabel = settings.on("relabel");
  return options;
}

datasets::GraphOptions graph_options(const Settings& settings) {
  if (settings.on("directed") && settings.on("undirected")) {
    fail(ErrorKind::usage, settings.where("directed"), ": does not go with ", settings.where("undirected"));
  }
  datasets::GraphOptions options;
  options.directed = settings.on("directed");
  const std::string& duplicates = settings.text("duplicates");
  options.duplicates = duplicates == "merge"  ? datasets::Duplicates::merge
                       : duplicates == "keep" ? datasets::Duplicates::keep
                                              : datasets::Duplicates::error;
  return options;
}

datasets::TableOptions table_options(const Settings& settings) {
  datasets::TableOptions options;
  options.delimiter = delimiter_of(settings);
  options.header = header_of(settings);
  options.id_column = optional_text(settings, "id-col");
  options.label_column = optional_text(settings, "label-col");
  const std::string& kind = settings.text("label-kind");
  options.label_kind = kind == "auto"    ? datasets::LabelKind::automatic
                       : kind == "class" ? datasets::LabelKind::class_name
                                         : datasets::LabelKind::multi;
  return options;
}

datasets::TableOptions feature_options(const Settings& settings) {
  datasets::TableOptions options = table_options(settings);
  // In a table of features and labels the column of labels is not a feature.
  options.labels_elsewhere = settings.has("labels") && settings.text("labels") != optional_text(settings, "features");
  return options;
}

/// Features and labels, where they are given.
std::vector<datasets::NodeTable> node_tables(const Settings& settings) {
  std::vector<datasets::NodeTable> tables;
  const std::string features = optional_text(settings, "features");
  if (!features.empty() && features != "none") tables.push_back({features, feature_options(settings), false});
  if (settings.has("labels")) tables.push_back({settings.text("labels"), table_options(settings), true});
  return tables;
}

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

/// "data/follows.tsv.gz" is called "follows".
std::string name_of(const fs::path& file) {
  fs::path stem = file.filename();
  if (stem.extension() == ".gz") stem = stem.stem();
  return stem.stem().string();
}

/// The file of --edges, which is there.
const std::string& file_of_edges(const Settings& settings) {
  if (settings.given("data")) {
    fail(ErrorKind::usage, settings.where("edges"), ": does not go with ", settings.where("data"));
  }
  check_memory_of_files(settings);
  const std::string& file = settings.text("edges");
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    throw Error(ErrorKind::file, graphs::quote_for_message(file, 2000) + ": no such file",
                "known data sets are listed by 'gnn data list'");
  }
  return file;
}

/// work(), whose errors are those of the edges as a whole, which have no lines any more: they get the file's name.
template <class Work>
auto naming(const std::string& file, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    throw Error(error.kind(), graphs::quote_for_message(file, 2000) + ": " + error.what(), error.hint());
  }
}

void append(std::vector<std::string>& notes, std::vector<std::string> more) {
  for (std::string& note : more) notes.push_back(std::move(note));
}

}  // namespace

datasets::Dataset load_own_graph(const Settings& settings) {
  const std::string& file = file_of_edges(settings);
  datasets::Dataset data;
  data.name = name_of(file);
  datasets::RawEdges raw = datasets::read_edges(file, edge_options(settings));
  if (settings.text("isolated") == "add") datasets::add_isolated_nodes(raw, node_tables(settings));
  data.notes = std::move(raw.notes);
  data.node_names = std::move(raw.node_names);
  const auto how = graph_options(settings);
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
    datasets::Labels labels = datasets::read_labels(label_file, nodes, tables);
    data.labels = std::move(labels.labels);
    data.targets = std::move(labels.targets);
    data.num_classes = labels.num_classes;
    data.class_names = std::move(labels.class_names);
    append(data.notes, std::move(labels.notes));
  } else {
    data.labels.assign(std::size_t(data.num_nodes()), -1);
  }
  datasets::validate(data);
  return data;
}

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
  if (wish.find('=') == wish.npos || fs::exists(wish, ignored)) return read(data.target, wish);
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
    datasets::Labels labels = datasets::read_labels(settings.text("labels"), nodes, table_options(settings));
    data.labels = std::move(labels.labels);
    data.targets = std::move(labels.targets);
    data.num_classes = labels.num_classes;
    data.class_names = std::move(labels.class_names);
    append(data.notes, std::move(labels.notes));
  } else {
    data.labels.assign(std::size_t(type->count), -1);
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

void change_self_loops(datasets::Dataset& data, const std::string& wish) {
  if (wish == "keep") return;
  std::erase_if(data.notes, [](const std::string& note) { return note.ends_with(" self-loops kept"); });
  const graphs::EdgeList edges = data.graph.to_edges();
  const graphs::Transformed result = wish == "add"    ? graphs::add_self_loops(edges)
                                     : wish == "fill" ? graphs::fill_self_loops(edges)
                                                      : graphs::remove_self_loops(edges);
  data.graph = graphs::Csr::from_edges(result.edges);
  if (wish == "add") {
    data.notes.push_back(fmt::format("self-loops added to all nodes, {} of which had one", result.count));
  } else {
    data.notes.push_back(fmt::format("{} self-loops {}", result.count, wish == "fill" ? "added" : "removed"));
  }
}

}  // namespace gnn::apps
