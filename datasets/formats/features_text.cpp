// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <utility>

#include <datasets/formats/table_rows.hpp>
#include <datasets/formats/table_text.hpp>
#include <datasets/formats/text_numbers.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

float read_cell(const TableRows& rows, std::size_t column) {
  const Field& field = rows[column];
  float value = 0;
  switch (decimal_to_float(field.text, value)) {
    case NumberKind::finite:
      return value;
    case NumberKind::not_finite:
      rows.lines().refuse(field.column, "a finite number", in_quotes(field.text));
    case NumberKind::too_large:
      rows.lines().refuse(field.column, "a number that float32 can hold", in_quotes(field.text));
    case NumberKind::no_number:
      break;
  }
  rows.lines().refuse(field.column, "a number", in_quotes(field.text));
}

/// Rows in the order of their nodes: row k of the result is row place[k] of `features`.
Features reordered(const Features& features, const std::vector<std::size_t>& place) {
  Features result;
  result.rows = features.rows;
  result.columns = features.columns;
  result.offsets.reserve(features.offsets.size());
  result.indices.reserve(features.indices.size());
  result.values.reserve(features.values.size());
  for (const std::size_t row : place) {
    const auto begin = static_cast<std::ptrdiff_t>(features.offsets[row]);
    const auto end = static_cast<std::ptrdiff_t>(features.offsets[row + 1]);
    result.indices.insert(result.indices.end(), features.indices.begin() + begin,
                          features.indices.begin() + end);
    result.values.insert(result.values.end(), features.values.begin() + begin, features.values.begin() + end);
    result.offsets.push_back(static_cast<std::int64_t>(result.values.size()));
  }
  return result;
}

void note_left_out(const TableRows& rows, const TableOptions& options, std::vector<std::string>& notes) {
  if (!options.label_column.empty() && !options.labels_elsewhere) return;
  for (const std::size_t column : rows.label_columns()) {
    notes.push_back("column " + in_quotes(rows.header()[column]) +
                    " is not among the features: it holds labels");
  }
}

}  // namespace

Features read_features_text(std::string_view text, const std::string& file, const Nodes& nodes,
                            const TableOptions& options, std::vector<std::string>& notes) {
  TableRows rows(text, file, nodes, options, TableRows::Content::features);
  const std::vector<std::size_t> columns = rows.value_columns();
  if (columns.empty() && !rows.empty()) {
    rows.lines().refuse(0, "at least one column of features", "none");
  }
  Features features;
  features.columns = columns.size();
  std::vector<NodeId> order;  // the node of each row, kept from the first one that is out of order
  while (rows.next()) {
    if (!order.empty() || static_cast<std::size_t>(rows.node()) + 1 != rows.rows()) {
      for (std::size_t row = order.size(); row + 1 < rows.rows(); ++row)
        order.push_back(static_cast<NodeId>(row));
      order.push_back(rows.node());
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const float value = read_cell(rows, columns[c]);
      if (value == 0) continue;
      features.indices.push_back(static_cast<std::int32_t>(c));
      features.values.push_back(value);
    }
    features.offsets.push_back(static_cast<std::int64_t>(features.values.size()));
  }
  features.rows = rows.rows();
  rows.check_complete();
  if (const auto missing = rows.missing()) {
    const auto index = static_cast<std::size_t>(*missing);
    rows.lines().refuse(0, "a row for each of " + std::to_string(nodes.count) + " nodes",
                        std::to_string(rows.rows()) + " rows and none for node " +
                            (nodes.names.empty() ? std::to_string(index) : in_quotes(nodes.names[index])));
  }
  note_left_out(rows, options, notes);
  if (order.empty()) return features;
  std::vector<std::size_t> place(order.size());
  for (std::size_t row = 0; row < order.size(); ++row) place[static_cast<std::size_t>(order[row])] = row;
  return reordered(features, place);
}

}  // namespace gnn::datasets
