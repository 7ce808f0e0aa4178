// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <datasets/formats/class_names.hpp>
#include <datasets/formats/table_rows.hpp>
#include <datasets/formats/table_text.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

// A class number is no reason to allocate by itself: as many classes as nodes, and these always.
constexpr std::int64_t always_allowed_classes = 65536;
// Nodes times classes of a multi-label table, in bytes.
constexpr std::uint64_t most_targets = std::uint64_t(1) << 32;

bool is_unknown(std::string_view text) {
  return text.empty() || text == "?" || text == "-1";
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string number_of(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::size_t targets_size(const TableRows& rows, std::size_t nodes, std::size_t classes) {
  if (classes > 0 && nodes > most_targets / classes) {
    rows.lines().refuse(0, "at most " + std::to_string(most_targets) + " values, nodes times classes",
                        std::to_string(nodes) + " times " + std::to_string(classes));
  }
  return nodes * classes;
}

void set_names(const ClassNames& classes, Labels& result, std::vector<std::int32_t>& number) {
  result.num_classes = classes.count();
  if (classes.has_names()) result.class_names = classes.sorted(number);
}

/// One class a node.
void read_single(TableRows& rows, ClassNames& classes, Labels& result) {
  const std::size_t column = rows.label_columns()[0];
  while (rows.next()) {
    const Field& field = rows[column];
    if (is_unknown(field.text)) continue;
    result.labels[static_cast<std::size_t>(rows.node())] =
        classes.number(rows.lines(), field.text, field.column);
  }
  std::vector<std::int32_t> number;
  set_names(classes, result, number);
  if (number.empty()) return;
  for (std::int32_t& label : result.labels) {
    if (label >= 0) label = number[static_cast<std::size_t>(label)];
  }
}

/// Calls action(node, class, field) for every class of every list "a;b" that is left; ";" alone is the empty
/// list.
template <class Action>
void for_each_class(TableRows& rows, ClassNames& classes, Labels& result, Action action) {
  const std::size_t column = rows.label_columns()[0];
  while (rows.next()) {
    const Field& field = rows[column];
    if (is_unknown(field.text)) continue;
    const auto node = static_cast<std::size_t>(rows.node());
    result.labels[node] = 0;
    if (field.text == ";") continue;
    for (std::size_t begin = 0; begin <= field.text.size();) {
      const std::size_t end = std::min(field.text.find(';', begin), field.text.size());
      const std::string_view word = trimmed(field.text.substr(begin, end - begin));
      action(node, classes.number(rows.lines(), word, field.column + begin), field);
      begin = end + 1;
    }
  }
}

/// Read twice, since the number of classes is known only at the end: once for the classes, once for the
/// targets.
void read_lists(TableRows& rows, ClassNames& classes, Labels& result) {
  TableRows first_time = rows;
  for_each_class(first_time, classes, result, [](std::size_t, std::int32_t, const Field&) {});
  std::vector<std::int32_t> number;
  set_names(classes, result, number);
  const auto width = static_cast<std::size_t>(result.num_classes);
  result.targets.resize(targets_size(rows, result.labels.size(), width));
  for_each_class(rows, classes, result, [&](std::size_t node, std::int32_t found, const Field& field) {
    const std::int32_t label = number.empty() ? found : number[static_cast<std::size_t>(found)];
    std::uint8_t& target = result.targets[node * width + static_cast<std::size_t>(label)];
    if (target) rows.lines().refuse(field.column, "each class once", in_quotes(field.text));
    target = 1;
  });
}

/// A column of zeros and ones for each class. A row is unknown as a whole or not at all.
void read_columns(TableRows& rows, Labels& result) {
  const std::vector<std::size_t>& columns = rows.label_columns();
  result.num_classes = static_cast<std::int32_t>(columns.size());
  if (rows.has_header()) {
    for (const std::size_t column : columns) result.class_names.push_back(rows.header()[column]);
  }
  result.targets.resize(targets_size(rows, result.labels.size(), columns.size()));
  while (rows.next()) {
    const auto node = static_cast<std::size_t>(rows.node());
    const bool unknown = is_unknown(rows[columns[0]].text);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const Field& field = rows[columns[c]];
      const bool fits = unknown ? is_unknown(field.text) : field.text == "0" || field.text == "1";
      if (!fits) {
        rows.lines().refuse(field.column, unknown ? "an unknown label as in the columns before" : "0 or 1",
                            in_quotes(field.text));
      }
      result.targets[node * columns.size() + c] = field.text == "1";
    }
    if (!unknown) result.labels[node] = 0;
  }
}

void add_notes(const TableRows& rows, Labels& result) {
  const auto unknown = static_cast<std::size_t>(std::ranges::count(result.labels, -1));
  if (unknown > 0) result.notes.push_back(number_of(unknown, "node has no label", "nodes have no label"));
  if (!rows.has_ids() && rows.width() > 1)
    result.notes.push_back("labels were read as one row a node, in order");
  if (!result.targets.empty()) return;
  std::vector<bool> occurs(static_cast<std::size_t>(result.num_classes));
  for (const std::int32_t label : result.labels) {
    if (label >= 0) occurs[static_cast<std::size_t>(label)] = true;
  }
  const auto empty = static_cast<std::size_t>(std::ranges::count(occurs, false));
  if (empty > 0) result.notes.push_back(number_of(empty, "class has no node", "classes have no node"));
}

/// Whether a label of the column is a list. Reads the rows once more, and only when there is a ';' at all.
bool has_lists(std::string_view text, TableRows rows) {
  if (text.find(';') == text.npos) return false;
  const std::size_t column = rows.label_columns()[0];
  while (rows.next()) {
    if (rows[column].text.find(';') != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

Labels read_labels_text(std::string_view text, const std::string& file, const Nodes& nodes,
                        const TableOptions& options) {
  TableRows rows(text, file, nodes, options, TableRows::Content::labels);
  Labels result;
  result.labels.assign(static_cast<std::size_t>(nodes.count), -1);
  ClassNames classes(std::max(always_allowed_classes, std::int64_t(nodes.count)));
  if (rows.empty()) {
    fail(ErrorKind::input, file, ": expected labels of ", nodes.count, " nodes, found none");
  }
  if (rows.label_columns().empty()) rows.lines().refuse(0, "a column of labels", "none");
  if (rows.label_columns().size() > 1) {
    if (options.label_kind == LabelKind::class_name) {
      rows.lines().refuse(0, "one column of classes, as --label-kind class asks for",
                          std::to_string(rows.label_columns().size()));
    }
    read_columns(rows, result);
  } else if (options.label_kind == LabelKind::multi ||
             (options.label_kind == LabelKind::automatic && has_lists(text, rows))) {
    read_lists(rows, classes, result);
  } else {
    read_single(rows, classes, result);
  }
  rows.check_complete();
  if (result.num_classes == 0 ||
      std::ranges::count(result.labels, -1) == std::ptrdiff_t(result.labels.size())) {
    rows.lines().refuse(0, "the label of at least one node", "none");
  }
  add_notes(rows, result);
  return result;
}

}  // namespace gnn::datasets
