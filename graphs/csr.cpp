// SPDX-License-Identifier: Apache-2.0
#include <graphs/csr.hpp>

#include <algorithm>
#include <compare>
#include <numeric>
#include <utility>

#include <graphs/build_csr.hpp>
#include <graphs/check_csr.hpp>
#include <graphs/parallel.hpp>

namespace gnn::graphs {
namespace {

/// Where each key starts once the edges are sorted by key; the last entry is the number of edges.
std::vector<EdgeOffset> count_offsets(std::span<const NodeId> key, NodeId num_keys) {
  std::vector<EdgeOffset> offsets(size_t(num_keys) + 1, 0);
  for (const NodeId k : key) ++offsets[size_t(k) + 1];
  std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
  return offsets;
}

bool rows_ascend(const Csr& graph) {
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    if (!std::ranges::is_sorted(graph.row(i))) return false;
  }
  return true;
}

std::vector<EdgeOffset> all_edges(size_t count) {
  std::vector<EdgeOffset> order(count);
  std::iota(order.begin(), order.end(), EdgeOffset(0));
  return order;
}

/// Counting sort: the edges of `order` by key[edge]; edges of one key stay in the order given.
std::vector<EdgeOffset> sort_by_key(std::span<const EdgeOffset> order, std::span<const NodeId> key,
                                    std::vector<EdgeOffset> next) {
  std::vector<EdgeOffset> sorted(order.size());
  for (const EdgeOffset e : order) sorted[size_t(next[size_t(key[size_t(e)])]++)] = e;
  return sorted;
}

/// Sorts every run of duplicates in `order` by weight.
void sort_duplicates_by_weight(const EdgeList& edges, std::vector<EdgeOffset>& order) {
  const auto is_other_edge = [&](EdgeOffset a, EdgeOffset b) {
    return edges.source[size_t(a)] != edges.source[size_t(b)] ||
           edges.target[size_t(a)] != edges.target[size_t(b)];
  };
  // strong_order also tells -0 from 0, which would otherwise stay as the list has them.
  const auto is_lighter = [&](EdgeOffset a, EdgeOffset b) {
    return std::strong_order(edges.weight[size_t(a)], edges.weight[size_t(b)]) < 0;
  };
  for (auto begin = order.begin(); begin != order.end();) {
    const auto end =
        std::find_if(begin + 1, order.end(), [&](EdgeOffset e) { return is_other_edge(*begin, e); });
    if (end - begin > 1) std::stable_sort(begin, end, is_lighter);
    begin = end;
  }
}

template <class T>
std::vector<T> gather(std::span<const T> values, std::span<const EdgeOffset> order) {
  std::vector<T> result;
  result.reserve(order.size());
  for (const EdgeOffset e : order) result.push_back(values[size_t(e)]);
  return result;
}

/// The row of every edge.
std::vector<NodeId> expand_rows(const Csr& graph) {
  std::vector<NodeId> target;
  target.reserve(graph.columns().size());
  for (NodeId i = 0; i < graph.num_rows(); ++i) target.insert(target.end(), graph.row(i).size(), i);
  return target;
}

}  // namespace

Csr::Csr(NodeId num_columns, SharedArray<EdgeOffset> offsets, SharedArray<NodeId> columns,
         SharedArray<float> weights)
    : num_columns_(num_columns),
      offsets_(std::move(offsets)),
      columns_(std::move(columns)),
      weights_(std::move(weights)) {
  check_csr(num_columns_, offsets_, columns_, weights_);
}

Csr::Csr(NodeId num_columns, std::vector<EdgeOffset> offsets, std::vector<NodeId> columns,
         std::vector<float> weights)
    : Csr(num_columns, SharedArray<EdgeOffset>(std::move(offsets)), SharedArray<NodeId>(std::move(columns)),
          SharedArray<float>(std::move(weights))) {}

Csr Csr::from_edges(const EdgeList& edges, std::vector<EdgeOffset>* position) {
  if (!position) {
    validate(edges);  // before it is copied
    return build_csr(EdgeList(edges)).graph;
  }
  validate(edges);

  // Least significant key first: both sorts are stable, so rows end up sorted by source.
  auto order = all_edges(edges.source.size());
  order = sort_by_key(order, edges.source, count_offsets(edges.source, edges.num_nodes));
  Csr result;
  result.num_columns_ = edges.num_nodes;
  result.offsets_ = count_offsets(edges.target, edges.num_nodes);
  order = sort_by_key(order, edges.target, result.offsets_.to_vector());
  if (edges.weighted()) sort_duplicates_by_weight(edges, order);

  result.columns_ = gather<NodeId>(edges.source, order);
  if (edges.weighted()) result.weights_ = gather<float>(edges.weight, order);
  position->resize(order.size());
  for (size_t place = 0; place < order.size(); ++place) {
    (*position)[size_t(order[place])] = static_cast<EdgeOffset>(place);
  }
  return result;
}

Csr Csr::transposed(std::vector<EdgeOffset>* edge) const {
  Csr result;
  result.num_columns_ = num_rows();
  result.offsets_ = count_offsets(columns_, num_columns_);
  std::vector<EdgeOffset> next = result.offsets_.to_vector();
  std::vector<NodeId> sources(columns_.size());
  std::vector<float> weights(weights_.size());
  if (edge) edge->resize(columns_.size());
  // The edges from `first` to `last` of row i. Rows are taken in their order, so those of the result ascend.
  const auto put = [&](NodeId i, size_t first, size_t last) {
    for (size_t e = first; e < last; ++e) {
      const auto place = size_t(next[size_t(columns_[e])]++);
      sources[place] = i;
      if (!weights.empty()) weights[place] = weights_[e];
      if (edge) (*edge)[place] = EdgeOffset(e);
    }
  };
  // In a large matrix whose rows ascend, a piece of the result's rows finds its edges in each row by bisection: pieces can be
  // filled side by side, and the places that are written at a time lie closer together. Each has about as many edges.
  constexpr size_t large = size_t(1) << 24, pieces = 32;
  const bool in_pieces = columns_.size() >= large && rows_ascend(*this);
  std::vector<NodeId> bounds = {0};
  for (size_t k = 1; in_pieces && k < pieces; ++k) {
    const auto edges = EdgeOffset(columns_.size() / pieces * k);
    const std::span<const EdgeOffset> all = result.offsets_;
    bounds.push_back(std::max(bounds.back(), NodeId(std::ranges::lower_bound(all, edges) - all.begin())));
  }
  bounds.push_back(num_columns_);
  parallel_for(bounds.size() - 1, [&](size_t k) {
    for (NodeId i = 0; i < num_rows(); ++i) {
      const auto first = size_t(offsets_[size_t(i)]), last = size_t(offsets_[size_t(i) + 1]);
      if (!in_pieces) {
        put(i, first, last);
        continue;
      }
      const std::span<const NodeId> of_row = row(i);
      const auto place = [&](NodeId bound) { return first + size_t(std::ranges::lower_bound(of_row, bound) - of_row.begin()); };
      put(i, place(bounds[k]), place(bounds[k + 1]));
    }
  });
  result.columns_ = std::move(sources);
  result.weights_ = std::move(weights);
  return result;
}

EdgeList Csr::to_edges() const {
  return {std::max(num_rows(), num_columns()), columns_.to_vector(), expand_rows(*this),
          weights_.to_vector()};
}

}  // namespace gnn::graphs
