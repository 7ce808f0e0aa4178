// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <optional>

#include <datasets/formats/edge_readers.hpp>
#include <datasets/formats/line_scanner.hpp>
#include <datasets/formats/numbered_edges.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/graphml.hpp>

namespace gnn::datasets {
namespace {

/// The names as numbers when all of them are, written as numbers usually are.
std::optional<std::vector<std::int64_t>> to_numbers(const std::vector<std::string>& names) {
  std::vector<std::int64_t> numbers;
  for (const std::string& name : names) {
    std::uint64_t number = 0;
    if (!parse_digits(name, number) || number >> 63 || (name.size() > 1 && name[0] == '0'))
      return std::nullopt;
    numbers.push_back(std::int64_t(number));
  }
  return numbers;
}

/// Nodes in the order of their names, or of the numbers that these are.
RawEdges sorted_by_name(graphs::GraphmlGraph& graph,
                        const std::optional<std::vector<std::int64_t>>& numbers) {
  const auto& names = graph.node_names;
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return numbers ? (*numbers)[a] < (*numbers)[b] : names[a] < names[b];
  });
  std::vector<NodeId> place(names.size());
  RawEdges raw;
  for (std::size_t i = 0; i < order.size(); ++i) {
    place[order[i]] = NodeId(i);
    raw.node_names.push_back(std::move(graph.node_names[order[i]]));
  }
  raw.edges = std::move(graph.edges);
  for (auto* ids : {&raw.edges.source, &raw.edges.target}) {
    for (NodeId& id : *ids) id = place[std::size_t(id)];
  }
  return raw;
}

}  // namespace

RawEdges read_graphml_edges(const InputFile& file, const EdgeOptions& options) {
  const std::string weight = options.weight_column.empty() ? "weight" : options.weight_column;
  graphs::GraphmlGraph graph = graphs::read_graphml(file.text(), file.name(), weight);
  if (!options.weight_column.empty() && !graph.edges.weighted() && graph.edges.num_edges() > 0) {
    fail(ErrorKind::input, file.name(), ": expected edges with the attribute ", in_quotes(weight),
         ", found none");
  }
  if (!options.type_column.empty()) {
    fail(ErrorKind::usage, file.name(), ": expected no type column with GraphML, found ",
         in_quotes(options.type_column));
  }
  const bool directed = graph.directed;
  const auto numbers = options.string_ids ? std::nullopt : to_numbers(graph.node_names);
  RawEdges raw;
  if (!numbers || options.relabel || numbers->empty()) {
    raw = sorted_by_name(graph, numbers);
  } else {
    std::vector<std::int64_t> source, target;
    for (const NodeId id : graph.edges.source) source.push_back((*numbers)[std::size_t(id)]);
    for (const NodeId id : graph.edges.target) target.push_back((*numbers)[std::size_t(id)]);
    const std::int64_t base = options.index_base.value_or(0);
    const std::int64_t largest = *std::max_element(numbers->begin(), numbers->end());
    if (*std::min_element(numbers->begin(), numbers->end()) < base) {
      fail(ErrorKind::input, file.name(), ": expected node numbers from ", base, ", found 0");
    }
    const auto declared = std::uint64_t(largest - base) + 1;
    raw =
        number_edges(source, target, std::move(graph.edges.weight), declared, options, file.name(),
                     [&](std::size_t edge, bool) { return file.name() + ": edge " + std::to_string(edge); });
  }
  raw.is_symmetric = !directed;
  return raw;
}

}  // namespace gnn::datasets
