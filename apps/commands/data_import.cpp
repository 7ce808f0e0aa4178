// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>

#include <apps/commands/command.hpp>
#include <apps/commands/load_data.hpp>
#include <apps/commands/make_split.hpp>
#include <datasets/formats/gnn_file.hpp>
#include <datasets/in_quotes.hpp>
#include <datasets/splits.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>
#include <graphs/quote.hpp>

namespace gnn::apps {
namespace {

namespace fs = std::filesystem;

std::string shown(const fs::path& path) { return graphs::quote_for_message(path.native(), 2000); }

/// Said before the work, so that it is not done in vain.
void refuse_existing(const fs::path& path, const Settings& settings) {
  std::error_code ignored;
  if (!settings.on("force") && fs::exists(path, ignored)) {
    throw Error(ErrorKind::usage, settings.where("out") + ": " + shown(path) + " exists", "--force overwrites it");
  }
}

void report(const datasets::Dataset& data, Output& output, Event& event) {
  output.line(fmt::format("data    {}  {} nodes, {} edges, {} features, {} classes", data.name, grouped(data.num_nodes()),
                          grouped(data.graph.num_edges()), data.features.columns, data.num_classes));
  for (const std::string& note : data.notes) output.line("note    " + note);
  event.add("data", data.name).add("nodes", data.num_nodes()).add("edges", data.graph.num_edges());
  event.add("features", data.features.columns).add("classes", data.num_classes).add("notes", data.notes);
}

void report(const datasets::TypedDataset& data, Output& output, Event& event) {
  output.line(fmt::format("data    {}  {} node types, {} relations, {} classes", data.name, data.graph.types.size(),
                          data.graph.relations.size(), data.num_classes));
  for (const std::string& note : data.notes) output.line("note    " + note);
  event.add("data", data.name).add("types", data.graph.types.size()).add("relations", data.graph.relations.size());
  event.add("classes", data.num_classes).add("notes", data.notes);
}

void add_nodes(const datasets::Split& split, Event& event) {
  const auto add = [&](std::string_view key, const std::vector<NodeId>& nodes) {
    event.add(key, std::vector<std::int64_t>(nodes.begin(), nodes.end()));
  };
  add("train_nodes", split.train);
  add("val_nodes", split.val);
  add("test_nodes", split.test);
}

}  // namespace

int data_import(Settings& settings, Output& output) {
  if (!settings.has("out")) throw Error(ErrorKind::usage, "--out: no file to write was given", "-o FILE.gnn");
  const fs::path out = settings.text("out");
  if (out.extension() != ".gnn") {
    fail(ErrorKind::usage, settings.where("out"), ": expected a name that ends in .gnn, found '", shown(out), "'");
  }
  refuse_existing(out, settings);
  auto any = load_as_wished(settings);
  Event event("import");
  if (auto* typed = std::get_if<datasets::TypedDataset>(&any)) {
    datasets::write_gnn_file(out, *typed);
    report(*typed, output, event);
  } else {
    auto& data = std::get<datasets::Dataset>(any);
    if (settings.given("split")) data.split = make_split(data, settings);
    datasets::write_gnn_file(out, data);
    report(data, output, event);
  }
  std::error_code ignored;
  output.line(fmt::format("saved   {}   {} bytes", shown(out), grouped(std::int64_t(fs::file_size(out, ignored)))));
  output.event(event.add("out", out.string()));
  return 0;
}

int data_split(Settings& settings, Output& output) {
  const datasets::Dataset data = load_unsplit(settings);
  const std::vector<datasets::Split> splits = make_splits(data, settings);
  // Ways that draw from the labelled nodes have then drawn from none.
  const bool is_empty = splits[0].train.empty() && splits[0].val.empty() && splits[0].test.empty();
  if (is_empty && data.num_classes == 0) fail_without_labels(data, settings);
  const std::string& out = settings.text("out");
  const bool names_file = fs::path(out).extension() == ".csv" || fs::path(out).extension() == ".json";
  if (out != "-" && names_file != (splits.size() == 1)) {
    fail(ErrorKind::usage, settings.where("out"), ": expected ",
         splits.size() == 1 ? "FILE.json or FILE.csv" : fmt::format("a folder for {} splits", splits.size()), ", found ",
         datasets::in_quotes(out));
  }
  if (out == "-") {
    for (const datasets::Split& split : splits) {
      std::string text = datasets::to_json(split);
      text.pop_back();  // line() ends the line
      output.line(text);
    }
  } else if (splits.size() == 1) {
    refuse_existing(out, settings);
    const bool csv = fs::path(out).extension() == ".csv";
    const std::string text = csv ? datasets::to_csv(splits[0], data.node_names) : datasets::to_json(splits[0]);
    graphs::write_file_atomically(out, std::as_bytes(std::span(text)));
  } else {
    refuse_existing(out, settings);
    std::error_code error;
    fs::create_directories(out, error);
    if (error) fail(ErrorKind::file, out, ": cannot make the folder: ", error.message());
    for (const datasets::Split& split : splits) {
      const std::string text = datasets::to_json(split);
      graphs::write_file_atomically(fs::path(out) / (split.name + ".json"), std::as_bytes(std::span(text)));
    }
  }
  for (const datasets::Split& split : splits) {
    output.note(fmt::format("{}  {} train / {} val / {} test", split.name, split.train.size(), split.val.size(),
                            split.test.size()));
    Event event("split");
    event.add("split", split.name).add("train", split.train.size()).add("val", split.val.size());
    event.add("test", split.test.size());
    if (out == "-") add_nodes(split, event);  // else the result would be told to nobody
    output.event(event);
  }
  return 0;
}

}  // namespace gnn::apps
