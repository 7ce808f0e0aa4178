// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <graphs/build_csr.hpp>
#include <graphs/csr.hpp>
#include <graphs/error.hpp>
#include <graphs/sizes.hpp>

/// Graphs from arrays that the caller has, with indices of any width. Everything is checked before anything
/// is made: a bad array gives Error(input), in one sentence.
namespace gnn::graphs {

template <class T>
concept Index = std::integral<T> && !std::same_as<T, bool>;

/// `value` as a node below num_nodes; `what` and `at` say where it stands.
template <Index T>
NodeId to_node(T value, NodeId num_nodes, const char* what, std::size_t at) {
  if (std::cmp_less(value, 0) || std::cmp_greater_equal(value, num_nodes)) {
    fail(ErrorKind::input, what, " ", at, ": expected a node below ", +num_nodes, ", found ", +value);
  }
  return static_cast<NodeId>(value);
}

namespace detail {

/// The same array where its type is the wanted one, else a copy, every value checked by `convert(value,
/// place)`.
template <class To, class From, class Convert>
SharedArray<To> share_or_convert(std::span<const From> values, const std::shared_ptr<const void>& owner,
                                 const Convert& convert) {
  if constexpr (std::is_same_v<To, From>) {
    return SharedArray<To>(values, owner);
  } else {
    std::vector<To> copy(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) copy[i] = convert(values[i], i);
    return SharedArray<To>(std::move(copy));
  }
}

}  // namespace detail

/// A matrix over the caller's arrays: row i holds the edges into node i, columns[k] is the source of edge k,
/// weights are empty or one an edge. Arrays of EdgeOffset, NodeId and float are used where they lie, without
/// a copy; others are converted. `owner` is kept as long as the matrix needs the arrays; without one they
/// must outlive it and all its copies. Throws Error(input) unless offsets start at 0, never fall and end at
/// the number of edges, columns lie in [0, num_columns) and weights are finite.
template <Index Offset, Index Node>
Csr csr_over(NodeId num_columns, std::span<const Offset> offsets, std::span<const Node> columns,
             std::span<const float> weights = {}, const std::shared_ptr<const void>& owner = nullptr) {
  if (offsets.empty()) fail(ErrorKind::input, "offsets: expected one a row and one more, found none");
  to_node_count(offsets.size() - 1);
  to_edge_count(columns.size());
  const auto offset = [&](Offset value, std::size_t at) {
    if (std::cmp_less(value, 0) || std::cmp_greater(value, columns.size())) {
      fail(ErrorKind::input, "offset ", at, ": expected 0 to ", columns.size(),
           ", the number of columns, found ", +value);
    }
    return static_cast<EdgeOffset>(value);
  };
  return Csr(num_columns, detail::share_or_convert<EdgeOffset>(offsets, owner, offset),
             detail::share_or_convert<NodeId>(
                 columns, owner,
                 [&](Node value, std::size_t at) { return to_node(value, num_columns, "column", at); }),
             SharedArray<float>(weights, owner));
}

/// A matrix of edges in coordinates: edge k goes from source[k] to target[k]. weights: empty, or one an edge.
/// Throws Error(input) when lengths differ or an index is no node, and as build_csr() does.
template <Index Node>
Csr csr_from_coo(NodeId num_nodes, std::span<const Node> source, std::span<const Node> target,
                 std::span<const float> weights = {}, const CsrOptions& options = {}) {
  if (source.size() != target.size()) {
    fail(ErrorKind::input, "edges: expected as many targets as sources, found ", target.size(), " and ",
         source.size());
  }
  EdgeList list{num_nodes,
                std::vector<NodeId>(source.size()),
                std::vector<NodeId>(source.size()),
                {weights.begin(), weights.end()}};
  for (std::size_t k = 0; k < source.size(); ++k) {
    list.source[k] = to_node(source[k], num_nodes, "source of edge", k);
    list.target[k] = to_node(target[k], num_nodes, "target of edge", k);
  }
  return build_csr(std::move(list), options).graph;
}

/// The same for pairs (source, target): std::pair, or arrays of two.
template <Index Node>
Csr csr_from_pairs(NodeId num_nodes, std::span<const std::pair<Node, Node>> pairs,
                   std::span<const float> weights = {}, const CsrOptions& options = {}) {
  EdgeList list{num_nodes,
                std::vector<NodeId>(pairs.size()),
                std::vector<NodeId>(pairs.size()),
                {weights.begin(), weights.end()}};
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    list.source[k] = to_node(pairs[k].first, num_nodes, "source of edge", k);
    list.target[k] = to_node(pairs[k].second, num_nodes, "target of edge", k);
  }
  return build_csr(std::move(list), options).graph;
}

template <Index Node>
Csr csr_from_pairs(NodeId num_nodes, std::span<const std::array<Node, 2>> pairs,
                   std::span<const float> weights = {}, const CsrOptions& options = {}) {
  EdgeList list{num_nodes,
                std::vector<NodeId>(pairs.size()),
                std::vector<NodeId>(pairs.size()),
                {weights.begin(), weights.end()}};
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    list.source[k] = to_node(pairs[k][0], num_nodes, "source of edge", k);
    list.target[k] = to_node(pairs[k][1], num_nodes, "target of edge", k);
  }
  return build_csr(std::move(list), options).graph;
}

}  // namespace gnn::graphs
