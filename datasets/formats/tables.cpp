// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/tables.hpp>

#include <algorithm>

#include <datasets/formats/feature_readers.hpp>
#include <datasets/formats/line_scanner.hpp>
#include <datasets/formats/table_arrays.hpp>
#include <datasets/formats/table_rows.hpp>
#include <datasets/formats/table_text.hpp>
#include <datasets/input_file.hpp>
#include <datasets/splits.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

/// Whether the name ends so, before .gz.
bool has_extension(const InputFile& file, std::string_view extension) {
  std::string_view name = file.name();
  if (name.ends_with(".gz")) name.remove_suffix(3);
  return name.ends_with(extension);
}

void note_misnamed(const InputFile& file, std::vector<std::string>& notes) {
  if (file.misnamed()) notes.push_back(file.name() + " is named .gz, but is not compressed");
}

// The name counts where the first bytes are damaged, so that the message is about the format that was meant.
bool is_npy(const InputFile& file) {
  return file.text().starts_with("\x93NUMPY") || has_extension(file, ".npy");
}

bool is_npz(const InputFile& file) {
  return file.text().starts_with("PK\x03\x04") || file.text().starts_with("PK\x05\x06") ||
         has_extension(file, ".npz");
}

bool is_matrix_market(const InputFile& file) {
  return file.text().starts_with("%%MatrixMarket") || has_extension(file, ".mtx");
}

/// Whether the first line is "LABEL INDEX:VALUE ...", as no table of numbers is.
bool is_svmlight(const InputFile& file) {
  std::string_view text = file.text();
  while (text.starts_with('#')) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  LineScanner lines(text);
  if (!lines.next_line() || !lines.next_field() || !lines.next_field()) return false;
  const std::size_t colon = lines.field().find(':');
  std::uint64_t ignored = 0;
  return colon != std::string_view::npos && parse_digits(lines.field().substr(0, colon), ignored);
}

bool is_json(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != text.npos && text[first] == '{';
}

}  // namespace

bool is_text_table(const InputFile& file) {
  return !is_npy(file) && !is_npz(file) && !is_matrix_market(file) && !is_svmlight(file);
}

namespace {

Features read_any_features(const InputFile& file, const Nodes& nodes, const TableOptions& options,
                           std::vector<std::string>& notes) {
  if (is_npy(file)) return read_npy_features(file, nodes.count);
  if (is_npz(file)) return read_npz_features(file, nodes.count);
  if (is_matrix_market(file)) return read_matrix_market_features(file, nodes.count);
  if (is_svmlight(file)) return read_svmlight_features(file, nodes.count);
  return read_features_text(file.text(), file.name(), nodes, options, notes);
}

}  // namespace

Features read_features(const std::filesystem::path& path, const Nodes& nodes, const TableOptions& options,
                       std::vector<std::string>* notes) {
  const InputFile file(path);
  std::vector<std::string> found;
  note_misnamed(file, found);
  Features features = read_any_features(file, nodes, options, found);
  if (notes) notes->insert(notes->end(), found.begin(), found.end());
  return features;
}

Labels read_labels(const std::filesystem::path& path, const Nodes& nodes, const TableOptions& options) {
  const InputFile file(path);
  Labels labels = is_npy(file) ? read_npy_labels(file.bytes(), file.name(), nodes.count)
                               : read_labels_text(file.text(), file.name(), nodes, options);
  note_misnamed(file, labels.notes);
  return labels;
}

std::vector<NodeId> read_node_list(const std::filesystem::path& path, const Nodes& nodes, TableOptions options) {
  const InputFile file(path);
  if (options.id_column.empty()) options.id_column = '1';
  TableRows rows(file.text(), file.name(), nodes, options, TableRows::Content::features);
  std::vector<NodeId> list;
  while (rows.next()) list.push_back(rows.node());
  if (list.empty()) rows.lines().refuse(0, "a node on each line", "none");
  return list;
}

Split read_split(const std::filesystem::path& path, const Nodes& nodes, std::size_t fold) {
  const InputFile file(path);
  Split split = is_npz(file)           ? read_npz_split(file.bytes(), file.name(), nodes.count, fold)
                : is_json(file.text()) ? split_from_json(file.text(), file.name(), nodes.count)
                                       : read_split_text(file.text(), file.name(), nodes);
  if (split.name.empty()) split.name = path.filename().string();
  return split;
}

}  // namespace gnn::datasets
