// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/csr_arrays.hpp>

#include <algorithm>
#include <utility>

#include <graphs/error.hpp>
#include <graphs/sizes.hpp>

namespace gnn::datasets {
namespace {

std::vector<std::int64_t> integers(Npz& npz, const std::string& name) {
  std::vector<std::int64_t> result = to_integers(npz.array(name));
  npz.release(name);
  return result;
}

template <class... Parts>
void require(bool condition, const Npz& npz, const std::string& name, const Parts&... parts) {
  if (!condition) fail(ErrorKind::input, npz.file(), ": entry ", name, ": expected ", parts...);
}

/// Sorts the columns of a row, with their values.
void sort_row(Features& matrix, std::size_t begin, std::size_t end) {
  if (std::is_sorted(matrix.indices.begin() + std::ptrdiff_t(begin), matrix.indices.begin() + std::ptrdiff_t(end))) return;
  std::vector<std::pair<std::int32_t, float>> row;
  for (std::size_t i = begin; i < end; ++i) row.emplace_back(matrix.indices[i], matrix.values[i]);
  std::sort(row.begin(), row.end());
  for (std::size_t i = begin; i < end; ++i) {
    matrix.indices[i] = row[i - begin].first;
    matrix.values[i] = row[i - begin].second;
  }
}

void check_rows(Features& matrix, const Npz& npz, const std::string& name) {
  for (std::size_t row = 0; row < matrix.rows; ++row) {
    const auto begin = static_cast<std::size_t>(matrix.offsets[row]), end = static_cast<std::size_t>(matrix.offsets[row + 1]);
    sort_row(matrix, begin, end);
    const auto first = matrix.indices.begin() + std::ptrdiff_t(begin), last = matrix.indices.begin() + std::ptrdiff_t(end);
    const auto twice = std::adjacent_find(first, last);
    require(twice == last, npz, name, "each column once in a row, found ", twice == last ? 0 : *twice, " twice in row ",
            row);
  }
}

}  // namespace

Features csr_features(Npz& npz, const std::string& prefix) {
  const std::string ptr = prefix + "indptr", ind = prefix + "indices", dat = prefix + "data", shp = prefix + "shape";
  Features matrix;
  const std::vector<std::int64_t> shape = integers(npz, shp);
  constexpr std::int64_t most = 2147483647;
  require(shape.size() == 2, npz, shp, "2 numbers, found ", shape.size());
  for (const std::int64_t side : shape) require(side >= 0 && side <= most, npz, shp, "sizes below 2^31, found ", side);
  matrix.offsets = integers(npz, ptr);
  const std::vector<std::int64_t> columns = integers(npz, ind);
  matrix.values = to_floats(npz.array(dat));
  npz.release(dat);
  const auto& offsets = matrix.offsets;
  require(offsets.size() == static_cast<std::size_t>(shape[0]) + 1, npz, ptr, shape[0] + 1, " numbers, one more than rows, found ",
          offsets.size());
  require(offsets.front() == 0 && offsets.back() == std::int64_t(columns.size()), npz, ptr, "offsets from 0 to ",
          columns.size(), ", found ", offsets.front(), " to ", offsets.back());
  require(std::is_sorted(offsets.begin(), offsets.end()), npz, ptr, "offsets that never fall, found one that does");
  require(matrix.values.size() == columns.size(), npz, dat, columns.size(), " numbers, one a column, found ",
          matrix.values.size());
  matrix.rows = static_cast<std::size_t>(shape[0]);
  matrix.columns = static_cast<std::size_t>(shape[1]);
  matrix.indices.reserve(columns.size());
  for (const std::int64_t column : columns) {
    require(column >= 0 && column < shape[1], npz, ind, "columns below ", shape[1], ", found ", column);
    matrix.indices.push_back(static_cast<std::int32_t>(column));
  }
  check_rows(matrix, npz, ind);
  return matrix;
}

graphs::EdgeList csr_edges(Npz& npz, const std::string& prefix) {
  const Features matrix = csr_features(npz, prefix);
  require(matrix.rows == matrix.columns, npz, prefix + "shape", "as many rows as columns, found ", matrix.rows, " and ",
          matrix.columns);
  const auto other = std::find_if(matrix.values.begin(), matrix.values.end(), [](float value) { return value != 1; });
  require(other == matrix.values.end(), npz, prefix + "data", "edges of weight 1, found ",
          other == matrix.values.end() ? 1 : *other);
  graphs::EdgeList edges;
  edges.num_nodes = graphs::to_node_count(matrix.rows);
  edges.target.assign(matrix.indices.begin(), matrix.indices.end());
  for (std::size_t row = 0; row < matrix.rows; ++row) {
    edges.source.resize(static_cast<std::size_t>(matrix.offsets[row + 1]), static_cast<NodeId>(row));
  }
  return edges;
}

}  // namespace gnn::datasets
