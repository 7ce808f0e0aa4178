// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/make_split.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string_view>

#include <apps/commands/folders.hpp>
#include <datasets/formats/tables.hpp>
#include <datasets/in_quotes.hpp>
#include <datasets/registry.hpp>
#include <datasets/splits.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {
namespace {

/// "ratio:0.6/0.2" cut up: a way and up to two numbers.
struct Wish {
  std::string_view way;
  std::optional<double> first, second;
};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0) || std::isinf(value)) return std::nullopt;
  return value;
}

/// What a file would hardly be called; none when the text is no such wish, or its numbers are none.
std::optional<Wish> parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  Wish wish{text.substr(0, colon), {}, {}};
  constexpr std::string_view ways[] = {"public", "random", "ratio", "kfold", "graph", "geom"};
  if (std::find(std::begin(ways), std::end(ways), wish.way) == std::end(ways)) return std::nullopt;
  if (colon == text.npos) return wish;
  const std::string_view numbers = text.substr(colon + 1);
  const std::size_t slash = numbers.find('/');
  wish.first = number(numbers.substr(0, slash));
  if (!wish.first) return std::nullopt;
  if (slash == numbers.npos) return wish;
  wish.second = number(numbers.substr(slash + 1));
  if (!wish.second) return std::nullopt;
  return wish;
}

std::size_t whole(const Settings& settings, std::optional<double> value, std::size_t fallback) {
  if (!value) return fallback;
  constexpr double most = 1e15;  // whole numbers are exact so far
  if (*value > most || *value != std::floor(*value)) {
    fail(ErrorKind::usage, settings.where("split"), ": expected a whole number, found ", *value);
  }
  return std::size_t(*value);
}

// The sets that are published with splits have ten of them.
std::size_t published_number(const Settings& settings, std::optional<double> first, std::size_t further) {
  const std::size_t number = whole(settings, first, 0);
  return further == 0 ? number : (number + further) % 10;
}

datasets::Split file_split(const datasets::Dataset& data, const Settings& settings) {
  const std::string& text = settings.text("split");
  std::error_code ignored;
  // "random:x" is no name of a file, unless there is one.
  if (parse(text.substr(0, text.find(':'))) && text.find(':') != text.npos && !std::filesystem::exists(text, ignored)) {
    fail(ErrorKind::usage, settings.where("split"), ": expected ", text.substr(0, text.find(':')),
         ": with one or two numbers and / between them, found ", datasets::in_quotes(text));
  }
  return datasets::read_split(settings.text("split"), {data.num_nodes(), data.node_names});
}

}  // namespace

std::vector<datasets::Split> make_splits(const datasets::Dataset& data, const Settings& settings, int run) {
  const bool is_public = !data.split.train.empty() || !data.split.test.empty();
  const std::string wish_text = settings.has("split") ? settings.text("split") : is_public ? "public" : "ratio";
  const std::optional<Wish> wish = parse(wish_text);
  if (!wish) return {file_split(data, settings)};
  const std::size_t further = settings.on("split-per-run") ? std::size_t(run) : 0;
  const auto seed = static_cast<std::uint64_t>(settings.integer("split-seed")) + further;
  const auto refuse = [&](auto... what) { fail(ErrorKind::usage, settings.where("split"), ": ", what...); };
  try {
    if (wish->way == "public") {
      if (!is_public) refuse(data.name, " has no public split");
      return {data.split};
    }
    if (wish->way == "random") {
      return {datasets::random_split(data.labels, whole(settings, wish->first, 20), whole(settings, wish->second, 30), seed)};
    }
    if (wish->way == "ratio") {
      return {datasets::ratio_split(data.labels, wish->first.value_or(0.6), wish->second.value_or(0.2), seed)};
    }
    if (wish->way == "graph") {
      if (data.graph_id.empty()) refuse(data.name, " is a single graph");
      return {datasets::graph_split(data.graph_id, wish->first.value_or(0.6), wish->second.value_or(0.2), seed)};
    }
    if (wish->way == "geom") {
      const std::string name = settings.has("data") ? settings.text("data") : "";
      std::error_code ignored;
      if (name.empty() || std::filesystem::is_regular_file(name, ignored)) refuse(data.name, " has no published splits");
      return {datasets::published_split(data, name, folder_of_set(name, settings), published_number(settings, wish->first, further))};
    }
    const std::vector<datasets::Split> folds = datasets::kfold_splits(data.labels, whole(settings, wish->first, 5), seed - further);
    if (!wish->second) return folds;
    const std::size_t fold = whole(settings, wish->second, 0);
    if (fold >= folds.size()) refuse("expected a fold below ", folds.size(), ", found ", fold);
    return {folds[(fold + further) % folds.size()]};
  } catch (const Error& error) {
    // The library names no option.
    const std::string text = error.what();
    if (error.kind() != ErrorKind::usage || text.starts_with(settings.has("split") ? settings.where("split") : "--split")) throw;
    throw Error(ErrorKind::usage, (settings.has("split") ? settings.where("split") : "--split") + ": " + text, error.hint());
  }
}

datasets::Split make_split(const datasets::Dataset& data, const Settings& settings, int run) {
  std::vector<datasets::Split> splits = make_splits(data, settings, run);
  if (splits.size() != 1) {
    throw Error(ErrorKind::usage, settings.where("split") + ": expected one split, found " + std::to_string(splits.size()),
                "name a fold: " + settings.text("split") + "/0");
  }
  return std::move(splits.front());
}

}  // namespace gnn::apps
