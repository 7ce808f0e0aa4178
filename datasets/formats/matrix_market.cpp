// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <datasets/formats/edge_readers.hpp>
#include <datasets/formats/feature_matrix.hpp>
#include <datasets/formats/feature_readers.hpp>
#include <datasets/formats/matrix_market_text.hpp>
#include <datasets/formats/numbered_edges.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

RawEdges relabelled(MatrixEntries& entries, const EdgeOptions& options, std::uint64_t base,
                    const std::string& file) {
  const auto numbers = [&](std::vector<NodeId>& from) {
    std::vector<std::int64_t> to(from.begin(), from.end());
    for (std::int64_t& id : to) id += std::int64_t(base);
    std::vector<NodeId>().swap(from);
    return to;
  };
  const auto source = numbers(entries.row), target = numbers(entries.column);
  return number_edges(source, target, std::move(entries.value), 0, options, file,
                      [&](std::size_t, bool) { return file; });
}

}  // namespace

RawEdges read_matrix_market_edges(const InputFile& file, const EdgeOptions& options) {
  RawEdges raw;
  with_places(file.name(), [&] {
    const MatrixMarketHeader header = read_matrix_market_header(file.text());
    if (!header.coordinate) throw LineError{1, 1, "expected a 'coordinate' matrix as edges, found 'array'"};
    if (header.rows != header.columns) {
      throw LineError{header.size_line, header.second_column,
                      "expected a square matrix as edges, found " + std::to_string(header.rows) +
                          " rows and " + std::to_string(header.columns) + " columns"};
    }
    const auto base = static_cast<std::uint64_t>(options.index_base.value_or(1));
    MatrixEntries entries = read_matrix_entries(header, base);
    if (header.symmetric) {
      std::size_t above = 0;
      for (std::size_t e = 0; e < entries.row.size(); ++e) above += entries.row[e] < entries.column[e];
      if (above > 0)
        raw.notes.push_back(std::to_string(above) + " entries above the diagonal of a symmetric matrix");
    }
    std::vector<std::string> notes = std::move(raw.notes);
    if (options.relabel) {
      raw = relabelled(entries, options, base, file.name());
    } else {
      const std::string where = file.name() + ":" + std::to_string(header.size_line) + ":1";
      check_node_count(header.rows, std::max(header.entries, std::uint64_t(options.num_nodes) / 64 + 1),
                       where);
      if (options.num_nodes > 0 && std::uint64_t(options.num_nodes) < header.rows) {
        fail(ErrorKind::input, where, ": expected at most ", options.num_nodes,
             " nodes, as asked for, found ", header.rows);
      }
      raw.edges = {NodeId(std::max(options.num_nodes, std::int64_t(header.rows))), std::move(entries.row),
                   std::move(entries.column), std::move(entries.value)};
    }
    raw.notes = std::move(notes);
    raw.is_symmetric = header.symmetric;
  });
  return raw;
}

Features read_matrix_market_features(const InputFile& file, NodeId num_nodes) {
  Features features;
  with_places(file.name(), [&] {
    const MatrixMarketHeader header = read_matrix_market_header(file.text());
    const std::string where = file.name() + ":" + std::to_string(header.size_line) + ":1";
    if (header.symmetric) throw LineError{1, 1, "expected a 'general' matrix as features, found 'symmetric'"};
    check_feature_shape(header.rows, header.columns, header.entries, num_nodes, where);
    if (header.coordinate) {
      MatrixEntries entries = read_matrix_entries(header, 1);
      if (header.values == MatrixValues::pattern) entries.value.assign(entries.row.size(), 1.0f);
      features = features_of_entries(std::size_t(header.rows), std::size_t(header.columns), entries.row,
                                     entries.column, entries.value, file.name());
    } else {
      const std::vector<float> values = read_matrix_array(header);
      features = features_of_dense(values, std::size_t(header.rows), std::size_t(header.columns), true);
    }
  });
  return features;
}

}  // namespace gnn::datasets
