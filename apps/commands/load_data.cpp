// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/load_data.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include <apps/commands/folders.hpp>
#include <apps/commands/make_split.hpp>
#include <apps/commands/own_graph.hpp>
#include <datasets/formats/gnn_file.hpp>
#include <datasets/formats/json_dataset.hpp>
#include <datasets/formats/npz_dataset.hpp>
#include <datasets/in_quotes.hpp>
#include <datasets/registry.hpp>
#include <gnn/layers/config.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>
#include <graphs/self_loops.hpp>

namespace gnn::apps {
namespace {

namespace fs = std::filesystem;
using AnyData = std::variant<datasets::Dataset, datasets::TypedDataset>;

bool is_typed_gnn_file(const fs::path& path) { return datasets::GnnFile(path).is_typed(); }

/// A file that holds a whole data set, told by its content.
AnyData load_file(const fs::path& path) {
  if (datasets::is_gnn_file(path)) {
    if (is_typed_gnn_file(path)) return datasets::read_typed_gnn_file(path);
    return datasets::read_gnn_file(path);
  }
  const datasets::InputFile file(path);
  const bool is_npz = file.text().starts_with("PK") || path.extension() == ".npz";
  try {
    datasets::Dataset data = is_npz ? datasets::read_npz_dataset(file) : datasets::read_json_dataset(file);
    if (data.name.empty()) data.name = path.stem().string();
    return data;
  } catch (const Error& error) {
    if (is_npz || path.extension() == ".json" || error.kind() != ErrorKind::input) throw;
    throw Error(error.kind(), error.what(), "a list of edges is read with --edges");
  }
}

/// Makes the type of --target the one that is classified: the type with labels, or any when there are none.
void choose_target(datasets::TypedDataset& data, const Settings& settings) {
  const std::vector<graphs::NodeType>& types = data.graph.types;
  const std::string& wish = settings.text("target");
  const auto found = std::ranges::find(types, wish, &graphs::NodeType::name);
  if (found == types.end()) {
    std::string known;
    for (const graphs::NodeType& type : types) known += known.empty() ? type.name : ", " + type.name;
    fail(ErrorKind::mismatch, settings.where("target"), ": expected a node type of ", data.name, ", one of ",
         graphs::quote_for_message(known, 2000), ", found ", datasets::in_quotes(wish));
  }
  const auto target = std::size_t(found - types.begin());
  if (target == data.target) return;
  if (data.num_classes > 0) {
    fail(ErrorKind::mismatch, settings.where("target"), ": ", data.name, " has labels of ",
         graphs::quote_for_message(types[data.target].name), ", none of ", graphs::quote_for_message(wish));
  }
  data.target = target;
  data.labels.assign(std::size_t(types[target].count), -1);
  data.split = {};
}

/// "x.gnn" and "sets/x" can only be meant as a path.
bool looks_like_path(const std::string& name) {
  return name.find('/') != name.npos || fs::path(name).has_extension();
}

constexpr const char* list_hint = "known data sets are listed by 'gnn data list'";

/// What cannot be there is said in the words of this program, which has a cache and a network.
void refuse_missing(const std::string& name, const fs::path& folder, const Settings& settings) {
  std::error_code ignored;
  if (fs::exists(name, ignored) || (!folder.empty() && fs::exists(folder / name, ignored))) return;
  const datasets::Known* known = datasets::find_known(name);
  if (!known) {
    if (!looks_like_path(name)) return;
    throw Error(ErrorKind::file, graphs::quote_for_message(name, 2000) + ": no such file", list_hint);
  }
  if (known->name == "cora" || (!folder.empty() && datasets::known_folder(*known, folder))) return;
  if (settings.on("offline")) {
    throw Error(ErrorKind::network, name + " is not in the cache and --offline is set",
                "gnn data fetch " + name + " --from DIR");
  }
}

bool has_own_plain_graph(const Settings& settings) {
  return settings.has("edges") && !(settings.has("type") && settings.has("target"));
}

AnyData load_as_is(const Settings& settings) {
  if (has_own_plain_graph(settings)) return load_own_graph(settings);
  if (settings.has("edges")) return load_own_typed_graph(settings);
  refuse_own_graph_options(settings);
  if (!settings.has("data")) throw Error(ErrorKind::usage, "--data: no data set was given", list_hint);
  const std::string& name = settings.text("data");
  std::error_code ignored;
  if (fs::is_regular_file(name, ignored)) return load_file(name);
  const fs::path folder = folder_of_set(name, settings);
  refuse_missing(name, folder, settings);
  if (datasets::is_typed(name, folder)) return datasets::load_typed(name, folder);
  return datasets::load(name, folder);
}

/// What --self-loops asks for, in a graph that is there already.
void change_self_loops(datasets::Dataset& data, graphs::SelfLoops wish) {
  if (wish == graphs::SelfLoops::keep) return;
  const graphs::Csr before = std::exchange(data.graph, graphs::with_self_loops(data.graph, wish));
  const std::int64_t more = std::int64_t(data.graph.num_edges()) - std::int64_t(before.num_edges());
  if (wish == graphs::SelfLoops::add) {
    data.notes.push_back(fmt::format("self-loops added to all nodes, {} of which had one", data.num_nodes() - more));
  } else {
    data.notes.push_back(fmt::format("{} self-loops {}", std::abs(more), wish == graphs::SelfLoops::fill ? "added" : "removed"));
  }
}

}  // namespace

AnyData load_any(const Settings& settings) {
  AnyData any = load_as_is(settings);
  if (!settings.has("target")) return any;
  auto* typed = std::get_if<datasets::TypedDataset>(&any);
  if (!typed) {
    fail(ErrorKind::mismatch, settings.where("target"), ": is for typed graphs, ",
         graphs::quote_for_message(std::get<datasets::Dataset>(any).name), " has nodes of one type");
  }
  choose_target(*typed, settings);
  return any;
}

AnyData load_as_wished(const Settings& settings) {
  const graphs::SelfLoops wish = parse_self_loops(settings.text("self-loops"));
  if (has_own_plain_graph(settings) && !settings.has("target")) return load_own_graph(settings, wish);
  AnyData any = load_any(settings);
  if (const auto* typed = std::get_if<datasets::TypedDataset>(&any); typed && settings.on("merge-types")) any = datasets::merge_types(*typed);
  if (auto* data = std::get_if<datasets::Dataset>(&any)) change_self_loops(*data, wish);
  return any;
}

datasets::Dataset load_unsplit(const Settings& settings) {
  AnyData any = load_any(settings);
  if (auto* typed = std::get_if<datasets::TypedDataset>(&any)) {
    if (!settings.on("merge-types")) {
      throw Error(ErrorKind::mismatch,
                  fmt::format("{} is a typed graph of {} node types and {} relations, this needs a plain one", typed->name,
                              typed->graph.types.size(), typed->graph.relations.size()),
                  "--merge-types takes it as one plain graph");
    }
    any = datasets::merge_types(*typed);
  }
  return std::get<datasets::Dataset>(std::move(any));
}

datasets::Dataset load_unsplit(const Settings& settings, const LayerKind& kind) {
  if (!kind.is_typed) return load_unsplit(settings);
  AnyData any = load_any(settings);
  auto* typed = std::get_if<datasets::TypedDataset>(&any);
  if (!typed || settings.on("merge-types")) {
    const std::string& name = typed ? typed->name : std::get<datasets::Dataset>(any).name;
    throw Error(ErrorKind::mismatch,
                fmt::format("{} is a plain graph{}, {} needs a typed one", graphs::quote_for_message(name),
                            typed ? " with --merge-types" : "", kind.name),
                settings.has("edges") ? "--type COL and --target TYPE, for edges of types called SOURCE-TARGET" : "");
  }
  const std::size_t added = graphs::add_reverse_relations(typed->graph);
  if (added > 0) typed->notes.push_back(fmt::format("{} relations added: the others in their other direction", added));
  return datasets::target_nodes(std::move(*typed));
}

datasets::Dataset load_data(const Settings& settings, const LayerKind& kind) {
  datasets::Dataset data = load_unsplit(settings, kind);
  data.split = make_split(data, settings);
  return data;
}

void fail_without_labels(const datasets::Dataset& data, const Settings& settings) {
  throw Error(ErrorKind::mismatch, graphs::quote_for_message(data.name) + ": expected labels of some nodes, found none",
              settings.has("edges") && !settings.has("labels") ? "--labels FILE" : "");
}

void warn_about(const datasets::Dataset& data, Output& output) {
  const auto num_classes = static_cast<std::size_t>(data.num_classes);
  std::vector<std::int64_t> training(num_classes);
  for (NodeId node : data.split.train) {
    const auto i = static_cast<std::size_t>(node);
    if (data.labels[i] < 0) continue;
    if (!data.multi_label()) ++training[static_cast<std::size_t>(data.labels[i])];
    for (std::size_t c = 0; data.multi_label() && c < num_classes; ++c) training[c] += data.targets[i * num_classes + c];
  }
  for (std::size_t c = 0; c < training.size(); ++c) {
    if (training[c] == 0) output.warning(fmt::format("class {} has no training node", c));
  }
  std::size_t unlabelled = 0;
  for (const auto* part : {&data.split.train, &data.split.val, &data.split.test}) {
    for (const NodeId node : *part) unlabelled += data.labels[static_cast<std::size_t>(node)] < 0;
  }
  if (unlabelled > 0) output.warning(fmt::format("{} nodes of the split have no label and do not count", unlabelled));
  if (data.split.val.empty()) output.warning("no node validates: the epoch that is kept cannot be chosen");
  if (data.split.test.empty()) output.warning("no node tests");
}

}  // namespace gnn::apps
