// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/matrix_market_text.hpp>

#include <algorithm>
#include <limits>

#include <datasets/in_quotes.hpp>

namespace gnn::datasets {
namespace {

constexpr auto most_size = std::uint64_t(std::numeric_limits<NodeId>::max());

/// The next word in lower case, which the format does not tell from upper case.
std::string next_word(LineScanner& line) {
  line.next_field();
  std::string word(line.field());
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return word;
}

MatrixMarketHeader read_banner(LineScanner& line) {
  MatrixMarketHeader header;
  const std::string wanted = "the banner '%%MatrixMarket matrix ...'";
  if (!line.next_line()) throw LineError{1, 1, "expected " + wanted + ", found an empty file"};
  line.next_field();
  if (line.field() != "%%MatrixMarket") line.refuse(wanted);
  if (next_word(line) != "matrix") line.refuse("'matrix'");
  const std::string layout = next_word(line);
  if (layout != "coordinate" && layout != "array") line.refuse("'coordinate' or 'array'");
  header.coordinate = layout == "coordinate";
  const std::string values = next_word(line);
  if (values == "pattern" && header.coordinate) {
    header.values = MatrixValues::pattern;
  } else if (values == "integer") {
    header.values = MatrixValues::integer;
  } else if (values != "real" && values != "double") {
    line.refuse(header.coordinate ? "'pattern', 'real' or 'integer'" : "'real' or 'integer'");
  }
  const std::string symmetry = next_word(line);
  if (symmetry != "general" && !(symmetry == "symmetric" && header.coordinate)) {
    line.refuse(header.coordinate ? "'general' or 'symmetric'" : "'general'");
  }
  header.symmetric = symmetry == "symmetric";
  line.expect_line_end("the end of the banner");
  return header;
}

bool is_comment_or_blank(const LineScanner& line) {
  return line.is_blank() || line.line().starts_with('%');
}

float next_value(LineScanner& line, MatrixValues values, const std::string& fields) {
  if (!line.next_field()) line.refuse(fields);
  float value = 0;
  if (!parse_float(line.field(), value)) line.refuse("a finite number");
  if (values == MatrixValues::integer) {
    std::string_view digits = line.field();
    if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
    if (digits.find_first_not_of("0123456789") != digits.npos) line.refuse("a whole number");
  }
  return value;
}

/// Throws for a number of entries that is not the declared one, at the first one too many or behind the last.
void check_count(const MatrixMarketHeader& header, std::uint64_t found) {
  if (found == header.entries) return;
  const std::string wanted = "expected " + std::to_string(header.entries) + " entries (declared in line " +
                             std::to_string(header.size_line) + "), found " + std::to_string(found);
  LineScanner line(header.body, header.size_line + 1);
  std::uint64_t passed = 0;
  while (line.next_line()) {
    if (!is_comment_or_blank(line) && ++passed > header.entries) break;
  }
  throw LineError{line.number(), 1, wanted};
}

/// Puts the pieces behind one another and frees them.
template <class T>
std::vector<T> join(std::vector<std::vector<T>>& pieces) {
  if (pieces.size() == 1) return std::move(pieces.front());
  std::size_t size = 0;
  for (const auto& piece : pieces) size += piece.size();
  std::vector<T> all;
  all.reserve(size);
  for (auto& piece : pieces) {
    all.insert(all.end(), piece.begin(), piece.end());
    std::vector<T>().swap(piece);
  }
  return all;
}

}  // namespace

MatrixMarketHeader read_matrix_market_header(std::string_view text) {
  LineScanner line(text);
  MatrixMarketHeader header = read_banner(line);
  do {
    if (!line.next_line())
      throw LineError{line.number() + 1, 1, "expected a line of sizes, found the end of the file"};
  } while (is_comment_or_blank(line));
  header.size_line = line.number();
  const std::string range = " from 0 to " + std::to_string(most_size);
  header.rows = line.next_integer("a number of rows" + range, 0, most_size);
  header.columns = line.next_integer("a number of columns" + range, 0, most_size);
  header.second_column = line.column();
  if (header.coordinate) {
    header.entries = line.next_integer("a number of entries", 0, std::numeric_limits<std::int64_t>::max());
  } else {
    header.entries = header.rows * header.columns;  // both below 2^31
  }
  line.expect_line_end(header.coordinate ? "3 sizes" : "2 sizes");
  header.body = line.rest();
  return header;
}

MatrixEntries read_matrix_entries(const MatrixMarketHeader& header, std::uint64_t base) {
  const bool has_value = header.values != MatrixValues::pattern;
  const std::string from = " from " + std::to_string(base) + " to ", up_to = " up to ";
  const auto range = [&](const char* what, const std::string& words, std::uint64_t size) {
    return "a " + (what + words) + std::to_string(size + base - 1) + " (declared in line " + std::to_string(header.size_line) + ")";
  };
  const std::string fields = has_value ? "3 fields, row, column and value" : "2 fields, row and column";
  std::vector<std::vector<NodeId>> rows, columns;
  std::vector<std::vector<float>> values;
  const auto prepare = [&](std::size_t count) {
    rows.resize(count);
    columns.resize(count);
    values.resize(count);
  };
  const auto next_index = [&](LineScanner& line, std::uint64_t size, const char* what) {
    std::uint64_t index = 0;
    if (!line.next_field()) line.refuse(fields);
    if (!parse_digits(line.field(), index) || index < base) line.refuse(range(what, from, size));
    if (index - base >= size) line.refuse_number(range(what, up_to, size), index);
    return static_cast<NodeId>(index - base);
  };
  for_each_piece(header.body, header.size_line + 1, prepare, [&](std::size_t k, LineScanner& line) {
    while (line.next_line()) {
      if (is_comment_or_blank(line)) continue;
      rows[k].push_back(next_index(line, header.rows, "row"));
      columns[k].push_back(next_index(line, header.columns, "column"));
      if (has_value) values[k].push_back(next_value(line, header.values, fields));
      line.expect_line_end(fields);
    }
  });
  MatrixEntries entries{join(rows), join(columns), join(values)};
  check_count(header, entries.row.size());
  return entries;
}

std::vector<float> read_matrix_array(const MatrixMarketHeader& header) {
  std::vector<std::vector<float>> values;
  for_each_piece(
      header.body, header.size_line + 1, [&](std::size_t count) { values.resize(count); },
      [&](std::size_t k, LineScanner& line) {
        while (line.next_line()) {
          if (is_comment_or_blank(line)) continue;
          values[k].push_back(next_value(line, header.values, "a value"));
          line.expect_line_end("1 field, a value");
        }
      });
  std::vector<float> all = join(values);
  check_count(header, all.size());
  return all;
}

}  // namespace gnn::datasets
