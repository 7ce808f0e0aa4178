// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/gnn_file.hpp>

namespace gnn::datasets {
namespace {

/// Numbers as the file has them, converted only when the build counts otherwise.
template <class Stored, class T>
std::span<const Stored> stored(SectionWriter& writer, std::span<const T> values) {
  if constexpr (std::is_same_v<Stored, T>) {
    return values;
  } else {
    return writer.keep(std::vector<Stored>(values.begin(), values.end()));
  }
}

void add_graph(SectionWriter& writer, std::size_t relation, const graphs::Csr& graph) {
  writer.add("offsets", relation, stored<std::int64_t>(writer, graph.offsets()));
  writer.add("columns", relation, stored<std::int32_t>(writer, graph.columns()));
  if (!graph.weights().empty()) writer.add("weights", relation, graph.weights());
}

void add_features(SectionWriter& writer, std::size_t type, const Features& features) {
  const std::vector<std::int64_t> columns = {static_cast<std::int64_t>(features.columns)};
  writer.add("feature_columns", type, writer.keep(columns));
  writer.add("feature_offsets", type, std::span(features.offsets));
  writer.add("feature_indices", type, std::span(features.indices));
  writer.add("feature_values", type, std::span(features.values));
}

template <class T>
void add_unless_empty(SectionWriter& writer, std::string_view name, std::size_t index,
                      const std::vector<T>& values) {
  if (!values.empty()) writer.add(name, index, std::span(values));
}

/// What both kinds have. counts: plain 0 or typed 1, classes, target, types, relations.
template <class Data>
void add_common(SectionWriter& writer, const Data& data, std::vector<std::int64_t> counts,
                std::vector<std::int64_t> type_sizes) {
  writer.add("counts", 0, writer.keep(std::move(counts)));
  writer.add("type_sizes", 0, writer.keep(std::move(type_sizes)));
  writer.add("name", 0, std::string_view(data.name));
  add_unless_empty(writer, "notes", 0, data.notes);
  add_unless_empty(writer, "class_names", 0, data.class_names);
  writer.add("labels", 0, std::span(data.labels));
  add_unless_empty(writer, "targets", 0, data.targets);
  writer.add("split_name", 0, std::string_view(data.split.name));
  writer.add("train", 0, stored<std::int32_t>(writer, std::span(data.split.train)));
  writer.add("val", 0, stored<std::int32_t>(writer, std::span(data.split.val)));
  writer.add("test", 0, stored<std::int32_t>(writer, std::span(data.split.test)));
}

}  // namespace

void write_gnn_file(const std::filesystem::path& path, const Dataset& data) {
  validate(data);
  SectionWriter writer;
  add_common(writer, data, {0, data.num_classes, 0, 1, 1}, {data.num_nodes()});
  add_unless_empty(writer, "node_names", 0, data.node_names);
  add_unless_empty(writer, "graph_id", 0, data.graph_id);
  add_unless_empty(writer, "exact_rows", 0, data.exact_rows);
  add_graph(writer, 0, data.graph);
  add_features(writer, 0, data.features);
  writer.write(path);
}

void write_gnn_file(const std::filesystem::path& path, const TypedDataset& data) {
  validate(data);
  SectionWriter writer;
  std::vector<std::int64_t> sizes, ends;
  std::vector<std::string> type_names, relation_names;
  for (const auto& type : data.graph.types) {
    sizes.push_back(type.count);
    type_names.push_back(type.name);
  }
  for (const auto& relation : data.graph.relations) {
    ends.push_back(static_cast<std::int64_t>(relation.source));
    ends.push_back(static_cast<std::int64_t>(relation.target));
    relation_names.push_back(relation.name);
  }
  const auto count = [](std::size_t number) { return static_cast<std::int64_t>(number); };
  add_common(writer, data,
             {1, data.num_classes, count(data.target), count(sizes.size()), count(relation_names.size())},
             sizes);
  writer.add("type_names", 0, std::span<const std::string>(type_names));
  writer.add("relation_names", 0, std::span<const std::string>(relation_names));
  writer.add("relation_ends", 0, writer.keep(std::move(ends)));
  for (std::size_t type = 0; type < data.node_names.size(); ++type) {
    add_unless_empty(writer, "node_names", type, data.node_names[type]);
  }
  for (std::size_t k = 0; k < data.graph.relations.size(); ++k)
    add_graph(writer, k, data.graph.relations[k].edges);
  for (std::size_t type = 0; type < data.features.size(); ++type)
    add_features(writer, type, data.features[type]);
  writer.write(path);
}

}  // namespace gnn::datasets
