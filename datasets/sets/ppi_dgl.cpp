// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <datasets/sets/ppi.hpp>
#include <graphs/error.hpp>
#include <graphs/transforms.hpp>

namespace gnn::datasets {
namespace {

std::size_t at(NodeId node) { return static_cast<std::size_t>(node); }

/// The connected component of every node, numbered by their first nodes. The graph has both directions of every edge.
std::vector<NodeId> components(const graphs::Csr& graph) {
  std::vector<NodeId> component(at(graph.num_rows()), -1), waiting;
  NodeId count = 0;
  for (NodeId start = 0; start < graph.num_rows(); ++start) {
    if (component[at(start)] >= 0) continue;
    component[at(start)] = count;
    waiting.push_back(start);
    while (!waiting.empty()) {
      const NodeId node = waiting.back();
      waiting.pop_back();
      for (const NodeId next : graph.row(node)) {
        if (component[at(next)] >= 0) continue;
        component[at(next)] = count;
        waiting.push_back(next);
      }
    }
    ++count;
  }
  return component;
}

/// Which part of the split each graph belongs to: 0, 1 or 2.
std::vector<int> parts_of_graphs(const Dataset& data) {
  const auto num_graphs = data.graph_id.empty() ? 0 : at(data.graph_id.back()) + 1;
  std::vector<int> parts(num_graphs, -1);
  int k = 0;
  std::size_t placed = 0;
  for (const auto* nodes : {&data.split.train, &data.split.val, &data.split.test}) {
    for (const NodeId node : *nodes) {
      int& part = parts[at(data.graph_id[at(node)])];
      if (part >= 0 && part != k) {
        fail(ErrorKind::input, data.name, ": graph ", data.graph_id[at(node)],
             ": expected all nodes in one part of the split, found two parts");
      }
      part = k;
      ++placed;
    }
    ++k;
  }
  if (placed != data.labels.size()) {
    fail(ErrorKind::input, data.name, ": expected every node in a part of the split, found ", placed, " of ",
         data.labels.size());
  }
  return parts;
}

/// The graph id of every node in DGL's form.
std::vector<std::int32_t> dgl_graph_ids(const Dataset& data) {
  const std::vector<NodeId> component = components(data.graph);
  const std::vector<int> parts = parts_of_graphs(data);
  std::vector<NodeId> sizes;
  for (const NodeId c : component) {
    sizes.resize(std::max(sizes.size(), at(c) + 1));
    ++sizes[at(c)];
  }
  std::vector<NodeId> largest(parts.size(), -1);
  for (std::size_t node = 0; node < component.size(); ++node) {
    NodeId& best = largest[at(data.graph_id[node])];
    if (best < 0 || sizes[at(component[node])] > sizes[at(best)]) best = component[node];
  }
  std::vector<std::int32_t> ids(component.size());
  for (std::size_t node = 0; node < ids.size(); ++node) {
    const std::size_t graph = at(data.graph_id[node]);
    const auto first = std::find(parts.begin(), parts.end(), parts[graph]) - parts.begin();
    ids[node] = component[node] == largest[graph] ? data.graph_id[node] : static_cast<std::int32_t>(first);
  }
  return ids;
}

/// (x - mean) / deviation, both over the training nodes; what is constant there is divided by 1.
class Standardisation {
 public:
  Standardisation(const Features& features, const std::vector<NodeId>& train)
      : mean_(features.columns), scale_(features.columns) {
    const double count = static_cast<double>(train.size());
    for_each(features, train, [&](std::size_t column, double value) { mean_[column] += value; });
    for (double& mean : mean_) mean /= count;
    // Entries that are not stored are 0 and differ from the mean too.
    std::vector<double> stored(features.columns);
    for_each(features, train, [&](std::size_t column, double value) {
      scale_[column] += (value - mean_[column]) * (value - mean_[column]);
      stored[column] += 1;
    });
    for (std::size_t c = 0; c < scale_.size(); ++c) {
      const double variance = (scale_[c] + (count - stored[c]) * mean_[c] * mean_[c]) / count;
      scale_[c] = variance > 0 ? std::sqrt(variance) : 1;
    }
  }

  void append_row(const Features& from, std::size_t row, Features& to) const {
    auto next = static_cast<std::size_t>(from.offsets[row]);
    const auto end = static_cast<std::size_t>(from.offsets[row + 1]);
    for (std::size_t column = 0; column < from.columns; ++column) {
      const bool stored = next < end && at(from.indices[next]) == column;
      const double value = stored ? double(from.values[next++]) : 0;
      const auto scaled = static_cast<float>((value - mean_[column]) / scale_[column]);
      if (scaled == 0) continue;
      to.indices.push_back(static_cast<std::int32_t>(column));
      to.values.push_back(scaled);
    }
    to.offsets.push_back(static_cast<std::int64_t>(to.values.size()));
    ++to.rows;
  }

 private:
  template <class Visit>
  static void for_each(const Features& features, const std::vector<NodeId>& nodes, Visit visit) {
    for (const NodeId node : nodes) {
      for (auto i = features.offsets[at(node)]; i < features.offsets[at(node) + 1]; ++i) {
        visit(at(features.indices[static_cast<std::size_t>(i)]), double(features.values[static_cast<std::size_t>(i)]));
      }
    }
  }

  std::vector<double> mean_, scale_;
};

}  // namespace

Dataset derive_dgl_ppi(const Dataset& graphsage) {
  if (graphsage.graph_id.empty() || graphsage.split.train.empty()) {
    fail(ErrorKind::input, graphsage.name, ": expected graph ids and training nodes, found none");
  }
  const std::vector<std::int32_t> ids = dgl_graph_ids(graphsage);
  std::vector<NodeId> order(ids.size()), place(ids.size());
  std::iota(order.begin(), order.end(), NodeId(0));
  std::stable_sort(order.begin(), order.end(), [&](NodeId a, NodeId b) { return ids[at(a)] < ids[at(b)]; });
  for (std::size_t i = 0; i < order.size(); ++i) place[at(order[i])] = static_cast<NodeId>(i);

  Dataset data;
  data.name = "ppi-dgl";
  data.num_classes = graphsage.num_classes;
  data.class_names = graphsage.class_names;
  data.notes = graphsage.notes;
  data.features.columns = graphsage.features.columns;
  const Standardisation standardisation(graphsage.features, graphsage.split.train);
  const auto classes = static_cast<std::ptrdiff_t>(data.num_classes);
  for (const NodeId node : order) {
    standardisation.append_row(graphsage.features, at(node), data.features);
    data.labels.push_back(graphsage.labels[at(node)]);
    data.graph_id.push_back(ids[at(node)]);
    if (!graphsage.exact_rows.empty()) data.exact_rows.push_back(graphsage.exact_rows[at(node)]);
    if (graphsage.targets.empty()) continue;
    const auto row = graphsage.targets.begin() + std::ptrdiff_t(node) * classes;
    data.targets.insert(data.targets.end(), row, row + classes);
  }
  graphs::EdgeList edges = graphsage.graph.to_edges();
  for (NodeId& node : edges.source) node = place[at(node)];
  for (NodeId& node : edges.target) node = place[at(node)];
  data.graph = graphs::Csr::from_edges(graphs::add_self_loops(edges).edges);
  data.split = graphsage.split;
  for (auto* part : {&data.split.train, &data.split.val, &data.split.test}) {
    for (NodeId& node : *part) node = place[at(node)];
    std::sort(part->begin(), part->end());
  }
  data.notes.push_back("features standardised, one self-loop added to each node");
  validate(data);
  return data;
}

}  // namespace gnn::datasets
