// SPDX-License-Identifier: Apache-2.0
// Which line is a header, and which column of a table means what.
#include <algorithm>
#include <array>

#include <datasets/formats/table_rows.hpp>
#include <datasets/formats/text_numbers.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

// An index without a name is what pandas writes.
constexpr std::array<std::string_view, 7> id_words = {"",       "id",     "node", "node_id",
                                                      "nodeid", "vertex", "name"};
constexpr std::array<std::string_view, 3> label_words = {"label", "labels", "class"};

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool is_one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::find(words, lower_case(text)) != words.end();
}

bool contains(std::span<const std::size_t> columns, std::size_t column) {
  return std::ranges::find(columns, column) != columns.end();
}

}  // namespace

bool TableRows::has_known_word() const {
  return std::ranges::any_of(fields_, [](const Field& field) {
    return !field.text.empty() && (is_one_of(field.text, id_words) || is_one_of(field.text, label_words));
  });
}

bool TableRows::guess_header(const TableOptions& options) const {
  const auto is_named = [&](const std::string& wanted) {
    return !wanted.empty() && wanted != "none" && !decimal_to_integer(wanted) &&
           std::ranges::find(fields_, std::string_view(wanted), &Field::text) != fields_.end();
  };
  if (is_named(options.id_column) || is_named(options.label_column)) return true;
  const bool one_column = fields_.size() == 1;
  const std::string_view first = fields_[0].text;
  if (one_column && content_ == Content::labels) return is_one_of(first, label_words);
  if (!one_column && is_one_of(first, id_words) && !(lookup_.has_names() && lookup_.find(first))) return true;
  const bool has_number =
      std::ranges::any_of(fields_, [](const Field& field) { return looks_like_number(field.text); });
  if (has_number || (lookup_.has_names() && lookup_.find(first))) return false;
  // Names of nodes and of classes look like those of columns: only known words tell, lest a row is lost.
  return !(content_ == Content::labels && lookup_.has_names()) || has_known_word();
}

std::size_t TableRows::find_column(std::string_view wanted, std::string_view flag) const {
  const auto found = std::ranges::find(header_, wanted);
  if (found != header_.end()) {
    if (std::find(found + 1, header_.end(), wanted) != header_.end()) {
      fail(ErrorKind::input, lines_.file(), ":", first_line_, ": expected one column named ",
           in_quotes(wanted), ", found several");
    }
    return static_cast<std::size_t>(found - header_.begin());
  }
  const auto number = decimal_to_integer(wanted);
  if (number && *number >= 1 && static_cast<std::uint64_t>(*number) <= width_) {
    return static_cast<std::size_t>(*number - 1);
  }
  fail(ErrorKind::input, lines_.file(), ":", first_line_, ": ", flag, ": expected ",
       header_.empty() ? "" : "the name of a column or ", "a number from 1 to ", width_, ", found ",
       in_quotes(wanted));
}

/// A column, several with commas between them, or all whose name begins as a word with '*' behind it.
std::vector<std::size_t> TableRows::find_label_columns(const std::string& wanted) const {
  std::vector<std::size_t> columns;
  const auto add = [&](std::string_view word) {
    if (word.ends_with('*') && std::ranges::find(header_, word) == header_.end()) {
      const std::size_t before = columns.size();
      for (std::size_t c = 0; c < header_.size(); ++c) {
        if (header_[c].starts_with(word.substr(0, word.size() - 1)) && c != id_) columns.push_back(c);
      }
      if (columns.size() == before) find_column(word, "--label-col");  // throws
    } else {
      columns.push_back(find_column(word, "--label-col"));
    }
  };
  if (std::ranges::find(header_, wanted) != header_.end()) {
    add(wanted);
  } else {
    for (std::size_t begin = 0; begin <= wanted.size();) {
      const std::size_t end = std::min(wanted.find(',', begin), wanted.size());
      add(std::string_view(wanted).substr(begin, end - begin));
      begin = end + 1;
    }
  }
  std::ranges::sort(columns);
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  return columns;
}

/// Whether the header names one of these columns; numbers name none.
bool TableRows::has_label_column(std::string_view wanted) const {
  return std::ranges::any_of(header_, [&](const std::string& name) {
    if (name == wanted) return true;
    for (std::size_t begin = 0; begin <= wanted.size();) {
      const std::size_t end = std::min(wanted.find(',', begin), wanted.size());
      const std::string_view word = wanted.substr(begin, end - begin);
      if (name == word || (word.ends_with('*') && name.starts_with(word.substr(0, word.size() - 1)))) return true;
      begin = end + 1;
    }
    return false;
  });
}

void TableRows::find_columns(const TableOptions& options) {
  const bool with_labels = content_ == Content::labels;
  const bool names_labels = !options.label_column.empty() && (!options.labels_elsewhere || has_label_column(options.label_column));
  // A table of labels alone has ids when it has two columns; one that holds features too is read as features
  // are.
  const bool mixed = names_labels && width_ > 2;
  if (options.id_column == "none" && std::ranges::find(header_, "none") == header_.end()) {
    // One row a node, as asked for.
  } else if (!options.id_column.empty()) {
    id_ = find_column(options.id_column, "--id-col");
  } else if (width_ > 1) {
    const auto named =
        std::ranges::find_if(header_, [](const std::string& name) { return is_one_of(name, id_words); });
    if (named != header_.end()) {
      id_ = static_cast<std::size_t>(named - header_.begin());
    } else if (lookup_.has_names() || (with_labels && !mixed)) {
      id_ = 0;
    }
  } else if (lookup_.has_names()) {
    fail(ErrorKind::input, lines_.file(), ":", first_line_, ": expected the name of a node and its ",
         with_labels ? "label" : "features", " on each line, found one column");
  }
  if (names_labels) {
    label_columns_ = find_label_columns(options.label_column);
  } else {
    for (std::size_t c = 0; c < header_.size(); ++c) {
      if (c != id_ && is_one_of(header_[c], label_words)) label_columns_.push_back(c);
    }
    if (with_labels && label_columns_.empty()) label_columns_ = value_columns();
  }
  if (id_ && contains(label_columns_, *id_)) {
    fail(ErrorKind::input, lines_.file(), ":", first_line_,
         ": expected different columns for nodes and labels, found ", "column ", *id_ + 1, " for both");
  }
}

}  // namespace gnn::datasets
