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

// The ordered pairs of different nodes that no edge joins in either direction.
std::vector<NodeId> list_non_edges(const graphs::Csr& csr, const GraphPart& part) {
  const std::size_t first = std::size_t(part.first_node), n = std::size_t(part.num_nodes);
  std::vector<bool> joined(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    joined[i * n + i] = true;
    for (const NodeId source : csr.row(NodeId(first + i))) {
      const std::size_t j = std::size_t(source) - first;
      joined[i * n + j] = joined[j * n + i] = true;
    }
  }
  std::vector<NodeId> pairs;
  for (std::size_t k = 0; k < n * n; ++k) {
    if (!joined[k]) pairs.insert(pairs.end(), {NodeId(first + k / n), NodeId(first + k % n)});
  }
  return pairs;
}

std::vector<GraphPart> graph_parts(const std::shared_ptr<Pool>& pool, const graphs::Csr& csr, std::span<const NodeId> ids,
                                   std::span<const NodeId> first_nodes) {
  std::vector<GraphPart> parts;
  for (std::size_t g = 0; g < std::max<std::size_t>(1, first_nodes.size()); ++g) {
    GraphPart part;
    part.first_node = first_nodes.empty() ? 0 : first_nodes[g];
    const NodeId last = g + 1 < first_nodes.size() ? first_nodes[g + 1] : csr.num_rows();
    part.num_nodes = last - part.first_node;
    part.num_edges = csr.offsets()[std::size_t(last)] - csr.offsets()[std::size_t(part.first_node)];
    part.first_id = ids.empty() ? part.first_node : ids[std::size_t(part.first_node)];
    // Edges join at most two ordered pairs each, so that in a graph that is not dense half of all pairs are free.
    const std::int64_t n = part.num_nodes;
    part.dense = csr.num_rows() == csr.num_columns() && 4 * std::int64_t(part.num_edges) > n * (n - 1);
    if (part.dense) part.non_edges = {pool, std::span<const NodeId>(list_non_edges(csr, part))};
    parts.push_back(std::move(part));
  }
  return parts;
}

// From how many edges on a row of a small graph is shared: those far above the mean. A block spends more on bringing together a row of
// about the mean length than it saves; with 16 for all graphs, an epoch on PPI's, 28 edges a row, took a seventh longer.
EdgeOffset longest_short_row(const graphs::Csr& csr) {
  const EdgeOffset rows = std::max<EdgeOffset>(1, csr.num_rows()), least = 16;
  return std::max(least, 2 * EdgeOffset(csr.num_edges()) / rows);
}

bool has_ascending_rows(const graphs::Csr& csr) {
  for (NodeId i = 0; i < csr.num_rows(); ++i) {
    if (!std::ranges::is_sorted(csr.row(i))) return false;
  }
  return true;
}

}  // namespace

std::vector<RowPart> long_row_parts(std::span<const EdgeOffset> offsets, EdgeOffset longest_short, EdgeOffset most, std::size_t& slots) {
  constexpr EdgeOffset most_parts = 4096;  // of about equal size, in a matrix of long rows only
  most = std::max(most, offsets.back() / most_parts);
  std::vector<RowPart> found;
  slots = 0;
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    const EdgeOffset edges = offsets[i + 1] - offsets[i];
    if (edges <= longest_short) continue;
    const std::uint32_t parts = std::uint32_t((edges + most - 1) / most), slot = parts > 1 ? std::uint32_t(slots) : 0;
    const EdgeOffset piece = (edges + EdgeOffset(parts) - 1) / EdgeOffset(parts);
    for (std::uint32_t k = 0; k < parts; ++k) {
      const EdgeOffset first = offsets[i] + std::min(edges, EdgeOffset(k) * piece);
      found.push_back({NodeId(i), k, parts, slot, first, std::min(first + piece, offsets[i + 1])});
    }
    if (parts > 1) slots += parts;
  }
  return found;
}

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
    : CsrArrays(pool, csr, edge_, rank_, longest_short_row(csr)) {}

CsrArrays::CsrArrays(const std::shared_ptr<Pool>& pool, const graphs::Csr& csr, std::span<const EdgeOffset> edge_,
                     std::span<const std::uint32_t> rank_, EdgeOffset longest_short_)
    : num_columns(csr.num_columns()), offsets(pool, csr.offsets()), columns(pool, csr.columns()) {
  if (!edge_.empty()) edge = {pool, edge_};
  if (!rank_.empty()) rank = {pool, rank_};
  const std::vector<Real> numbers(csr.weights().begin(), csr.weights().end());
  if (!numbers.empty()) weights = {pool, std::span<const Real>(numbers)};
  blocks = {pool, std::span<const NodeId>(balanced_blocks(csr.offsets()))};
  if (pool->device().kind == Device::cpu) return;  // what follows is for the kernels of a GPU
  ascending = has_ascending_rows(csr);
  // In a small matrix the longest row is what all others wait for; in a large one there are enough rows to go on with.
  const bool small = csr.num_rows() < 16384;
  longest_short = small ? longest_short_ : 256;
  const std::vector<RowPart> of_rows = long_row_parts(csr.offsets(), longest_short, small ? 256 : 2048, num_slots);
  parts = {pool, std::span<const RowPart>(of_rows)};
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
  view.ascending = ascending;
  view.parts = parts.data();
  view.num_parts = parts.size();
  view.num_slots = num_slots;
  view.longest_short = longest_short;
  return view;
}

Adjacency::Adjacency(const std::shared_ptr<Pool>& pool, const graphs::Csr& csr, std::span<const NodeId> ids,
                     std::span<const NodeId> first_nodes)
    : graphs_(std::make_shared<const std::vector<GraphPart>>(graph_parts(pool, csr, ids, first_nodes))) {
  const std::vector<std::uint32_t> rank = duplicate_ranks(csr);
  std::vector<EdgeOffset> edge;
  const graphs::Csr transposed = csr.transposed(&edge);
  std::vector<std::uint32_t> out_rank;
  if (!rank.empty()) {
    out_rank.resize(rank.size());
    std::transform(edge.begin(), edge.end(), out_rank.begin(), [&](EdgeOffset e) { return rank[std::size_t(e)]; });
  }
  in_ = {pool, csr, {}, rank};
  symmetric_ = std::ranges::equal(csr.offsets(), transposed.offsets()) && std::ranges::equal(csr.columns(), transposed.columns()) &&
               std::ranges::equal(csr.weights(), transposed.weights());
  if (symmetric_) {
    out_ = in_;
    out_.edge = {pool, std::span<const EdgeOffset>(edge)};
    if (!rank.empty()) out_.rank = {pool, std::span<const std::uint32_t>(out_rank)};
  } else {
    out_ = {pool, transposed, edge, out_rank};
  }
  if (!ids.empty()) ids_ = {pool, ids};
}

}  // namespace gnn::inline GNN_PRECISION
