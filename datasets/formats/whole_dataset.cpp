// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/whole_dataset.hpp>

#include <algorithm>
#include <utility>

#include <graphs/error.hpp>
#include <graphs/transforms.hpp>

namespace gnn::datasets {
namespace {

bool is_symmetric(const graphs::Csr& graph) {
  const graphs::Csr turned = graph.transposed();
  const auto equal = [](const auto& a, const auto& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  };
  return equal(graph.offsets(), turned.offsets()) && equal(graph.columns(), turned.columns()) &&
         equal(graph.weights(), turned.weights());
}

void note_count(std::vector<std::string>& notes, std::int64_t count, const std::string& what) {
  if (count > 0) notes.push_back(std::to_string(count) + " " + what);
}

graphs::Csr make_graph(graphs::EdgeList edges, bool directed, std::vector<std::string>& notes) {
  graphs::Transformed merged = graphs::merge_duplicates(edges);
  edges = {};
  note_count(notes, std::int64_t(merged.count), "duplicate edges merged");
  std::int64_t loops = 0;
  for (std::size_t e = 0; e < merged.edges.source.size(); ++e)
    loops += merged.edges.source[e] == merged.edges.target[e];
  note_count(notes, loops, "self-loops");
  graphs::Csr graph = graphs::Csr::from_edges(merged.edges);
  if (directed || is_symmetric(graph)) return graph;

  graph = {};
  const auto before = merged.edges.num_edges();
  merged = graphs::merge_duplicates(graphs::symmetrise(merged.edges).edges);
  note_count(notes, std::int64_t(merged.edges.num_edges() - before), "reverse edges added");
  return graphs::Csr::from_edges(merged.edges);
}

}  // namespace

void finish_dataset(Dataset& data, RawEdges& raw, bool directed) {
  data.notes.insert(data.notes.end(), raw.notes.begin(), raw.notes.end());
  if (data.node_names.empty()) data.node_names = std::move(raw.node_names);
  data.graph = make_graph(std::move(raw.edges), directed, data.notes);
  const auto num_nodes = std::size_t(data.num_nodes());
  if (data.features.rows == 0 && data.features.columns == 0) {
    data.features.rows = num_nodes;
    data.features.offsets.assign(num_nodes + 1, 0);
  }
  if (data.labels.empty()) data.labels.assign(num_nodes, -1);
  validate(data);
}

void set_labels(Dataset& data, std::span<const std::int64_t> classes, const std::string& where) {
  // Each class costs memory in every model, so a single label may not ask for many more than there are nodes.
  const std::int64_t most = std::max<std::int64_t>(std::int64_t(1) << 16, std::int64_t(classes.size()));
  std::int64_t count = 0;
  data.labels.clear();
  for (std::size_t node = 0; node < classes.size(); ++node) {
    if (classes[node] < -1 || classes[node] >= most) {
      fail(ErrorKind::input, where, ": row ", node, ": expected a class from 0 to ", most - 1,
           ", or -1 where it is unknown, found ", classes[node]);
    }
    count = std::max(count, classes[node] + 1);
    data.labels.push_back(std::int32_t(classes[node]));
  }
  data.num_classes = std::int32_t(count);
}

void set_targets(Dataset& data, std::vector<std::uint8_t> targets, std::size_t classes) {
  data.labels.assign(classes > 0 ? targets.size() / classes : 0, 0);
  data.targets = std::move(targets);
  data.num_classes = std::int32_t(classes);
}

std::vector<NodeId> masked(std::span<const std::int64_t> mask) {
  std::vector<NodeId> nodes;
  for (std::size_t node = 0; node < mask.size(); ++node) {
    if (mask[node] != 0) nodes.push_back(NodeId(node));
  }
  return nodes;
}

}  // namespace gnn::datasets
