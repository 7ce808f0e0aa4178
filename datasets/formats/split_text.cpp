// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <utility>

#include <datasets/formats/table_rows.hpp>
#include <datasets/formats/table_text.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

enum class Part { none, train, val, test };

std::optional<Part> part_of(std::string_view word) {
  if (word == "train") return Part::train;
  if (word == "val") return Part::val;
  if (word == "test") return Part::test;
  if (word == "none") return Part::none;
  return std::nullopt;
}

/// Which column of two holds the part, and whether the line names the columns instead.
struct Layout {
  std::size_t part = 0;
  bool header = false;
};

Layout layout_of(const std::vector<Field>& fields, const NodeLookup& lookup) {
  if (fields.size() == 1) return {0, fields[0].text == "split" || fields[0].text == "part"};
  const auto is_heading = [](std::string_view word) {
    return word == "split" || word == "part" || word == "set";
  };
  if (is_heading(fields[1].text)) return {1, true};
  if (is_heading(fields[0].text)) return {0, true};
  // A node may be called train: then the other field tells.
  if (part_of(fields[1].text) && (!part_of(fields[0].text) || lookup.find(fields[0].text))) return {1, false};
  if (part_of(fields[0].text)) return {0, false};
  return {lookup.find(fields[1].text) && !lookup.find(fields[0].text) ? std::size_t(0) : std::size_t(1),
          false};
}

Part part_at(const TextLines& lines, const Field& field) {
  if (const auto part = part_of(field.text)) return *part;
  lines.refuse(field.column, "train, val or test", in_quotes(field.text));
}

}  // namespace

Split read_split_text(std::string_view text, const std::string& file, const Nodes& nodes) {
  TextLines lines(text, file);
  const NodeLookup lookup(nodes);
  const auto num_nodes = static_cast<std::size_t>(nodes.count);
  std::vector<std::uint8_t> known(num_nodes);
  Split split;
  std::vector<Field> fields;
  Layout layout;
  char delimiter = ',';
  std::size_t width = 0, rows = 0, first_line = 0;
  while (lines.next()) {
    if (width == 0) delimiter = detect_delimiter(lines.line(), true);
    lines.split(delimiter, fields);
    if (width == 0) {
      width = fields.size();
      first_line = lines.number();
      if (width > 2) lines.refuse(0, "a node and train, val or test", std::to_string(width) + " fields");
      layout = layout_of(fields, lookup);
      if (layout.header) continue;
    }
    if (fields.size() != width) {
      lines.refuse(0, std::to_string(width) + " fields as on line " + std::to_string(first_line),
                   std::to_string(fields.size()));
    }
    if (width == 1 && rows >= num_nodes) {
      lines.refuse(0, std::to_string(num_nodes) + " words, one a node", "more");
    }
    const NodeId node = width == 1 ? static_cast<NodeId>(rows) : lookup.at(lines, fields[1 - layout.part]);
    const Part part = part_at(lines, fields[layout.part]);
    ++rows;
    if (std::exchange(known[static_cast<std::size_t>(node)], std::uint8_t(1))) {
      const Field& field = fields[1 - layout.part];
      lines.refuse(field.column, "each node once", in_quotes(field.text) + " a second time");
    }
    if (part == Part::train) split.train.push_back(node);
    if (part == Part::val) split.val.push_back(node);
    if (part == Part::test) split.test.push_back(node);
  }
  if (rows == 0) lines.refuse(0, "a node and train, val or test on each line", "none");
  if (width == 1 && rows < num_nodes) {
    lines.refuse(0, std::to_string(num_nodes) + " words, one a node", std::to_string(rows));
  }
  for (auto* part : {&split.train, &split.val, &split.test}) std::ranges::sort(*part);
  return split;
}

}  // namespace gnn::datasets
