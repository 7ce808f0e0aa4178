// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/array_tables.hpp>

#include <algorithm>
#include <limits>

#include <datasets/formats/feature_matrix.hpp>
#include <datasets/formats/numbered_edges.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

std::string pair_place(const NpyArray& array, bool in_rows, std::size_t edge, bool is_target) {
  const std::size_t part = is_target ? 1 : 0;
  return array.name + ": row " + std::to_string(in_rows ? part : edge) + ", column " +
         std::to_string(in_rows ? edge : part);
}

/// The number of nodes that the entry num_nodes tells; 0 when there is none.
std::uint64_t declared_nodes(Npz& npz) {
  if (!npz.has("num_nodes")) return 0;
  const NpyArray array = npz.array("num_nodes");
  const auto numbers = to_integers(array);
  if (numbers.size() != 1 || numbers[0] < 1) {
    fail(ErrorKind::input, array.name, ": expected one number from 1, found ",
         numbers.size() == 1 ? std::to_string(numbers[0]) : std::to_string(numbers.size()) + " numbers");
  }
  return std::uint64_t(numbers[0]);
}

RawEdges edges_of_csr(Npz& npz, const std::string& prefix, const EdgeOptions& options) {
  const std::string indices = npz.file() + ": entry " + prefix + "indices";
  CsrArrays csr = csr_of_npz(npz, prefix);
  if (csr.rows != csr.columns) {
    fail(ErrorKind::input, npz.file(), ": entry ", prefix, "shape: expected a square matrix as edges, found ",
         csr.rows, " x ", csr.columns);
  }
  std::vector<std::int64_t> source;
  source.reserve(csr.indices.size());
  for (std::size_t row = 0; row < csr.rows; ++row) {
    source.insert(source.end(), std::size_t(csr.offsets[row + 1] - csr.offsets[row]), std::int64_t(row));
  }
  // A matrix of ones is a graph without weights.
  if (std::all_of(csr.values.begin(), csr.values.end(), [](float v) { return v == 1; })) csr.values.clear();
  EdgeOptions from_zero = options;
  from_zero.index_base = 0;  // rows and columns of a matrix, not names
  return number_edges(source, csr.indices, std::move(csr.values), csr.rows, from_zero, npz.file(),
                      [&](std::size_t edge, bool) { return indices + ": position " + std::to_string(edge); });
}

}  // namespace

RawEdges edges_of_array(const NpyArray& array, PairAxis axis, std::uint64_t declared,
                        const EdgeOptions& options) {
  const bool is_matrix = array.shape.size() == 2;
  const bool in_rows = is_matrix && array.shape[0] == 2 && axis != PairAxis::columns;
  const bool in_columns = is_matrix && array.shape[1] == 2 && axis != PairAxis::rows;
  if (!in_rows && !in_columns) {
    fail(ErrorKind::input, array.name, ": expected edges of shape ",
         axis == PairAxis::rows      ? "2 x E"
         : axis == PairAxis::columns ? "E x 2"
                                     : "2 x E or E x 2",
         ", found ", shape_text(array));
  }
  const std::vector<std::int64_t> numbers = to_integers(array);
  const std::size_t edges = numbers.size() / 2;
  std::vector<std::int64_t> source(edges), target(edges);
  for (std::size_t e = 0; e < edges; ++e) {
    source[e] = in_rows ? numbers[e] : numbers[2 * e];
    target[e] = in_rows ? numbers[edges + e] : numbers[2 * e + 1];
  }
  RawEdges raw = number_edges(
      source, target, {}, declared, options, array.name,
      [&](std::size_t edge, bool is_target) { return pair_place(array, in_rows, edge, is_target); });
  if (in_rows && in_columns)
    raw.notes.push_back("2 x 2 edges taken as a row of sources and a row of targets");
  return raw;
}

RawEdges edges_of_npz(Npz& npz, const EdgeOptions& options) {
  for (const char* prefix : {"adj_", ""}) {
    if (has_csr(npz, prefix)) return edges_of_csr(npz, prefix, options);
  }
  const std::uint64_t declared = declared_nodes(npz);
  if (npz.has("edge_index"))
    return edges_of_array(npz.array("edge_index"), PairAxis::automatic, declared, options);
  if (npz.has("edges")) {
    // The pairs stand in rows wherever this name is used, but two edges in columns are no error.
    const NpyArray array = npz.array("edges");
    const bool two_by_two = array.shape == std::vector<std::size_t>{2, 2};
    return edges_of_array(array, two_by_two ? PairAxis::columns : PairAxis::automatic, declared, options);
  }
  npz.fail_missing(
      "an entry 'edge_index' (2 x E), 'edges' (E x 2) or 'adj_indptr' with adj_indices, adj_data and "
      "adj_shape");
}

Features features_of_array(const NpyArray& array, NodeId num_nodes) {
  if (array.shape.empty() || array.shape.size() > 2) {
    fail(ErrorKind::input, array.name, ": expected features of shape N x F, found ", shape_text(array));
  }
  const std::size_t columns = array.shape.size() == 2 ? array.shape[1] : 1;
  check_feature_shape(array.shape[0], columns, array.size(), num_nodes, array.name);
  return features_of_dense(to_floats(array), array.shape[0], columns);
}

Features features_of_npz(Npz& npz, NodeId num_nodes, bool alone) {
  for (const char* prefix : {"attr_", ""}) {
    if ((*prefix == '\0' && !alone) || !has_csr(npz, prefix)) continue;
    Features features = csr_features(npz, prefix);
    check_feature_shape(features.rows, features.columns, features.indices.size(), num_nodes,
                        npz.file() + ": entry " + prefix + "shape");
    return features;
  }
  for (const char* name : {"features", "x", "node_features", "attr_matrix"}) {
    if (npz.has(name)) return features_of_array(npz.array(name), num_nodes);
  }
  const auto names = npz.names();
  if (alone && names.size() == 1) return features_of_array(npz.array(names[0]), num_nodes);
  if (alone) npz.fail_missing("an entry 'features', 'x', 'node_features' or 'attr_matrix', or a CSR matrix");
  return {std::size_t(num_nodes), 0, std::vector<std::int64_t>(std::size_t(num_nodes) + 1), {}, {}};
}

bool has_csr(const Npz& npz, const std::string& prefix) {
  return npz.has(prefix + "indptr") || npz.has(prefix + "indices");
}

}  // namespace gnn::datasets
