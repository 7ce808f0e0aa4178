// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/ppi.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include <datasets/formats/npy.hpp>
#include <datasets/input_file.hpp>
#include <datasets/sets/dense.hpp>
#include <datasets/sets/files.hpp>
#include <datasets/sets/masks.hpp>
#include <datasets/sets/node_link.hpp>
#include <datasets/sets/simple_graph.hpp>
#include <graphs/error.hpp>
#include <graphs/sizes.hpp>

namespace gnn::datasets {
namespace {

namespace fs = std::filesystem;

/// An npy file and its array, which is a view of it.
struct NpyFile {
  InputFile file;
  NpyArray array;

  explicit NpyFile(const fs::path& path) : file(path), array(parse_npy(file.bytes(), file.name())) {}
};

void check_rows(const NpyArray& array, std::size_t rows) {
  if (array.shape.empty() || array.shape.front() != rows) {
    fail(ErrorKind::input, array.name, ": expected ", rows, " rows, one a node, found ", shape_text(array));
  }
}

/// Ids that never fall, as numbers from 0 up without gaps.
std::vector<std::int32_t> read_graph_ids(const NpyArray& array, std::size_t num_nodes, std::int32_t first) {
  check_rows(array, num_nodes);
  const std::vector<std::int64_t> ids = to_integers(array);
  if (array.shape.size() != 1) {
    fail(ErrorKind::input, array.name, ": expected a number for each node, found ", shape_text(array));
  }
  std::vector<std::int32_t> result;
  std::int32_t next = first;
  for (std::size_t node = 0; node < ids.size(); ++node) {
    if (node > 0 && ids[node] < ids[node - 1]) {
      fail(ErrorKind::input, array.name, ": row ", node, ": expected ids that never fall, found ", ids[node],
           " after ", ids[node - 1]);
    }
    next += node > 0 && ids[node] > ids[node - 1];
    result.push_back(next);
  }
  return result;
}

Split split_of(const std::vector<NodeLink::Part>& parts) {
  Split split;
  split.name = "public";
  for (std::size_t node = 0; node < parts.size(); ++node) {
    auto& nodes = parts[node] == NodeLink::test ? split.test : parts[node] == NodeLink::val ? split.val : split.train;
    nodes.push_back(static_cast<NodeId>(node));
  }
  return split;
}

/// A graph for each part of the split, where parts stand behind one another.
std::vector<std::int32_t> one_graph_a_part(const std::vector<NodeLink::Part>& parts) {
  if (!std::is_sorted(parts.begin(), parts.end())) return {};
  return {parts.begin(), parts.end()};
}

void place_targets(const NpyArray& array, std::size_t num_nodes, Dataset& data) {
  check_rows(array, num_nodes);
  const std::vector<std::int64_t> values = to_integers(array);
  if (array.shape.size() != 2 || array.shape[1] == 0 || array.shape[1] > 32767 ||
      (data.num_classes != 0 && array.shape[1] != static_cast<std::size_t>(data.num_classes))) {
    fail(ErrorKind::input, array.name, ": expected a row of 0 and 1 for each node, as many as in train_labels.npy, found ",
         shape_text(array));
  }
  data.num_classes = static_cast<std::int32_t>(array.shape[1]);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != 0 && values[i] != 1) {
      fail(ErrorKind::input, array.name, ": row ", i / array.shape[1], ", column ", i % array.shape[1],
           ": expected 0 or 1, found ", values[i]);
    }
    data.targets.push_back(static_cast<std::uint8_t>(values[i]));
  }
  data.labels.insert(data.labels.end(), num_nodes, 0);
}

void append_features(const Features& more, const std::string& file, Features& all) {
  if (all.rows > 0 && more.columns != all.columns) {
    fail(ErrorKind::input, file, ": expected ", all.columns, " features as in train_feats.npy, found ", more.columns);
  }
  const std::int64_t stored = all.offsets.back();
  all.columns = more.columns;
  all.rows += more.rows;
  all.indices.insert(all.indices.end(), more.indices.begin(), more.indices.end());
  all.values.insert(all.values.end(), more.values.begin(), more.values.end());
  for (std::size_t row = 1; row < more.offsets.size(); ++row) all.offsets.push_back(stored + more.offsets[row]);
}

}  // namespace

bool has_graphsage(const fs::path& folder) { return !stems(folder, "-G.json").empty(); }

bool has_dgl_ppi(const fs::path& folder) {
  return has_file(folder, "train_graph.json") && has_file(folder, "train_feats.npy");
}

Dataset read_graphsage(const fs::path& folder, const std::string& name) {
  const std::vector<std::string> found = stems(folder, "-G.json");
  if (found.size() != 1) {
    fail(found.empty() ? ErrorKind::file : ErrorKind::input, folder.string(),
         ": expected one file NAME-G.json, found ", found.size());
  }
  const auto path = [&](const char* end) { return find_file(folder, found.front() + end); };
  Dataset data;
  data.name = name;
  std::vector<NodeLink::Part> parts;
  {
    const InputFile file(path("-G.json"));
    NodeLink graph = parse_node_link(file.text(), file.name());
    parts = std::move(graph.parts);
    data.graph = simple_graph(std::move(graph.edges), data.notes);
  }
  data.split = split_of(parts);
  {
    const InputFile file(path("-id_map.json"));
    check_id_map(file.text(), file.name(), parts.size());
  }
  {
    const NpyFile feats(path("-feats.npy"));
    check_rows(feats.array, parts.size());
    data.features = nonzero_features(feats.array);
  }
  {
    const InputFile file(path("-class_map.json"));
    ClassMap map = parse_class_map(file.text(), file.name(), parts.size());
    data.num_classes = static_cast<std::int32_t>(map.num_classes);
    data.targets = std::move(map.targets);
    data.labels = std::move(map.labels);
  }
  if (has_file(folder, "tissue_graph_id.npy")) {
    data.graph_id = read_graph_ids(NpyFile(find_file(folder, "tissue_graph_id.npy")).array, parts.size(), 0);
  } else {
    data.graph_id = one_graph_a_part(parts);
    data.notes.push_back("no tissue_graph_id.npy: each part of the split counts as one graph");
  }
  if (has_file(folder, "labels-exact-row.npy")) {
    const NpyFile exact(find_file(folder, "labels-exact-row.npy"));
    data.exact_rows.assign(parts.size(), 0);
    const std::vector<NodeId> nodes = nodes_of_mask(exact.array, 0, graphs::to_node_count(parts.size()));
    for (const NodeId node : nodes) data.exact_rows[static_cast<std::size_t>(node)] = 1;
    if (nodes.size() < parts.size()) {
      data.notes.push_back(std::to_string(parts.size() - nodes.size()) + " nodes have estimated labels");
    }
  }
  validate(data);
  return data;
}

Dataset read_dgl_ppi(const fs::path& folder, const std::string& name) {
  Dataset data;
  data.name = name;
  data.split.name = "public";
  graphs::EdgeList edges;
  std::vector<NodeId>* const split_parts[] = {&data.split.train, &data.split.val, &data.split.test};
  const char* const prefixes[] = {"train", "valid", "test"};
  for (int k = 0; k < 3; ++k) {
    const auto path = [&](const char* end) { return find_file(folder, std::string(prefixes[k]) + end); };
    const InputFile file(path("_graph.json"));
    const NodeLink graph = parse_node_link(file.text(), file.name());
    const std::size_t count = graph.parts.size();
    const NodeId first = edges.num_nodes;
    edges.num_nodes = graphs::to_node_count(static_cast<std::size_t>(first) + count);
    for (const NodeId node : graph.edges.source) edges.source.push_back(static_cast<NodeId>(first + node));
    for (const NodeId node : graph.edges.target) edges.target.push_back(static_cast<NodeId>(first + node));
    for (NodeId node = first; node < edges.num_nodes; ++node) split_parts[k]->push_back(node);

    const NpyFile feats(path("_feats.npy")), labels(path("_labels.npy")), ids(path("_graph_id.npy"));
    check_rows(feats.array, count);
    append_features(nonzero_features(feats.array), feats.file.name(), data.features);
    place_targets(labels.array, count, data);
    const std::int32_t first_id = data.graph_id.empty() ? 0 : data.graph_id.back() + 1;
    const std::vector<std::int32_t> graph_ids = read_graph_ids(ids.array, count, first_id);
    data.graph_id.insert(data.graph_id.end(), graph_ids.begin(), graph_ids.end());
  }
  data.graph = simple_graph(std::move(edges), data.notes, {.keep_self_loops = true});
  validate(data);
  return data;
}

}  // namespace gnn::datasets
