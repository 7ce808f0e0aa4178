// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/table_rows.hpp>

#include <algorithm>

#include <datasets/formats/text_numbers.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {

std::optional<NodeId> NodeLookup::find(std::string_view text) const {
  if (has_names()) {
    const auto found = std::lower_bound(nodes_.names.begin(), nodes_.names.end(), text);
    if (found == nodes_.names.end() || *found != text) return std::nullopt;
    return static_cast<NodeId>(found - nodes_.names.begin());
  }
  const auto number = decimal_to_integer(text);
  if (!number || *number < 0 || *number >= std::int64_t(nodes_.count)) return std::nullopt;
  return static_cast<NodeId>(*number);
}

NodeId NodeLookup::at(const TextLines& lines, const Field& field) const {
  if (const auto node = find(field.text)) return *node;
  if (has_names() || decimal_to_integer(field.text)) {
    lines.refuse(field.column, "a node of the graph", in_quotes(field.text),
                 "--num-nodes or --isolated add keep nodes without edges");
  }
  lines.refuse(field.column, "a node number", in_quotes(field.text), "--ids string reads names of nodes");
}

TableRows::TableRows(std::string_view text, const std::string& file, const Nodes& nodes,
                     const TableOptions& options, Content content)
    : lines_(text, file), nodes_(nodes), lookup_(nodes), content_(content) {
  if (!lines_.next()) return;
  first_line_ = lines_.number();
  delimiter_ =
      options.delimiter ? options.delimiter : detect_delimiter(lines_.line(), content == Content::features);
  lines_.split(delimiter_, fields_);
  // A class name may be of several words: blanks part fields only when the first one is a node or a header.
  if (delimiter_ == ' ' && !options.delimiter && content == Content::labels &&
      !lookup_.find(fields_[0].text) && !decimal_to_integer(fields_[0].text) && !has_known_word()) {
    delimiter_ = ',';
    lines_.split(delimiter_, fields_);
  }
  width_ = fields_.size();
  pending_ = !options.header.value_or(guess_header(options));
  if (!pending_) {
    for (const Field& field : fields_) header_.emplace_back(field.text);
  }
  find_columns(options);
  if (id_) seen_.resize(static_cast<std::size_t>(nodes.count));
}

std::vector<std::size_t> TableRows::value_columns() const {
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < width_; ++c) {
    if (c != id_ && !std::ranges::binary_search(label_columns_, c)) columns.push_back(c);
  }
  return columns;
}

bool TableRows::next() {
  if (!next_of_any_node()) return false;
  take_node();
  ++rows_;
  return true;
}

bool TableRows::next_of_any_node() {
  if (!pending_) {
    if (!lines_.next()) return false;
    lines_.split(delimiter_, fields_);
    if (fields_.size() != width_) {
      lines_.refuse(0, std::to_string(width_) + " fields as on line " + std::to_string(first_line_),
                    std::to_string(fields_.size()));
    }
  }
  pending_ = false;
  return true;
}

void TableRows::take_node() {
  if (!id_) {
    if (rows_ >= static_cast<std::size_t>(nodes_.count)) refuse_surplus();
    node_ = static_cast<NodeId>(rows_);
    return;
  }
  const Field& field = fields_[*id_];
  node_ = lookup_.at(lines_, field);
  if (seen_[static_cast<std::size_t>(node_)]) {
    lines_.refuse(field.column, "each node once", in_quotes(field.text) + " a second time");
  }
  seen_[static_cast<std::size_t>(node_)] = true;
}

/// There are more rows than nodes: counts them all for the message, which names the first one too many.
void TableRows::refuse_surplus() {
  TextLines rest = lines_;
  std::size_t found = rows_ + 1;
  while (rest.next()) ++found;
  lines_.refuse(0, std::to_string(nodes_.count) + " rows, one a node", std::to_string(found));
}

std::optional<NodeId> TableRows::missing() const {
  if (!id_) {
    if (rows_ == static_cast<std::size_t>(nodes_.count)) return std::nullopt;
    return static_cast<NodeId>(rows_);
  }
  const auto found = std::find(seen_.begin(), seen_.end(), false);
  if (found == seen_.end()) return std::nullopt;
  return static_cast<NodeId>(found - seen_.begin());
}

void TableRows::check_complete() const {
  if (id_ || !missing()) return;
  lines_.refuse(0, std::to_string(nodes_.count) + " rows, one a node", std::to_string(rows_));
}

}  // namespace gnn::datasets
