// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/table_arrays.hpp>

#include <algorithm>
#include <vector>

#include <datasets/formats/npz.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

constexpr std::int64_t most_classes = 65536;  // or as many as nodes

void check_rows(const NpyArray& array, std::size_t rows, std::size_t num_nodes) {
  if (rows == num_nodes) return;
  fail(ErrorKind::input, array.name, ": expected ", num_nodes, " rows, one a node, found ", rows);
}

std::vector<std::int64_t> zeros_and_ones(const NpyArray& array) {
  std::vector<std::int64_t> values = to_integers(array);
  const std::size_t columns = array.shape.size() > 1 ? array.shape[1] : 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == 0 || values[i] == 1) continue;
    fail(ErrorKind::input, array.name, ": row ", i / columns, ", column ", i % columns,
         ": expected 0 or 1, found ", values[i]);
  }
  return values;
}

/// The nodes that a mask selects in one fold.
std::vector<NodeId> read_mask(Npz& npz, const std::string& name, std::size_t num_nodes, std::size_t fold) {
  const std::string several = name + "s";
  const NpyArray array = npz.array(!npz.has(name) && npz.has(several) ? several : name);
  const bool by_row = array.shape.size() == 2 && array.shape[1] == num_nodes;
  const bool by_column = !by_row && array.shape.size() == 2 && array.shape[0] == num_nodes;
  if (!by_row && !by_column && (array.shape.size() != 1 || array.shape[0] != num_nodes)) {
    fail(ErrorKind::input, array.name, ": expected ", num_nodes,
         " values, one a node, or a table of folds, found ", shape_text(array));
  }
  const std::size_t folds = by_row ? array.shape[0] : by_column ? array.shape[1] : 1;
  if (fold >= folds) {
    fail(ErrorKind::input, array.name, ": expected at least ", fold + 1, " folds, as asked for, found ",
         folds);
  }
  const std::vector<std::int64_t> values = zeros_and_ones(array);
  std::vector<NodeId> nodes;
  for (std::size_t node = 0; node < num_nodes; ++node) {
    if (values[by_column ? node * folds + fold : fold * num_nodes + node])
      nodes.push_back(static_cast<NodeId>(node));
  }
  return nodes;
}

void check_disjoint(const std::string& file, const std::vector<NodeId>& a, const std::vector<NodeId>& b) {
  std::vector<NodeId> both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  if (both.empty()) return;
  fail(ErrorKind::input, file, ": expected masks that share no node, found node ", +both.front(), " in two");
}

}  // namespace

Labels read_npy_labels(std::span<const std::byte> bytes, const std::string& file, NodeId num_nodes) {
  const NpyArray array = parse_npy(bytes, file);
  const auto rows = static_cast<std::size_t>(num_nodes);
  if (array.shape.empty() || array.shape.size() > 2) {
    fail(ErrorKind::input, array.name, ": expected a class for each node or nodes x classes, found ",
         shape_text(array));
  }
  check_rows(array, array.shape[0], rows);
  Labels labels;
  labels.labels.assign(rows, 0);
  if (array.shape.size() == 2 && array.shape[1] > 1) {
    if (array.shape[1] > static_cast<std::size_t>(std::max(most_classes, std::int64_t(num_nodes)))) {
      fail(ErrorKind::input, array.name, ": expected at most ", most_classes, " classes, found ",
           array.shape[1]);
    }
    labels.num_classes = static_cast<std::int32_t>(array.shape[1]);
    for (const std::int64_t value : zeros_and_ones(array)) labels.targets.push_back(value == 1);
    return labels;
  }
  const std::vector<std::int64_t> values = to_integers(array);
  check_rows(array, values.size(), rows);  // N x 0
  const std::int64_t bound = std::max(most_classes, std::int64_t(num_nodes));
  std::size_t unknown = 0;
  for (std::size_t node = 0; node < values.size(); ++node) {
    if (values[node] < -1 || values[node] >= bound) {
      fail(ErrorKind::input, array.name, ": row ", node, ", column 0: expected a class number below ", bound,
           " or -1, found ", values[node]);
    }
    labels.labels[node] = static_cast<std::int32_t>(values[node]);
    labels.num_classes = std::max(labels.num_classes, labels.labels[node] + 1);
    unknown += values[node] < 0;
  }
  if (labels.num_classes == 0) {
    fail(ErrorKind::input, array.name, ": expected the label of at least one node, found none");
  }
  if (unknown > 0) labels.notes.push_back(std::to_string(unknown) + " nodes have no label");
  return labels;
}

Split read_npz_split(std::span<const std::byte> bytes, const std::string& file, NodeId num_nodes,
                     std::size_t fold) {
  Npz npz(bytes, file);
  const auto rows = static_cast<std::size_t>(num_nodes);
  Split split;
  split.train = read_mask(npz, "train_mask", rows, fold);
  split.val = read_mask(npz, "val_mask", rows, fold);
  split.test = read_mask(npz, "test_mask", rows, fold);
  check_disjoint(file, split.train, split.val);
  check_disjoint(file, split.train, split.test);
  check_disjoint(file, split.val, split.test);
  return split;
}

}  // namespace gnn::datasets
