// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/npz_sets.hpp>

#include <algorithm>
#include <utility>

#include <datasets/formats/array_tables.hpp>
#include <datasets/formats/npz.hpp>
#include <datasets/input_file.hpp>
#include <datasets/sets/dense.hpp>
#include <datasets/sets/masks.hpp>
#include <datasets/sets/simple_graph.hpp>
#include <graphs/error.hpp>
#include <graphs/sizes.hpp>

namespace gnn::datasets {
namespace {

/// Labels from 0 up, or -1, and the number of classes.
void read_labels(const NpyArray& array, std::size_t num_nodes, Dataset& data) {
  const std::vector<std::int64_t> labels = to_integers(array);
  if (array.shape.size() != 1 || labels.size() != num_nodes) {
    fail(ErrorKind::input, array.name, ": expected ", num_nodes, " labels, one a node, found ", shape_text(array));
  }
  // There are no more classes than nodes, so a wild number cannot make a wide model.
  const auto most = static_cast<std::int64_t>(num_nodes) - 1;
  for (std::size_t node = 0; node < num_nodes; ++node) {
    if (labels[node] < -1 || labels[node] > most) {
      fail(ErrorKind::input, array.name, ": row ", node, ": expected a class from 0 to ", most, " or -1, found ",
           labels[node]);
    }
    data.labels.push_back(static_cast<std::int32_t>(labels[node]));
    data.num_classes = std::max(data.num_classes, data.labels.back() + 1);
  }
}

graphs::EdgeList read_pairs(const NpyArray& array, std::size_t num_nodes) {
  if (array.shape.size() != 2 || array.shape[1] != 2) {
    fail(ErrorKind::input, array.name, ": expected two nodes a row, found ", shape_text(array));
  }
  const std::vector<std::int64_t> ends = to_integers(array);
  graphs::EdgeList edges;
  edges.num_nodes = graphs::to_node_count(num_nodes);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (ends[i] < 0 || ends[i] >= std::int64_t(num_nodes)) {
      fail(ErrorKind::input, array.name, ": row ", i / 2, ", column ", i % 2, ": expected a node from 0 to ",
           std::int64_t(num_nodes) - 1, ", found ", ends[i]);
    }
    (i % 2 ? edges.target : edges.source).push_back(static_cast<NodeId>(ends[i]));
  }
  return edges;
}

Split split_of(Npz& npz, NodeId num_nodes, std::size_t fold) {
  Split split;
  split.name = "geom:" + std::to_string(fold);
  split.train = nodes_of_mask(npz.array("train_masks"), fold, num_nodes);
  split.val = nodes_of_mask(npz.array("val_masks"), fold, num_nodes);
  split.test = nodes_of_mask(npz.array("test_masks"), fold, num_nodes);
  check_masks(split, num_nodes, npz.file());
  return split;
}

/// Names that the file may carry. Those of the Coauthor files are pickled objects, which are never read.
std::vector<std::string> names_of(Npz& npz, const std::string& entry, std::vector<std::string>& notes) {
  if (!npz.has(entry)) return {};
  try {
    return to_texts(npz.array(entry));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::input) throw;
    notes.push_back(entry + " skipped: no plain text");
    return {};
  }
}

}  // namespace

NpzFamily npz_family(const std::filesystem::path& path) {
  const InputFile file(path);
  const Npz npz(file.bytes(), file.name());
  if (npz.has("node_features") && npz.has("edges")) return NpzFamily::heterophilous;
  if (npz.has("adj_indptr") && npz.has("attr_indptr")) return NpzFamily::shchur;
  return NpzFamily::none;
}

Dataset read_heterophilous(const std::filesystem::path& path, const std::string& name, std::size_t fold) {
  const InputFile file(path);
  Npz npz(file.bytes(), file.name());
  Dataset data;
  data.name = name;
  data.features = nonzero_features(npz.array("node_features"));
  npz.release("node_features");
  read_labels(npz.array("node_labels"), data.features.rows, data);
  const bool directed = path.stem().string().ends_with("_directed");
  data.graph = simple_graph(read_pairs(npz.array("edges"), data.features.rows), data.notes, {.directed = directed});
  data.split = split_of(npz, data.num_nodes(), fold);
  validate(data);
  return data;
}

Split heterophilous_split(const std::filesystem::path& path, NodeId num_nodes, std::size_t fold) {
  const InputFile file(path);
  Npz npz(file.bytes(), file.name());
  return split_of(npz, num_nodes, fold);
}

namespace {

/// A square CSR matrix of ones as edges from rows to columns.
graphs::EdgeList csr_edges(Npz& npz, const std::string& prefix) {
  const CsrArrays csr = csr_of_npz(npz, prefix);
  if (csr.rows != csr.columns) {
    fail(ErrorKind::input, npz.file(), ": entry ", prefix, "shape: expected as many rows as columns, found ", csr.rows, " and ",
         csr.columns);
  }
  const auto other = std::ranges::find_if(csr.values, [](float value) { return value != 1; });
  if (other != csr.values.end()) {
    fail(ErrorKind::input, npz.file(), ": entry ", prefix, "data: expected edges of weight 1, found ", *other);
  }
  graphs::EdgeList edges;
  edges.num_nodes = graphs::to_node_count(csr.rows);
  edges.target.assign(csr.indices.begin(), csr.indices.end());
  for (std::size_t row = 0; row < csr.rows; ++row) edges.source.resize(std::size_t(csr.offsets[row + 1]), NodeId(row));
  return edges;
}

}  // namespace

Dataset read_shchur(const std::filesystem::path& path, const std::string& name) {
  const InputFile file(path);
  Npz npz(file.bytes(), file.name());
  Dataset data;
  data.name = name;
  data.features = csr_features(npz, "attr_");
  graphs::EdgeList edges = csr_edges(npz, "adj_");
  if (static_cast<std::size_t>(edges.num_nodes) != data.features.rows) {
    fail(ErrorKind::input, file.name(), ": entry attr_shape: expected ", +edges.num_nodes,
         " rows, one a node of adj_shape, found ", data.features.rows);
  }
  data.graph = simple_graph(std::move(edges), data.notes);
  read_labels(npz.array("labels"), data.features.rows, data);
  data.class_names = names_of(npz, "class_names", data.notes);
  data.node_names = names_of(npz, "node_names", data.notes);
  validate(data);
  return data;
}

}  // namespace gnn::datasets
