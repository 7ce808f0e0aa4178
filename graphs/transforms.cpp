// SPDX-License-Identifier: Apache-2.0
#include <graphs/transforms.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <graphs/csr.hpp>
#include <graphs/sizes.hpp>

namespace gnn::graphs {
namespace {

/// The duplicates of one edge stand side by side in a sorted CSR matrix: calls visit(target, begin, end) for
/// every run of equal columns, with its places in columns().
template <class Visit>
void for_each_run(const Csr& graph, Visit visit) {
  for (NodeId target = 0; target < graph.num_rows(); ++target) {
    const auto row_end = size_t(graph.offsets()[size_t(target) + 1]);
    for (auto begin = size_t(graph.offsets()[size_t(target)]); begin < row_end;) {
      size_t end = begin + 1;
      while (end < row_end && graph.columns()[end] == graph.columns()[begin]) ++end;
      visit(target, begin, end);
      begin = end;
    }
  }
}

}  // namespace

Transformed symmetrise(const EdgeList& edges) {
  validate(edges);
  const size_t given = edges.source.size();
  size_t added = 0;
  for (size_t e = 0; e < given; ++e) added += edges.source[e] != edges.target[e];
  to_edge_count(given + added);

  EdgeList result = edges;
  for (size_t e = 0; e < given; ++e) {
    if (edges.source[e] == edges.target[e]) continue;
    result.source.push_back(edges.target[e]);
    result.target.push_back(edges.source[e]);
    if (edges.weighted()) result.weight.push_back(edges.weight[e]);
  }
  return {std::move(result), static_cast<EdgeOffset>(added)};
}

Transformed merge_duplicates(const EdgeList& edges) {
  const Csr graph = Csr::from_edges(edges);
  EdgeList result;
  result.num_nodes = edges.num_nodes;
  for_each_run(graph, [&](NodeId target, size_t begin, size_t end) {
    const NodeId source = graph.columns()[begin];
    result.source.push_back(source);
    result.target.push_back(target);
    if (!edges.weighted()) return;
    // The run is sorted by weight, so the sum is rounded alike for every order of the list.
    double sum = 0;
    for (const float weight : graph.weights().subspan(begin, end - begin)) sum += double(weight);
    const float merged = static_cast<float>(sum);
    if (!std::isfinite(merged)) {
      fail(ErrorKind::input, "edge list: the weights of edge ", +source, " -> ", +target, " add up to ", sum,
           ", too large for float");
    }
    result.weight.push_back(merged);
  });
  const auto removed = static_cast<EdgeOffset>(graph.num_edges() - result.num_edges());
  return {std::move(result), removed};
}

void check_no_duplicates(const EdgeList& edges) {
  const Csr graph = Csr::from_edges(edges);
  for_each_run(graph, [&](NodeId target, size_t begin, size_t end) {
    if (end - begin == 1) return;
    fail(ErrorKind::input, "edge list: edge ", +graph.columns()[begin], " -> ", +target, " occurs ",
         end - begin, " times");
  });
}

Transformed remove_self_loops(const EdgeList& edges) {
  validate(edges);
  EdgeList result;
  result.num_nodes = edges.num_nodes;
  for (size_t e = 0; e < edges.source.size(); ++e) {
    if (edges.source[e] == edges.target[e]) continue;
    result.source.push_back(edges.source[e]);
    result.target.push_back(edges.target[e]);
    if (edges.weighted()) result.weight.push_back(edges.weight[e]);
  }
  const auto removed = static_cast<EdgeOffset>(edges.num_edges() - result.num_edges());
  return {std::move(result), removed};
}

Transformed add_self_loops(const EdgeList& edges) {
  Transformed result = remove_self_loops(edges);
  EdgeList& list = result.edges;
  to_edge_count(list.source.size() + size_t(list.num_nodes));
  for (NodeId i = 0; i < list.num_nodes; ++i) {
    list.source.push_back(i);
    list.target.push_back(i);
    if (edges.weighted()) list.weight.push_back(1);
  }
  return result;
}

Transformed fill_self_loops(const EdgeList& edges) {
  validate(edges);
  std::vector<bool> has(size_t(edges.num_nodes));
  for (size_t e = 0; e < edges.source.size(); ++e) {
    if (edges.source[e] == edges.target[e]) has[size_t(edges.source[e])] = true;
  }
  const size_t added = size_t(std::count(has.begin(), has.end(), false));
  to_edge_count(edges.source.size() + added);
  EdgeList result = edges;
  for (NodeId i = 0; i < edges.num_nodes; ++i) {
    if (has[size_t(i)]) continue;
    result.source.push_back(i);
    result.target.push_back(i);
    if (edges.weighted()) result.weight.push_back(1);
  }
  return {std::move(result), static_cast<EdgeOffset>(added)};
}

}  // namespace gnn::graphs
