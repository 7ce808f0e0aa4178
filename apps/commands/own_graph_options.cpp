// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/own_graph_options.hpp>

#include <array>
#include <filesystem>

#include <apps/commands/memory_budget.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::apps {
namespace {

using datasets::EdgeFormat;

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

}  // namespace

std::string optional_text(const Settings& settings, std::string_view name) {
  return settings.has(name) ? settings.text(name) : "";
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

std::vector<datasets::NodeTable> node_tables(const Settings& settings) {
  std::vector<datasets::NodeTable> tables;
  const std::string features = optional_text(settings, "features");
  if (!features.empty() && features != "none") tables.push_back({features, feature_options(settings), false});
  if (settings.has("labels")) tables.push_back({settings.text("labels"), table_options(settings), true});
  return tables;
}

const std::string& file_of_edges(const Settings& settings) {
  if (settings.given("data")) {
    fail(ErrorKind::usage, settings.where("edges"), ": does not go with ", settings.where("data"));
  }
  check_memory_of_files(settings);
  const std::string& file = settings.text("edges");
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    throw Error(ErrorKind::file, graphs::quote_for_message(file, 2000) + ": no such file",
                "known data sets are listed by 'gnn data list'");
  }
  return file;
}

}  // namespace gnn::apps
