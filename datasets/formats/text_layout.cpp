// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/text_layout.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <span>

#include <datasets/formats/text_source.hpp>
#include <datasets/in_quotes.hpp>

namespace gnn::datasets {
namespace {

using Names = std::span<const std::string_view>;
constexpr std::string_view source_names[] = {"source", "src", "from", "fromnodeid", "node1", "node_1", "id1", "u"};
constexpr std::string_view target_names[] = {"target", "dst", "dest", "to", "tonodeid", "node2", "node_2", "id2", "v"};
constexpr std::string_view weight_names[] = {"weight", "w"};
constexpr std::string_view type_names[] = {"type", "edge_type", "relation"};

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  }
  return text;
}

std::optional<std::size_t> find_column(const std::vector<TextField>& fields, Names names) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (std::find(names.begin(), names.end(), lower(unquoted(fields[i]))) != names.end()) return i;
  }
  return std::nullopt;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A word can be the name of a column; a damaged number cannot.
bool is_word(const TextField& field) {
  if (field.text.empty()) return false;
  const char first = field.text[0];
  return (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '_';
}

char detect_delimiter(std::string_view line, const std::string& file, const EdgeOptions& options) {
  if (options.delimiter != 0) return options.delimiter == '\t' ? '\t' : options.delimiter;
  if (options.format == EdgeFormat::tsv) return '\t';
  if (options.format == EdgeFormat::space || options.format == EdgeFormat::snap) return ' ';
  std::filesystem::path path(file);
  if (lower(path.extension().string()) == ".gz") path = path.stem();
  const std::string extension = lower(path.extension().string());
  const char hint = options.format == EdgeFormat::csv || extension == ".csv" ? ','
                    : extension == ".tsv" || extension == ".tab"            ? '\t'
                                                                             : '\0';
  const auto occurs = [&](char c) { return line.find(c) != line.npos; };
  if (hint != 0 && occurs(hint)) return hint;
  if (hint != ',' && occurs('\t')) return '\t';
  for (const char c : {',', ';', '\t', ' '}) {
    if (occurs(c)) return c;
  }
  return hint != 0 ? hint : ' ';
}

/// What the user or the header says about the columns.
class Columns {
 public:
  Columns(const std::vector<TextField>& fields, const TextPlace& place) : fields_(fields), place_(place) {}

  /// The column that an option chooses: a number, or a name of the header.
  std::optional<std::size_t> chosen(const std::string& option) const {
    if (option.empty()) return std::nullopt;
    if (!is_number(option)) {
      const std::string_view name[] = {option};
      for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (unquoted(fields_[i]) == option) return i;
      }
      if (const auto column = find_column(fields_, name)) return column;
      std::string found;
      for (const auto& field : fields_) found += (found.empty() ? "" : ", ") + std::string(field.text);
      fail_at(place_, "a column named " + in_quotes(option), in_quotes(found));
    }
    std::size_t number = 0;
    const auto [stop, error] = std::from_chars(option.data(), option.data() + option.size(), number);
    check(error == std::errc() && number > 0, "expected the name of a column or its number from 1, found ",
          in_quotes(option));
    if (number > fields_.size()) {
      fail_at(place_, "at least " + option + " fields, as a column with this number is asked for",
              std::to_string(fields_.size()));
    }
    return number - 1;
  }

 private:
  const std::vector<TextField>& fields_;
  TextPlace place_;
};

[[noreturn]] void fail_short(const TextPlace& place, std::string_view line, const TextLayout& layout,
                             std::size_t found) {
  fail_at(place, "at least 2 fields separated by " + delimiter_name(layout.delimiter),
          std::to_string(found) + ": \"" + graphs::quote_for_message(line) + "\"");
}

}  // namespace

std::size_t skip_byte_order_mark(std::string_view text, std::string_view file) {
  const auto refuse = [&](const char* what) {
    fail(ErrorKind::input, file, ": expected text in UTF-8, found ", what);
  };
  if (text.starts_with("\xEF\xBB\xBF")) return 3;
  if (text.starts_with(std::string_view("\xFF\xFE\0\0", 4)) || text.starts_with(std::string_view("\0\0\xFE\xFF", 4))) {
    refuse("UTF-32");
  }
  if (text.starts_with("\xFF\xFE")) refuse("UTF-16 (little-endian)");
  if (text.starts_with("\xFE\xFF")) refuse("UTF-16 (big-endian)");
  // Without a mark: every other byte of plain characters is 0.
  if (text.size() >= 4 && !text[0] && text[1] && !text[2] && text[3]) refuse("UTF-16 (big-endian, without a mark)");
  if (text.size() >= 4 && text[0] && !text[1] && text[2] && !text[3]) refuse("UTF-16 (little-endian, without a mark)");
  return 0;
}

std::optional<FirstLine> find_first_line(std::string_view text, std::size_t number, std::string_view file) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = checked_line(text.substr(0, end), {file, number, 0});
    if (!is_blank(line) && !is_comment(line)) return FirstLine{line, number};
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
  }
  return std::nullopt;
}

TextLayout detect_layout(const std::string& file, const FirstLine& first, const EdgeOptions& options,
                         std::vector<std::string>& notes) {
  TextLayout layout;
  layout.file = file;
  layout.first_line = first.number;
  layout.delimiter = detect_delimiter(first.text, file, options);
  layout.names = options.string_ids || options.relabel;
  layout.numbers = !options.string_ids;
  layout.base = options.index_base.value_or(0);
  const TextPlace place{layout.file, first.number, 0};
  std::vector<TextField> fields;
  split_fields(first.text, layout.delimiter, place, fields);
  layout.width = fields.size();
  if (fields.size() < 2) fail_short(place, first.text, layout, fields.size());

  const Columns columns(fields, place);
  const auto source = columns.chosen(options.source_column), target = columns.chosen(options.target_column);
  layout.weight = columns.chosen(options.weight_column);
  layout.type = columns.chosen(options.type_column);
  const auto is_name = [](const std::string& option) { return !option.empty() && !is_number(option); };
  const bool named = is_name(options.source_column) || is_name(options.target_column) ||
                     is_name(options.weight_column) || is_name(options.type_column);
  const auto known_source = find_column(fields, source_names), known_target = find_column(fields, target_names);
  const bool known = known_source && known_target;
  layout.source = source ? *source : 0;
  layout.target = target ? *target : source && *source == 1 ? 0 : 1;
  const bool words = layout.numbers && is_word(fields[layout.source]) && is_word(fields[layout.target]);
  layout.has_header = options.header.value_or(named || known || words);
  if (named && !layout.has_header) {
    fail(ErrorKind::usage, "expected the numbers of columns, found a name: without a header columns have none");
  }

  const bool chosen = source || target || layout.weight || layout.type;
  bool by_name = false;
  if (layout.has_header) {
    by_name = known && !source && !target;
    if (by_name) layout.source = *known_source;
    if (by_name) layout.target = *known_target;
    if (!layout.weight) layout.weight = find_column(fields, weight_names);
    if (layout.weight == layout.type && options.weight_column.empty()) layout.weight.reset();
    if (!layout.type) layout.type = find_column(fields, type_names);
    if (layout.type == layout.weight && options.type_column.empty()) layout.type.reset();
    notes.push_back("line " + std::to_string(first.number) + " is taken as header: " +
                    in_quotes(first.text));
  }
  if (!chosen && !by_name) {
    if (fields.size() > 3 && !layout.weight && !layout.type) {
      fail_at(place, "2 or 3 fields separated by " + delimiter_name(layout.delimiter), std::to_string(fields.size()),
              "--src, --dst and --weight choose columns");
    }
    if (fields.size() == 3 && !layout.weight && !layout.type) layout.weight = 2;
  }
  const std::array<std::optional<std::size_t>, 4> used = {layout.source, layout.target, layout.weight, layout.type};
  for (std::size_t i = 0; i < used.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!used[i] || used[i] != used[j]) continue;
      fail_at(place, "different columns for source, target, weight and type",
              "column " + std::to_string(*used[i] + 1) + " twice");
    }
  }
  const auto count = std::size_t(std::count_if(used.begin(), used.end(), [](const auto& c) { return c.has_value(); }));
  if (count < fields.size()) notes.push_back(std::to_string(fields.size() - count) + " columns are not used");
  return layout;
}

}  // namespace gnn::datasets
