// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/npz_dataset.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>

#include <datasets/formats/array_tables.hpp>
#include <datasets/formats/feature_matrix.hpp>
#include <datasets/formats/whole_dataset.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

/// The first of the names that the archive has.
std::optional<std::string> find(const Npz& npz, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (npz.has(name)) return name;
  }
  return std::nullopt;
}

void read_labels(Npz& npz, Dataset& data, std::size_t num_nodes) {
  const auto name = find(npz, {"labels", "y", "node_labels"});
  if (!name) return;
  const NpyArray array = npz.array(*name);
  const bool is_column = array.shape.size() == 2 && array.shape[1] == 1;
  const bool is_matrix = array.shape.size() == 2 && !is_column;
  if (array.shape.empty() || array.shape.size() > 2 || array.shape[0] != num_nodes) {
    fail(ErrorKind::input, array.name, ": expected ", num_nodes, " labels, one a node, or ", num_nodes,
         " rows of zeros and ones, found ", shape_text(array));
  }
  if (!is_matrix) {
    set_labels(data, to_integers(array), array.name);
    return;
  }
  // Zeros and ones are often kept as floats.
  const std::vector<float> numbers = to_floats(array);
  const auto other = std::find_if(numbers.begin(), numbers.end(), [](float v) { return v != 0 && v != 1; });
  if (other != numbers.end()) {
    const auto at = std::size_t(other - numbers.begin());
    fail(ErrorKind::input, array.name, ": row ", at / array.shape[1], ", column ", at % array.shape[1],
         ": expected 0 or 1, found ", *other);
  }
  check_feature_shape(array.shape[0], array.shape[1], array.size(), NodeId(num_nodes), array.name);
  set_targets(data, std::vector<std::uint8_t>(numbers.begin(), numbers.end()), array.shape[1]);
}

/// The nodes of a mask; of several masks, those of the first.
std::vector<NodeId> read_mask(Npz& npz, const std::string& part, std::size_t num_nodes, std::size_t& masks) {
  const auto name = find(npz, {(part + "_mask").c_str(), (part + "_masks").c_str()});
  if (!name) return {};
  const NpyArray array = npz.array(*name);
  const auto& shape = array.shape;
  const bool one = shape.size() == 1 && shape[0] == num_nodes;
  const bool in_rows = shape.size() == 2 && shape[1] == num_nodes && shape[0] > 0;
  const bool in_columns = !in_rows && shape.size() == 2 && shape[0] == num_nodes && shape[1] > 0;
  if (!one && !in_rows && !in_columns) {
    fail(ErrorKind::input, array.name, ": expected a mask of ", num_nodes,
         " values, one a node, or rows of so many, found ", shape_text(array));
  }
  const std::size_t count = one ? 1 : in_rows ? shape[0] : shape[1];
  masks = std::max(masks, count);
  const std::vector<std::int64_t> all = to_integers(array);
  std::vector<std::int64_t> mask(num_nodes);
  for (std::size_t node = 0; node < num_nodes; ++node) mask[node] = all[in_columns ? node * count : node];
  for (std::size_t node = 0; node < num_nodes; ++node) {
    if (mask[node] == 0 || mask[node] == 1) continue;
    fail(ErrorKind::input, array.name, ": row ", node, ": expected 0 or 1, found ", mask[node]);
  }
  return masked(mask);
}

void read_masks(Npz& npz, Dataset& data, std::size_t num_nodes) {
  std::size_t masks = 1;
  data.split.train = read_mask(npz, "train", num_nodes, masks);
  data.split.val = read_mask(npz, "val", num_nodes, masks);
  data.split.test = read_mask(npz, "test", num_nodes, masks);
  if (!data.split.train.empty() || !data.split.val.empty() || !data.split.test.empty())
    data.split.name = "public";
  if (masks > 1) data.notes.push_back("the first of " + std::to_string(masks) + " splits is used");
}

void read_class_names(Npz& npz, Dataset& data) {
  if (!npz.has("class_names")) return;
  data.class_names = to_texts(npz.array("class_names"));
  if (data.class_names.size() == std::size_t(data.num_classes)) return;
  fail(ErrorKind::input, npz.file(), ": entry class_names: expected ", data.num_classes,
       " names, one a class, found ", data.class_names.size());
}

void note_unused(const Npz& npz, Dataset& data) {
  const auto is_known = [](const std::string& name) {
    for (const char* known : {"edge_index", "edges", "num_nodes", "features", "x", "node_features",
                              "attr_matrix", "labels", "y", "node_labels", "class_names"}) {
      if (name == known) return true;
    }
    for (const char* start : {"train_mask", "val_mask", "test_mask", "adj_", "attr_"}) {
      if (name.starts_with(start)) return true;
    }
    return false;
  };
  for (const std::string& name : npz.names()) {
    if (!is_known(name)) data.notes.push_back("entry " + in_quotes(name) + " is not used");
  }
}

}  // namespace

Dataset read_npz_dataset(const InputFile& file) {
  Npz npz(file.bytes(), file.name());
  // Features or labels may know nodes that have no edges.
  EdgeOptions options;
  if (!npz.has("num_nodes")) {
    const auto rows = find(npz, {"features", "x", "node_features", "labels", "y", "node_labels"});
    const auto edges = find(npz, {"edge_index", "edges"});
    if (rows && edges && !has_csr(npz, "adj_")) {
      const NpyArray array = npz.array(*rows);
      if (!array.shape.empty() && array.bytes.size() >= array.shape[0]) {
        options.num_nodes = std::int64_t(array.shape[0]);
      }
    }
  }
  RawEdges raw = edges_of_npz(npz, options);
  Dataset data;
  data.name = std::filesystem::path(file.name()).stem().string();
  const auto num_nodes = std::size_t(raw.edges.num_nodes);
  data.features = features_of_npz(npz, raw.edges.num_nodes, false);
  read_labels(npz, data, num_nodes);
  read_class_names(npz, data);
  read_masks(npz, data, num_nodes);
  note_unused(npz, data);
  try {
    finish_dataset(data, raw, false);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::input) throw;
    fail(ErrorKind::input, file.name(), ": ", error.what());
  }
  return data;
}

}  // namespace gnn::datasets
