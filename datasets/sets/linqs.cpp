// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/linqs.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <datasets/in_quotes.hpp>
#include <datasets/input_file.hpp>
#include <datasets/sets/class_names.hpp>
#include <datasets/sets/files.hpp>
#include <datasets/sets/lines.hpp>
#include <datasets/sets/simple_graph.hpp>
#include <graphs/error.hpp>
#include <graphs/sizes.hpp>

namespace gnn::datasets {
namespace {

using Numbers = std::unordered_map<std::string_view, NodeId>;

/// Takes the features of a line, which are all fields but the last, and returns that one: the class.
std::string_view read_row(Lines& lines, Features& features) {
  std::size_t column = 0;
  for (;; ++column) {
    const std::string_view field = lines.field('\t', "a feature or the name of the class");
    if (!lines.has_field()) {
      if (features.rows == 0) features.columns = column;
      if (column != features.columns) {
        lines.refuse(field, "the class behind " + std::to_string(features.columns) + " features, as in line 1");
      }
      if (field.empty()) lines.refuse(field, "the name of the class");
      return field;
    }
    if (field == "0") continue;
    if (field != "1") lines.refuse(field, "a feature of 0 or 1");
    features.indices.push_back(static_cast<std::int32_t>(column));
    features.values.push_back(1);
  }
}

/// Fills all of the set but the graph. Returns the number of each paper.
Numbers read_content(Lines lines, Dataset& data) {
  Numbers numbers;
  std::vector<std::string_view> classes;
  while (lines.next()) {
    const std::string_view paper = lines.field('\t', "the name of a paper");
    if (paper.empty()) lines.refuse(paper, "the name of a paper");
    if (!numbers.emplace(paper, graphs::to_node_count(numbers.size())).second) {
      lines.refuse(paper, "each paper once");
    }
    data.node_names.emplace_back(paper);
    classes.push_back(read_row(lines, data.features));
    ++data.features.rows;
    data.features.offsets.push_back(static_cast<std::int64_t>(data.features.values.size()));
  }
  if (numbers.empty()) fail(ErrorKind::input, lines.file(), ": expected a line for each paper, found an empty file");
  number_classes(classes, data);
  return numbers;
}

graphs::EdgeList read_cites(Lines lines, const Numbers& numbers, std::vector<std::string>& notes) {
  graphs::EdgeList edges;
  edges.num_nodes = graphs::to_node_count(numbers.size());
  std::size_t unknown = 0;
  while (lines.next()) {
    const std::string_view cited = lines.field('\t', "the name of the cited paper");
    const std::string_view citing = lines.field('\t', "the name of the citing paper");
    lines.expect_end();
    for (const std::string_view paper : {cited, citing}) {
      if (paper.empty()) lines.refuse(paper, "the name of a paper");
    }
    const auto target = numbers.find(cited), source = numbers.find(citing);
    if (target == numbers.end() || source == numbers.end()) {
      ++unknown;
      continue;
    }
    edges.source.push_back(source->second);
    edges.target.push_back(target->second);
  }
  if (unknown > 0) notes.push_back(std::to_string(unknown) + " citations of papers without content left out");
  return edges;
}

}  // namespace

Dataset parse_linqs(std::string_view content, std::string_view cites, const std::string& name,
                    const std::string& content_file, const std::string& cites_file) {
  Dataset data;
  data.name = name;
  const Numbers numbers = read_content(Lines(content, content_file), data);
  data.graph = simple_graph(read_cites(Lines(cites, cites_file), numbers, data.notes), data.notes);
  validate(data);
  return data;
}

Dataset read_linqs(const std::filesystem::path& folder, const std::string& name) {
  const InputFile content(find_file(folder, name + ".content")), cites(find_file(folder, name + ".cites"));
  return parse_linqs(content.text(), cites.text(), name, content.name(), cites.name());
}

}  // namespace gnn::datasets
