// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/load_data.hpp>

#include <fmt/format.h>

#include <filesystem>

#include <apps/commands/folders.hpp>
#include <apps/commands/make_split.hpp>
#include <apps/commands/own_graph.hpp>
#include <datasets/formats/gnn_file.hpp>
#include <datasets/formats/json_dataset.hpp>
#include <datasets/formats/npz_dataset.hpp>
#include <datasets/registry.hpp>
#include <graphs/error.hpp>

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
  datasets::Dataset data = is_npz ? datasets::read_npz_dataset(file) : datasets::read_json_dataset(file);
  if (data.name.empty()) data.name = path.stem().string();
  return data;
}

/// --data-dir, or the cache when the set is not there.
fs::path folder_of(const std::string& name, const Settings& settings) {
  const fs::path data_dir = settings.has("data-dir") ? settings.text("data-dir") : "";
  const datasets::Known* known = datasets::find_known(name);
  const fs::path cache = cache_folder(settings);
  if (!known || cache.empty()) return data_dir;
  const bool here = !data_dir.empty() && datasets::known_folder(*known, data_dir);
  return !here && datasets::known_folder(*known, cache) ? cache : data_dir;
}

}  // namespace

AnyData load_any(const Settings& settings) {
  if (settings.has("edges")) return load_own_graph(settings);
  refuse_own_graph_options(settings);
  const std::string hint = "known data sets are listed by 'gnn data list'";
  if (!settings.has("data")) throw Error(ErrorKind::usage, "--data: no data set was given", hint);
  const std::string& name = settings.text("data");
  std::error_code ignored;
  if (fs::is_regular_file(name, ignored)) return load_file(name);
  const fs::path folder = folder_of(name, settings);
  if (datasets::is_typed(name, folder)) return datasets::load_typed(name, folder);
  return datasets::load(name, folder);
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

datasets::Dataset load_data(const Settings& settings) {
  datasets::Dataset data = load_unsplit(settings);
  data.split = make_split(data, settings);
  return data;
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
  if (data.split.val.empty()) output.warning("no node validates: the epoch that is kept cannot be chosen");
  if (data.split.test.empty()) output.warning("no node tests");
}

}  // namespace gnn::apps
