// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <datasets/formats/tables.hpp>
#include <datasets/formats/text_lines.hpp>

namespace gnn::datasets {

/// Finds nodes by what a table calls them: their number, or their name when they have names.
class NodeLookup {
 public:
  explicit NodeLookup(const Nodes& nodes) : nodes_(nodes) {}

  bool has_names() const { return !nodes_.names.empty(); }
  std::optional<NodeId> find(std::string_view text) const;

  /// The node of a field of the current line. Throws Error(input) with a hint when the graph has none of that
  /// name.
  NodeId at(const TextLines& lines, const Field& field) const;

 private:
  Nodes nodes_;
};

/// A table of text whose rows belong to nodes: finds the delimiter, the header and the columns that are
/// meant, then gives row after row, of one width, with its node. Throws Error(input) naming file, line and
/// column.
class TableRows {
 public:
  enum class Content { features, labels };

  TableRows(std::string_view text, const std::string& file, const Nodes& nodes, const TableOptions& options,
            Content content);

  bool empty() const { return width_ == 0; }  ///< no line at all
  bool has_ids() const { return id_.has_value(); }
  bool has_header() const { return !header_.empty(); }
  std::size_t width() const { return width_; }
  const std::vector<std::string>& header() const { return header_; }  ///< empty, or the name of each column

  /// The columns that hold labels, ascending from 0: those of options.label_column, or without it those that
  /// the header calls labels; of a table of labels else all that hold no ids.
  const std::vector<std::size_t>& label_columns() const { return label_columns_; }
  std::vector<std::size_t> value_columns() const;  ///< neither ids nor labels

  /// Goes to the next row. Throws unless it has the width of the first one and a node without a row so far.
  bool next();
  /// The same for a row whose node the graph may lack: node() is void.
  bool next_of_any_node();
  std::string_view id() const { return fields_[*id_].text; }  ///< with has_ids(): what the row calls its node
  const Field& operator[](std::size_t column) const { return fields_[column]; }
  NodeId node() const { return node_; }
  std::size_t rows() const { return rows_; }  ///< rows so far
  TextLines& lines() { return lines_; }
  const TextLines& lines() const { return lines_; }

  /// The first node without a row; none when every node has one.
  std::optional<NodeId> missing() const;

  /// To be called behind the last row. Throws when rows without ids are not as many as nodes.
  void check_complete() const;

 private:
  void find_columns(const TableOptions& options);
  bool has_known_word() const;
  bool guess_header(const TableOptions& options) const;
  std::size_t find_column(std::string_view wanted, std::string_view flag) const;
  bool has_label_column(std::string_view wanted) const;
  std::vector<std::size_t> find_label_columns(const std::string& wanted) const;
  void take_node();
  [[noreturn]] void refuse_surplus();

  TextLines lines_;
  Nodes nodes_;
  NodeLookup lookup_;
  Content content_;
  char delimiter_ = ',';
  std::size_t width_ = 0;
  std::size_t first_line_ = 0;  // where the width was learnt
  std::vector<Field> fields_;
  bool pending_ = false;  // the first line is a row that next() has not given yet
  std::vector<std::string> header_;
  std::optional<std::size_t> id_;
  std::vector<std::size_t> label_columns_;
  std::vector<bool> seen_;
  NodeId node_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace gnn::datasets
