// SPDX-License-Identifier: Apache-2.0
#include <gnn/core/sparse_matrix.hpp>

#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {

SparseMatrix::SparseMatrix(const std::shared_ptr<Pool>& pool, std::size_t num_columns, std::span<const std::int64_t> offsets,
                           std::span<const std::int32_t> columns, std::span<const float> values) {
  check(values.size() == columns.size(), "sparse matrix: ", columns.size(), " columns but ", values.size(), " values");
  const graphs::Csr pattern(NodeId(num_columns), {offsets.begin(), offsets.end()}, {columns.begin(), columns.end()});
  std::vector<EdgeOffset> place;
  const graphs::Csr transposed = pattern.transposed(&place);

  std::vector<Real> numbers(values.begin(), values.end()), moved(values.size());
  for (std::size_t k = 0; k < place.size(); ++k) moved[k] = numbers[std::size_t(place[k])];
  constexpr EdgeOffset longest_short = 32;  // as many as a warp has lanes
  rows_ = {pool, pattern, {}, {}, longest_short};
  columns_ = {pool, transposed, {}, {}, longest_short};
  values_ = {pool, std::span<const Real>(numbers)};
  transposed_values_ = {pool, std::span<const Real>(moved)};
  if (pool->device().kind == Device::cpu) places_ = {pool, std::span<const EdgeOffset>(place)};
}

}  // namespace gnn::inline GNN_PRECISION
