// SPDX-License-Identifier: Apache-2.0
#include <gnn/core/adjacency.hpp>

#include <algorithm>

namespace gnn::inline GNN_PRECISION {
namespace {

// How many edges with the same ends stand before each; empty when no edge has a duplicate.
std::vector<std::uint32_t> duplicate_ranks(const graphs::Csr& csr) {
  std::vector<std::uint32_t> rank(csr.columns().size());
  bool found = false;
  for (NodeId i = 0; i < csr.num_rows(); ++i) {
    const std::size_t begin = std::size_t(csr.offsets()[std::size_t(i)]), end = std::size_t(csr.offsets()[std::size_t(i) + 1]);
    for (std::size_t e = begin + 1; e < end; ++e) {
      if (csr.columns()[e] != csr.columns()[e - 1]) continue;
      rank[e] = rank[e - 1] + 1;
      found = true;
    }
  }
  if (!found) rank.clear();
  return rank;
}

}  // namespace

std::vector<NodeId> balanced_blocks(std::span<const EdgeOffset> offsets) {
  constexpr std::int64_t row_cost = 4, least = 1024, most_blocks = 256;
  const std::int64_t rows = std::int64_t(offsets.size()) - 1;
  const std::int64_t total = std::int64_t(offsets.back()) + row_cost * rows;
  const std::int64_t wanted = std::max(least, total / most_blocks);
  std::vector<NodeId> blocks = {0};
  std::int64_t cost = 0;
  for (std::int64_t i = 0; i < rows; ++i) {
    cost += row_cost + std::int64_t(offsets[std::size_t(i) + 1] - offsets[std::size_t(i)]);
    if (cost >= wanted || i + 1 == rows) {
      blocks.push_back(NodeId(i + 1));
      cost = 0;
    }
  }
  return blocks;
}

CsrArrays::CsrArrays(const std::shared_ptr<Pool>& pool, const graphs::Csr& csr, std::span<const EdgeOffset> edge_,
                     std::span<const std::uint32_t> rank_)
    : num_columns(csr.num_columns()), offsets(pool, csr.offsets()), columns(pool, csr.columns()) {
  if (!edge_.empty()) edge = {pool, edge_};
  if (!rank_.empty()) rank = {pool, rank_};
  const std::vector<Real> numbers(csr.weights().begin(), csr.weights().end());
  if (!numbers.empty()) weights = {pool, std::span<const Real>(numbers)};
  blocks = {pool, std::span<const NodeId>(balanced_blocks(csr.offsets()))};
}

CsrView CsrArrays::view() const {
  CsrView view;
  view.num_rows = NodeId(offsets.size() ? offsets.size() - 1 : 0);
  view.num_columns = num_columns;
  view.offsets = offsets.data();
  view.columns = columns.data();
  view.edge = edge.data();
  view.rank = rank.data();
  view.weights = weights.data();
  view.blocks = blocks.data();
  view.num_blocks = blocks.size() ? blocks.size() - 1 : 0;
  view.num_edges = EdgeOffset(columns.size());
  return view;
}

Adjacency::Adjacency(const std::shared_ptr<Pool>& pool, const graphs::Csr& csr, std::span<const NodeId> ids) {
  const std::vector<std::uint32_t> rank = duplicate_ranks(csr);
  std::vector<EdgeOffset> edge;
  const graphs::Csr transposed = csr.transposed(&edge);
  std::vector<std::uint32_t> out_rank;
  if (!rank.empty()) {
    out_rank.resize(rank.size());
    std::transform(edge.begin(), edge.end(), out_rank.begin(), [&](EdgeOffset e) { return rank[std::size_t(e)]; });
  }
  in_ = {pool, csr, {}, rank};
  out_ = {pool, transposed, edge, out_rank};
  if (!ids.empty()) ids_ = {pool, ids};
  symmetric_ = std::ranges::equal(csr.offsets(), transposed.offsets()) && std::ranges::equal(csr.columns(), transposed.columns()) &&
               std::ranges::equal(csr.weights(), transposed.weights());
}

}  // namespace gnn::inline GNN_PRECISION
