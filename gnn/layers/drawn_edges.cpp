// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/drawn_edges.hpp>

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace gnn::inline GNN_PRECISION {
namespace {

std::uint64_t draw(const PhiloxWords& counter, const Dropout& address) {
  const PhiloxWords words = philox(counter, address.key0(), address.key1());
  return std::uint64_t(words[0]) << 32 | words[1];
}

// A draw that belongs to a cell, whatever else is drawn.
std::uint64_t draw_at(std::size_t row, std::size_t column, const Dropout& address) {
  return draw(edge_counter(std::uint32_t(row), std::uint32_t(column), 0, 0, address.stream, address.step), address);
}

bool is_edge(const graphs::Csr& edges, std::uint64_t cell) {
  const std::uint64_t columns = std::uint64_t(edges.num_columns());
  const auto row = edges.row(NodeId(cell / columns));
  return std::ranges::binary_search(row, NodeId(cell % columns));
}

graphs::Csr from_cells(const graphs::Csr& shape, std::vector<std::uint64_t> cells) {
  std::ranges::sort(cells);
  const std::uint64_t width = std::uint64_t(shape.num_columns());
  std::vector<EdgeOffset> offsets = {0};
  std::vector<NodeId> columns;
  for (std::size_t i = 0, k = 0; i < std::size_t(shape.num_rows()); ++i) {
    for (; k < cells.size() && cells[k] / width == i; ++k) columns.push_back(NodeId(cells[k] % width));
    offsets.push_back(EdgeOffset(columns.size()));
  }
  return graphs::Csr(shape.num_columns(), std::move(offsets), std::move(columns));
}

// Few of many cells: one after the other, until enough of them are new and no edges.
std::vector<std::uint64_t> draw_sparse(const graphs::Csr& edges, std::uint64_t cells, std::size_t count, const Dropout& address) {
  std::vector<std::uint64_t> chosen;
  std::unordered_set<std::uint64_t> seen;
  for (std::uint64_t k = 0; chosen.size() < count; ++k) {
    const std::uint64_t word = draw(feature_counter(4 * k, address.stream, address.step), address);
    const auto cell = std::uint64_t((static_cast<unsigned __int128>(word) * cells) >> 64);
    if (!is_edge(edges, cell) && seen.insert(cell).second) chosen.push_back(cell);
  }
  return chosen;
}

// Most of the cells: all that are no edges, those with the smallest draws first.
std::vector<std::uint64_t> draw_dense(const graphs::Csr& edges, std::uint64_t cells, std::size_t count, const Dropout& address) {
  const std::uint64_t columns = std::uint64_t(edges.num_columns());
  std::vector<std::pair<std::uint64_t, std::uint64_t>> keys;
  for (std::uint64_t cell = 0; cell < cells; ++cell) {
    if (!is_edge(edges, cell)) keys.emplace_back(draw_at(std::size_t(cell / columns), std::size_t(cell % columns), address), cell);
  }
  std::ranges::nth_element(keys, keys.begin() + std::ptrdiff_t(count));
  std::vector<std::uint64_t> chosen(count);
  for (std::size_t k = 0; k < count; ++k) chosen[k] = keys[k].second;
  return chosen;
}

}  // namespace

graphs::NumberedEdges draw_edges(const graphs::NumberedEdges& all, std::size_t count, const Dropout& address) {
  if (count >= all.values.size()) return all;
  std::vector<std::pair<double, std::size_t>> keys(all.values.size());
  for (std::size_t i = 0; i + 1 < all.edges.offsets().size(); ++i) {
    for (std::size_t e = std::size_t(all.edges.offsets()[i]); e < std::size_t(all.edges.offsets()[i + 1]); ++e) {
      const std::uint64_t word = draw_at(i, std::size_t(all.edges.columns()[e]), address);
      const double u = (double(word >> 11) + 0.5) * 0x1p-53;
      keys[e] = {-std::log(u) / all.values[e], e};  // the smallest are chosen
    }
  }
  std::ranges::nth_element(keys, keys.begin() + std::ptrdiff_t(count));
  std::vector<char> keep(all.values.size(), 0);
  for (std::size_t k = 0; k < count; ++k) keep[keys[k].second] = 1;
  return graphs::some_edges(all, keep);
}

graphs::Csr draw_missing_edges(const graphs::Csr& edges, std::size_t count, const Dropout& address) {
  const std::uint64_t cells = std::uint64_t(edges.num_rows()) * std::uint64_t(edges.num_columns());
  const std::uint64_t missing = cells - std::uint64_t(edges.num_edges());
  count = std::size_t(std::min<std::uint64_t>(count, missing));
  // With a quarter of all cells still free at the end, four draws find a new one in the mean.
  const bool sparse = 4 * std::uint64_t(count) <= cells && 2 * missing >= cells;
  return from_cells(edges, sparse ? draw_sparse(edges, cells, count, address) : draw_dense(edges, cells, count, address));
}

}  // namespace gnn::inline GNN_PRECISION
