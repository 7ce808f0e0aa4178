// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/hgb.hpp>

#include <algorithm>
#include <utility>

#include <datasets/input_file.hpp>
#include <datasets/sets/files.hpp>
#include <datasets/sets/hgb_info.hpp>
#include <datasets/sets/hgb_labels.hpp>
#include <datasets/sets/lines.hpp>
#include <graphs/error.hpp>
#include <graphs/sizes.hpp>
#include <graphs/transforms.hpp>

namespace gnn::datasets {
namespace {

/// Appends what is left of a line as a row; a type whose first row has no features has none.
void read_features(Lines& lines, Features& features) {
  std::size_t column = 0;
  const std::string_view row = lines.rest();
  while (lines.has_field()) {
    const std::string_view field = lines.field(',', "a feature");
    const float value = lines.real(field, "a finite feature");
    if (value != 0) {
      features.indices.push_back(static_cast<std::int32_t>(column));
      features.values.push_back(value);
    }
    ++column;
  }
  if (features.rows == 0) features.columns = column;
  if (column != features.columns) {
    lines.refuse(row, std::to_string(features.columns) + " features, as the first node of the type has");
  }
  ++features.rows;
  features.offsets.push_back(static_cast<std::int64_t>(features.values.size()));
}

void read_nodes(Lines lines, const HgbInfo& info, TypedDataset& data) {
  for (const std::string& type : info.types) data.graph.types.push_back({type, 0});
  data.features.resize(info.types.size());
  data.node_names.resize(info.types.size());
  std::int64_t next = 0, last_type = 0;
  for (; lines.next(); ++next) {
    graphs::to_node_count(static_cast<std::uint64_t>(next) + 1);
    lines.integer(lines.field('\t', "a node number"), next, next, "a node number");
    const std::string_view node_name = lines.field('\t', "the name of the node");
    const std::string_view type_field = lines.field('\t', "the type of the node");
    // Local numbers are the global ones less the first of the type, so types must stand together.
    last_type = lines.integer(type_field, last_type, std::int64_t(info.types.size()) - 1, "a node type");
    const auto type = static_cast<std::size_t>(last_type);
    ++data.graph.types[type].count;
    data.node_names[type].emplace_back(node_name);
    read_features(lines, data.features[type]);
  }
}

/// The number of the first node of each type, and behind them the number of all nodes.
std::vector<std::int64_t> first_nodes(const graphs::TypedGraph& graph) {
  std::vector<std::int64_t> first = {0};
  for (const graphs::NodeType& type : graph.types) first.push_back(first.back() + type.count);
  return first;
}

void read_links(Lines lines, const HgbInfo& info, TypedDataset& data) {
  const std::vector<std::int64_t> first = first_nodes(data.graph);
  std::vector<graphs::EdgeList> edges(info.links.size());
  bool weighted = false;
  while (lines.next()) {
    const std::string_view source = lines.field('\t', "the number of the source");
    const std::string_view target = lines.field('\t', "the number of the target");
    const std::string_view type = lines.field('\t', "a link type");
    const std::string_view weight = lines.field('\t', "a weight");
    lines.expect_end();
    const auto number = static_cast<std::size_t>(
        lines.integer(type, 0, std::int64_t(info.links.size()) - 1, "a link type of info.dat"));
    const HgbInfo::Link& link = info.links[number];
    const auto local = [&](std::string_view field, std::size_t node_type) {
      const std::string what = "a node of type " + std::to_string(node_type) + ",";
      return static_cast<NodeId>(lines.integer(field, first[node_type], first[node_type + 1] - 1, what) -
                                 first[node_type]);
    };
    edges[number].source.push_back(local(source, link.start));
    edges[number].target.push_back(local(target, link.end));
    edges[number].weight.push_back(lines.real(weight, "a finite weight"));
    weighted = weighted || edges[number].weight.back() != 1;
  }
  std::uint64_t merged = 0;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const NodeId sources = data.graph.types[info.links[i].start].count;
    const NodeId targets = data.graph.types[info.links[i].end].count;
    edges[i].num_nodes = std::max(sources, targets);
    if (!weighted) edges[i].weight.clear();
    graphs::Transformed single = graphs::merge_duplicates(edges[i]);
    edges[i] = {};
    merged += static_cast<std::uint64_t>(single.count);
    data.graph.relations.push_back({info.links[i].meaning, info.links[i].start, info.links[i].end,
                                    graphs::bipartite(single.edges, targets, sources)});
  }
  if (merged > 0) data.notes.push_back(std::to_string(merged) + " duplicate links merged");
}

}  // namespace

TypedDataset parse_hgb(const HgbText& text, const std::string& name, const std::filesystem::path& folder) {
  const auto file = [&](const char* part) { return (folder / part).string(); };
  const HgbInfo info = parse_hgb_info(text.info, file("info.dat"));
  TypedDataset data;
  data.name = name;
  read_nodes(Lines(text.nodes, file("node.dat")), info, data);
  read_links(Lines(text.links, file("link.dat")), info, data);
  read_hgb_labels(Lines(text.labels, file("label.dat")), Lines(text.test_labels, file("label.dat.test")), info, data);
  validate(data);
  return data;
}

TypedDataset read_hgb(const std::filesystem::path& folder, const std::string& name) {
  const auto open = [&](const char* part) { return InputFile(find_file(folder, part)); };
  const InputFile nodes = open("node.dat"), links = open("link.dat"), labels = open("label.dat");
  const InputFile test_labels = open("label.dat.test"), info = open("info.dat");
  return parse_hgb({nodes.text(), links.text(), labels.text(), test_labels.text(), info.text()}, name, folder);
}

}  // namespace gnn::datasets
