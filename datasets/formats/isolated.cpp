// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/isolated.hpp>

#include <algorithm>

#include <datasets/formats/numbered_edges.hpp>
#include <datasets/formats/table_rows.hpp>
#include <datasets/formats/table_text.hpp>
#include <datasets/formats/text_numbers.hpp>
#include <datasets/input_file.hpp>
#include <graphs/sizes.hpp>

namespace gnn::datasets {
namespace {

/// Calls action(rows) for each row of a table of text with ids.
template <class Action>
void for_each_row(const NodeTable& table, const RawEdges& raw, Action action) {
  const InputFile file(table.path);
  if (!is_text_table(file)) return;
  const Nodes nodes{raw.edges.num_nodes, raw.node_names};
  TableRows rows(file.text(), file.name(), nodes, table.options,
                 table.is_labels ? TableRows::Content::labels : TableRows::Content::features);
  while (rows.has_ids() && rows.next_of_any_node()) action(rows, file);
}

/// Names in front of others move these up: edges follow.
void insert_names(RawEdges& raw, std::vector<std::string> names) {
  std::vector<std::string> all;
  all.reserve(raw.node_names.size() + names.size());
  std::merge(raw.node_names.begin(), raw.node_names.end(), names.begin(), names.end(), std::back_inserter(all));
  raw.edges.num_nodes = graphs::to_node_count(all.size());
  std::vector<NodeId> place(raw.node_names.size());
  for (std::size_t i = 0, j = 0; i < raw.node_names.size(); ++i) {
    while (all[j] != raw.node_names[i]) ++j;
    place[i] = static_cast<NodeId>(j);
  }
  for (auto* ends : {&raw.edges.source, &raw.edges.target}) {
    for (NodeId& node : *ends) node = place[static_cast<std::size_t>(node)];
  }
  raw.node_names = std::move(all);
}

}  // namespace

void add_isolated_nodes(RawEdges& raw, const std::vector<NodeTable>& tables) {
  const bool has_names = !raw.node_names.empty();
  const NodeId before = raw.edges.num_nodes;
  std::vector<std::string> names;
  std::uint64_t count = std::uint64_t(before);
  for (const NodeTable& table : tables) {
    for_each_row(table, raw, [&](const TableRows& rows, const InputFile& file) {
      if (has_names) {
        if (!std::ranges::binary_search(raw.node_names, rows.id())) names.emplace_back(rows.id());
      } else if (const auto number = decimal_to_integer(rows.id()); number && *number >= 0) {
        count = std::max(count, std::uint64_t(*number) + 1);
        check_node_count(count, std::max(file.text().size(), raw.edges.source.size()), file.name());
      }
    });
  }
  if (has_names) {
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (!names.empty()) insert_names(raw, std::move(names));
  } else {
    raw.edges.num_nodes = graphs::to_node_count(count);
  }
  const NodeId added = raw.edges.num_nodes - before;
  if (added > 0) raw.notes.push_back(std::to_string(added) + " nodes without edges added");
}

}  // namespace gnn::datasets
