// SPDX-License-Identifier: Apache-2.0
#include <graphs/receptive_field.hpp>

#include <algorithm>

#include <graphs/error.hpp>

namespace gnn::graphs {
namespace {

// The edges into `targets`, and their sources. place is scratch: -1 for every node before and after.
Hop one_hop(const Csr& graph, std::span<const NodeId> targets, std::vector<NodeId>& place) {
  std::vector<NodeId> ids(targets.begin(), targets.end());
  for (const NodeId i : targets) place[std::size_t(i)] = 0;
  for (const NodeId i : targets) {
    for (const NodeId j : graph.row(i)) {
      if (place[std::size_t(j)] < 0) ids.push_back(j);
      place[std::size_t(j)] = 0;
    }
  }
  std::sort(ids.begin() + std::ptrdiff_t(targets.size()), ids.end());
  for (std::size_t k = 0; k < ids.size(); ++k) place[std::size_t(ids[k])] = NodeId(k);

  std::vector<EdgeOffset> offsets = {0};
  std::vector<NodeId> columns;
  std::vector<float> weights;
  for (const NodeId i : targets) {
    const std::size_t first = std::size_t(graph.offsets()[std::size_t(i)]);
    for (std::size_t k = 0; k < graph.row(i).size(); ++k) {
      columns.push_back(place[std::size_t(graph.row(i)[k])]);
      if (!graph.weights().empty()) weights.push_back(graph.weights()[first + k]);
    }
    offsets.push_back(EdgeOffset(columns.size()));
  }
  for (const NodeId i : ids) place[std::size_t(i)] = -1;
  const NodeId num_sources = NodeId(ids.size());
  return {Csr(num_sources, std::move(offsets), std::move(columns), std::move(weights)), std::move(ids)};
}

}  // namespace

std::vector<Hop> receptive_field(const Csr& graph, std::span<const NodeId> targets, std::size_t hops) {
  for (std::size_t k = 0; k < targets.size(); ++k) {
    if (targets[k] < 0 || targets[k] >= graph.num_rows()) {
      fail(ErrorKind::input, "receptive field: expected a node below ", +graph.num_rows(), ", found ", +targets[k]);
    }
    if (k > 0 && targets[k] <= targets[k - 1]) fail(ErrorKind::input, "receptive field: targets must ascend");
  }
  std::vector<NodeId> place(std::size_t(graph.num_rows()), NodeId(-1));
  std::vector<Hop> field(hops);
  std::vector<NodeId> wanted(targets.begin(), targets.end());
  for (std::size_t k = hops; k-- > 0;) {
    // Sources come as two ascending runs; as targets of the hop before they keep that order.
    // A hop that reaches no further node repeats itself.
    const bool closed = k + 1 < hops && field[k + 1].ids.size() == std::size_t(field[k + 1].edges.num_rows());
    field[k] = closed ? field[k + 1] : one_hop(graph, wanted, place);
    wanted = field[k].ids;
  }
  return field;
}

std::int64_t count_receptive_edges(const Csr& graph, std::span<const NodeId> targets, std::size_t hops) {
  std::vector<bool> reached(std::size_t(graph.num_rows()));
  std::vector<NodeId> fresh(targets.begin(), targets.end()), next;
  for (const NodeId i : targets) reached[std::size_t(i)] = true;
  std::int64_t of_hop = 0, sum = 0;
  for (std::size_t k = 0; k < hops; ++k) {
    for (const NodeId i : fresh) {
      of_hop += std::int64_t(graph.row(i).size());
      for (const NodeId j : graph.row(i)) {
        if (!reached[std::size_t(j)]) next.push_back(j);
        reached[std::size_t(j)] = true;
      }
    }
    sum += of_hop;
    fresh.swap(next);
    next.clear();
  }
  return sum;
}

}  // namespace gnn::graphs
