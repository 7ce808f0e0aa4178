// SPDX-License-Identifier: Apache-2.0
#include <graphs/join.hpp>

#include <algorithm>

#include <graphs/error.hpp>
#include <graphs/parallel.hpp>
#include <graphs/sizes.hpp>

namespace gnn::graphs {
namespace {

constexpr std::size_t rows_a_piece = 256;

/// Some rows of a result, from which the whole is put together.
struct Rows {
  std::vector<EdgeOffset> degree;
  std::vector<NodeId> columns;
  std::vector<double> values;
};

NumberedEdges put_together(NodeId num_columns, const std::vector<Rows>& pieces) {
  std::vector<EdgeOffset> offsets = {0};
  std::uint64_t total = 0;
  for (const Rows& piece : pieces) total += piece.columns.size();
  to_edge_count(total);
  std::vector<NodeId> columns;
  std::vector<double> values;
  columns.reserve(std::size_t(total));
  values.reserve(std::size_t(total));
  for (const Rows& piece : pieces) {
    for (const EdgeOffset degree : piece.degree) offsets.push_back(static_cast<EdgeOffset>(offsets.back() + degree));
    columns.insert(columns.end(), piece.columns.begin(), piece.columns.end());
    values.insert(values.end(), piece.values.begin(), piece.values.end());
  }
  return {Csr(num_columns, std::move(offsets), std::move(columns)), std::move(values)};
}

/// 1 / D_k, or 0.
std::vector<double> inverse_sums(const NumberedEdges& a, const NumberedEdges& b, JoinSize size) {
  const auto share = [&](const NumberedEdges& x, std::size_t e) { return size == JoinSize::values ? x.values[e] : 1; };
  std::vector<double> sum(std::size_t(a.edges.num_columns()));
  for (std::size_t e = 0; e < a.values.size(); ++e) sum[std::size_t(a.edges.columns()[e])] += share(a, e);
  for (std::size_t k = 0; k < sum.size(); ++k) {
    for (EdgeOffset e = b.edges.offsets()[k]; e < b.edges.offsets()[k + 1]; ++e) sum[k] += share(b, std::size_t(e));
    if (sum[k] != 0) sum[k] = 1 / sum[k];
  }
  return sum;
}

}  // namespace

NumberedEdges simple_edges(const Csr& edges) {
  std::vector<EdgeOffset> offsets = {0};
  std::vector<NodeId> columns;
  for (NodeId i = 0; i < edges.num_rows(); ++i) {
    const auto first = static_cast<std::ptrdiff_t>(columns.size());
    columns.insert(columns.end(), edges.row(i).begin(), edges.row(i).end());
    std::sort(columns.begin() + first, columns.end());
    columns.erase(std::unique(columns.begin() + first, columns.end()), columns.end());
    offsets.push_back(static_cast<EdgeOffset>(columns.size()));
  }
  std::vector<double> ones(columns.size(), 1);
  return {Csr(edges.num_columns(), std::move(offsets), std::move(columns)), std::move(ones)};
}

NumberedEdges join(const NumberedEdges& a, const NumberedEdges& b, JoinSize size) {
  if (a.edges.num_columns() != b.edges.num_rows()) {
    fail(ErrorKind::usage, "join: expected as many columns of the first as rows of the second, found ",
         +a.edges.num_columns(), " and ", +b.edges.num_rows());
  }
  const std::vector<double> share = inverse_sums(a, b, size);
  const NodeId rows = a.edges.num_rows(), columns = b.edges.num_columns();
  std::vector<Rows> pieces((std::size_t(rows) + rows_a_piece - 1) / rows_a_piece);
  parallel_for(pieces.size(), [&](std::size_t p) {
    Rows& piece = pieces[p];
    std::vector<double> sum(std::size_t(columns), 0);
    std::vector<char> seen(std::size_t(columns), 0);
    std::vector<NodeId> found;
    const std::size_t first = p * rows_a_piece, last = std::min(first + rows_a_piece, std::size_t(rows));
    for (std::size_t i = first; i < last; ++i) {
      found.clear();
      for (EdgeOffset e = a.edges.offsets()[i]; e < a.edges.offsets()[i + 1]; ++e) {
        const auto k = std::size_t(a.edges.columns()[std::size_t(e)]);
        const double weight = a.values[std::size_t(e)] * share[k];
        for (EdgeOffset f = b.edges.offsets()[k]; f < b.edges.offsets()[k + 1]; ++f) {
          const NodeId j = b.edges.columns()[std::size_t(f)];
          sum[std::size_t(j)] += weight * b.values[std::size_t(f)];
          if (seen[std::size_t(j)]) continue;
          seen[std::size_t(j)] = 1;
          found.push_back(j);
        }
      }
      std::sort(found.begin(), found.end());
      for (const NodeId j : found) {
        piece.columns.push_back(j);
        piece.values.push_back(sum[std::size_t(j)]);
        sum[std::size_t(j)] = 0;
        seen[std::size_t(j)] = 0;
      }
      piece.degree.push_back(static_cast<EdgeOffset>(found.size()));
    }
  });
  return put_together(columns, pieces);
}

NumberedEdges some_edges(const NumberedEdges& all, std::span<const char> keep) {
  std::vector<EdgeOffset> offsets = {0};
  std::vector<NodeId> columns;
  std::vector<double> values;
  for (std::size_t i = 0; i + 1 < all.edges.offsets().size(); ++i) {
    for (EdgeOffset e = all.edges.offsets()[i]; e < all.edges.offsets()[i + 1]; ++e) {
      if (!keep[std::size_t(e)]) continue;
      columns.push_back(all.edges.columns()[std::size_t(e)]);
      values.push_back(all.values[std::size_t(e)]);
    }
    offsets.push_back(static_cast<EdgeOffset>(columns.size()));
  }
  return {Csr(all.edges.num_columns(), std::move(offsets), std::move(columns)), std::move(values)};
}

}  // namespace gnn::graphs
