// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/tables.hpp>

#include <datasets/formats/table_text.hpp>
#include <datasets/input_file.hpp>
#include <datasets/splits.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

void note_misnamed(const InputFile& file, std::vector<std::string>& notes) {
  if (file.misnamed()) notes.push_back(file.name() + " is named .gz, but is not compressed");
}

bool is_json(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != text.npos && text[first] == '{';
}

}  // namespace

Features read_features(const std::filesystem::path& path, const Nodes& nodes, const TableOptions& options,
                       std::vector<std::string>* notes) {
  const InputFile file(path);
  std::vector<std::string> found;
  note_misnamed(file, found);
  Features features = read_features_text(file.text(), file.name(), nodes, options, found);
  if (notes) notes->insert(notes->end(), found.begin(), found.end());
  return features;
}

Labels read_labels(const std::filesystem::path& path, const Nodes& nodes, const TableOptions& options) {
  const InputFile file(path);
  Labels labels = read_labels_text(file.text(), file.name(), nodes, options);
  note_misnamed(file, labels.notes);
  return labels;
}

Split read_split(const std::filesystem::path& path, const Nodes& nodes, std::size_t) {
  const InputFile file(path);
  Split split = is_json(file.text()) ? split_from_json(file.text(), file.name(), nodes.count)
                                     : read_split_text(file.text(), file.name(), nodes);
  if (split.name.empty()) split.name = path.filename().string();
  return split;
}

}  // namespace gnn::datasets
