// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include <datasets/formats/feature_matrix.hpp>
#include <datasets/formats/feature_readers.hpp>
#include <datasets/formats/line_scanner.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

/// "+1", "-1", "3": a whole number within int32.
std::int32_t read_label(LineScanner& line) {
  const char* wanted = "a whole number as the label";
  std::string_view digits = line.field();
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  std::uint64_t value = 0;
  if (!parse_digits(digits, value) || value > std::uint64_t(std::numeric_limits<std::int32_t>::max()))
    line.refuse(wanted);
  return negative ? -std::int32_t(value) : std::int32_t(value);
}

/// The label in front is kept when `labels` is there, and not looked at otherwise: features may come with any
/// target.
void read_row(LineScanner& line, Features& features, std::vector<std::int32_t>* labels) {
  if (labels) labels->push_back(read_label(line));
  std::int64_t previous = -1;
  while (line.next_field() && !line.field().starts_with('#')) {
    const std::string_view field = line.field();
    const std::size_t colon = field.find(':');
    std::uint64_t index = 0;
    float value = 0;
    if (colon == field.npos) line.refuse("INDEX:VALUE");
    constexpr std::uint64_t most = std::numeric_limits<std::int32_t>::max() - 1;
    if (!parse_digits(field.substr(0, colon), index) || index > most) {
      line.refuse("an index from 0 to " + std::to_string(most), field.substr(0, colon), 0);
    }
    if (std::int64_t(index) <= previous) {
      line.refuse("an index above " + std::to_string(previous), field.substr(0, colon), 0);
    }
    if (!parse_float(field.substr(colon + 1), value))
      line.refuse("a finite number", field.substr(colon + 1), colon + 1);
    previous = std::int64_t(index);
    features.indices.push_back(static_cast<std::int32_t>(index));
    features.values.push_back(value);
  }
  features.offsets.push_back(std::int64_t(features.values.size()));
}

/// Classes are the numbers that occur, in ascending order; their names say which, unless they are 0 to K-1.
Labels to_classes(const std::vector<std::int32_t>& numbers) {
  Labels labels;
  std::vector<std::int32_t> classes(numbers);
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  for (const std::int32_t number : numbers) {
    labels.labels.push_back(
        std::int32_t(std::lower_bound(classes.begin(), classes.end(), number) - classes.begin()));
  }
  labels.num_classes = std::int32_t(classes.size());
  const bool as_they_are =
      classes.empty() || (classes.front() == 0 && classes.back() == labels.num_classes - 1);
  for (const std::int32_t number : classes) {
    if (!as_they_are) labels.class_names.push_back(std::to_string(number));
  }
  return labels;
}

}  // namespace

Features read_svmlight_features(const InputFile& file, NodeId num_nodes, Labels* labels) {
  Features features;
  std::vector<std::int32_t> numbers;
  with_places(file.name(), [&] {
    LineScanner line(file.text());
    while (line.next_line()) {
      if (!line.next_field() || line.field().starts_with('#')) continue;
      read_row(line, features, labels ? &numbers : nullptr);
    }
  });
  features.rows = features.offsets.size() - 1;
  const auto& indices = features.indices;
  const bool from_zero = std::find(indices.begin(), indices.end(), 0) != indices.end();
  if (!from_zero) {
    for (std::int32_t& index : features.indices) --index;
  }
  for (const std::int32_t index : indices)
    features.columns = std::max(features.columns, std::size_t(index) + 1);
  check_feature_shape(features.rows, features.columns, indices.size(), num_nodes, file.name());
  if (labels) *labels = to_classes(numbers);
  return features;
}

}  // namespace gnn::datasets
