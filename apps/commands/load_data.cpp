// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/load_data.hpp>

#include <fmt/format.h>

#include <datasets/registry.hpp>
#include <datasets/splits.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::apps {
namespace {

datasets::Split make_split(const datasets::Dataset& data, const Settings& settings) {
  const bool is_public = !data.split.train.empty();
  const std::string wish = settings.has("split") ? settings.text("split") : is_public ? "public" : "ratio";
  const auto seed = static_cast<std::uint64_t>(settings.integer("split-seed"));
  if (wish == "public") {
    if (!is_public) fail(ErrorKind::usage, settings.where("split"), ": ", data.name, " has no public split");
    return data.split;
  }
  if (wish == "ratio") return datasets::ratio_split(data.labels, 0.6, 0.2, seed);
  if (wish == "random") return datasets::random_split(data.labels, 20, 30, seed);
  const graphs::MappedFile file(wish);
  return datasets::split_from_json(file.text(), wish, data.num_nodes());
}

}  // namespace

datasets::Dataset load_data(const Settings& settings) {
  const std::string hint = "known data sets are listed by 'gnn data list'";
  if (!settings.has("data")) throw Error(ErrorKind::usage, "--data: no data set was given", hint);
  const std::string folder = settings.has("data-dir") ? settings.text("data-dir") : "";
  datasets::Dataset data = datasets::load(settings.text("data"), folder);
  data.split = make_split(data, settings);
  return data;
}

void warn_about(const datasets::Dataset& data, Output& output) {
  std::vector<std::int64_t> training(static_cast<std::size_t>(data.num_classes));
  for (NodeId node : data.split.train) {
    const std::int32_t label = data.labels[static_cast<std::size_t>(node)];
    if (label >= 0) ++training[static_cast<std::size_t>(label)];
  }
  for (std::size_t c = 0; c < training.size(); ++c) {
    if (training[c] == 0) output.warning(fmt::format("class {} has no training node", c));
  }
  if (data.split.val.empty()) output.warning("no node validates: the epoch that is kept cannot be chosen");
  if (data.split.test.empty()) output.warning("no node tests");
}

}  // namespace gnn::apps
