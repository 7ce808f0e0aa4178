// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/geom_gcn.hpp>

#include <algorithm>
#include <utility>

#include <datasets/input_file.hpp>
#include <datasets/sets/files.hpp>
#include <datasets/sets/lines.hpp>
#include <datasets/sets/simple_graph.hpp>
#include <graphs/error.hpp>
#include <graphs/sizes.hpp>

namespace gnn::datasets {
namespace {

/// Where the lines of the file of nodes stand, by node.
struct NodeLines {
  std::vector<std::string_view> lines;  ///< in the order of the file
  std::vector<NodeId> line_of;          ///< of each node
  bool indices = false;                 ///< features are numbers of columns
};

/// Finds the line of each node. Nodes are 0 to the number of lines less 1, in any order.
NodeLines find_lines(Lines lines) {
  NodeLines result;
  if (!lines.next() || !lines.line().starts_with("node_id")) {
    fail(ErrorKind::input, lines.file(), ":1:1: expected a header that begins with 'node_id', found none");
  }
  result.indices = lines.line().find("feature_amount") != std::string_view::npos;
  while (lines.next()) result.lines.push_back(lines.line());
  const NodeId count = graphs::to_node_count(result.lines.size());
  result.line_of.assign(result.lines.size(), -1);
  for (NodeId i = 0; i < count; ++i) {
    const std::string_view line = result.lines[static_cast<std::size_t>(i)];
    Lines fields(line, line, static_cast<std::size_t>(i) + 2, lines.file());
    const std::string_view field = fields.field('\t', "a node number");
    const auto node = static_cast<std::size_t>(fields.integer(field, 0, std::int64_t(count) - 1, "a node number"));
    if (result.line_of[node] >= 0) fields.refuse(field, "each node once");
    result.line_of[node] = i;
  }
  return result;
}

/// Appends a row of 0 and 1.
void read_values(Lines& lines, Features& features) {
  const std::string_view row = lines.rest();
  std::size_t column = 0;
  while (lines.has_field()) {
    const std::string_view field = lines.field(',', "a feature");
    if (field == "1") {
      features.indices.push_back(static_cast<std::int32_t>(column));
      features.values.push_back(1);
    } else if (field != "0") {
      lines.refuse(field, "a feature of 0 or 1");
    }
    ++column;
  }
  if (features.rows == 0) features.columns = column;
  if (column != features.columns) {
    lines.refuse(row, std::to_string(features.columns) + " features, as node 0 has");
  }
}

/// Appends a row of column numbers in any order. Returns whether one was there twice.
bool read_indices(Lines& lines, std::int64_t most, Features& features) {
  const auto begin = static_cast<std::ptrdiff_t>(features.indices.size());
  while (lines.has_field() && !lines.rest().empty()) {
    const std::string_view field = lines.field(',', "the number of a feature");
    const auto index = lines.integer(field, 0, most, "the number of a feature");
    features.indices.push_back(static_cast<std::int32_t>(index));
    features.columns = std::max(features.columns, static_cast<std::size_t>(index) + 1);
  }
  const auto row = features.indices.begin() + begin;
  std::sort(row, features.indices.end());
  const auto end = std::unique(row, features.indices.end());
  const bool repeats = end != features.indices.end();
  features.indices.erase(end, features.indices.end());
  features.values.resize(features.indices.size(), 1);
  return repeats;
}

void read_nodes(std::string_view text, const std::string& file, Dataset& data) {
  const NodeLines found = find_lines(Lines(text, file));
  // A weight matrix has a row a feature, so a wild number must not pass.
  const auto most = std::clamp<std::int64_t>(std::int64_t(text.size()), std::int64_t(1) << 20, 2147483646);
  std::size_t repeats = 0;
  for (const NodeId place : found.line_of) {
    const std::string_view line = found.lines[static_cast<std::size_t>(place)];
    Lines lines(line, line, static_cast<std::size_t>(place) + 2, file);
    lines.field('\t', "a node number");
    const std::string_view row = lines.field('\t', "the features");
    const std::string_view label = lines.field('\t', "the class");
    lines.expect_end();
    Lines features(row, line, lines.number(), file);
    if (found.indices) {
      repeats += read_indices(features, most, data.features);
    } else {
      read_values(features, data.features);
    }
    ++data.features.rows;
    data.features.offsets.push_back(static_cast<std::int64_t>(data.features.values.size()));
    const std::int64_t most_classes = std::int64_t(found.lines.size()) - 1;  // there are no more classes than nodes
    data.labels.push_back(static_cast<std::int32_t>(lines.integer(label, 0, most_classes, "a class")));
    data.num_classes = std::max(data.num_classes, data.labels.back() + 1);
  }
  if (repeats > 0) data.notes.push_back(std::to_string(repeats) + " nodes name a feature twice");
}

graphs::EdgeList read_edge_lines(Lines lines, NodeId num_nodes) {
  graphs::EdgeList edges;
  edges.num_nodes = num_nodes;
  if (!lines.next() || !lines.line().starts_with("node_id")) {
    fail(ErrorKind::input, lines.file(), ":1:1: expected a header that begins with 'node_id', found none");
  }
  while (lines.next()) {
    for (auto* end : {&edges.source, &edges.target}) {
      const std::string_view field = lines.field('\t', "a node number");
      end->push_back(static_cast<NodeId>(lines.integer(field, 0, std::int64_t(num_nodes) - 1, "a node number")));
    }
    lines.expect_end();
  }
  return edges;
}

}  // namespace

Dataset parse_geom_gcn(std::string_view nodes, std::string_view edges, const std::string& name,
                       const std::string& nodes_file, const std::string& edges_file) {
  Dataset data;
  data.name = name;
  read_nodes(nodes, nodes_file, data);
  const NodeId num_nodes = graphs::to_node_count(data.labels.size());
  data.graph = simple_graph(read_edge_lines(Lines(edges, edges_file), num_nodes), data.notes);
  validate(data);
  return data;
}

Dataset read_geom_gcn(const std::filesystem::path& folder, const std::string& name) {
  const InputFile nodes(find_file(folder, "out1_node_feature_label.txt"));
  const InputFile edges(find_file(folder, "out1_graph_edges.txt"));
  Dataset data = parse_geom_gcn(nodes.text(), edges.text(), name, nodes.name(), edges.name());
  if (has_geom_splits(folder)) data.split = geom_split(data, folder, 0);
  return data;
}

}  // namespace gnn::datasets
