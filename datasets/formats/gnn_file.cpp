// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/gnn_file.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include <datasets/formats/gnn_layout.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

constexpr std::uint64_t most_int32 = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t places_in_counts = 5;

template <class T>
std::vector<T> to_vector(std::span<const T> values) {
  return {values.begin(), values.end()};
}

/// The array where it lies when the build has the file's type, else a converted copy.
template <class T, class Stored>
graphs::SharedArray<T> shared(const SectionReader& sections, std::string_view name, std::size_t index) {
  const std::span<const Stored> values = sections.array<Stored>(name, index);
  if constexpr (std::is_same_v<T, Stored>) {
    return {values, sections.owner()};
  } else {
    for (const Stored value : values) {
      if (std::in_range<T>(value)) continue;
      sections.refuse(name, "numbers that this build can hold", std::to_string(value));
    }
    return std::vector<T>(values.begin(), values.end());
  }
}

std::vector<NodeId> read_part(const SectionReader& sections, std::string_view name) {
  return shared<NodeId, std::int32_t>(sections, name, 0).to_vector();
}

/// Calls action() and names the file in what it throws.
template <class Action>
auto in_file(const std::string& file, Action action) {
  try {
    return action();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::input) throw;
    fail(ErrorKind::input, file, ": expected a data set that fits together, found: ", error.what());
  }
}

}  // namespace

bool is_gnn_file(const std::filesystem::path& path) {
  return graphs::MappedFile(path).text().starts_with(layout::magic);
}

GnnFile::GnnFile(const std::filesystem::path& path) : sections_(path) {
  sections_.verify(false);
  const auto counts = sections_.array<std::int64_t>("counts");
  if (counts.size() != places_in_counts) {
    sections_.refuse("counts", std::to_string(places_in_counts) + " numbers", std::to_string(counts.size()));
  }
  typed_ = count("counts", 0, 1) == 1;
  const auto sizes = sections_.array<std::int64_t>("type_sizes");
  if (count("counts", 3, most_int32) != sizes.size() || sizes.empty() || (!typed_ && sizes.size() != 1)) {
    sections_.refuse("type_sizes", std::to_string(counts[3]) + " numbers, one a type and at least one",
                     std::to_string(sizes.size()));
  }
  for (std::size_t type = 0; type < sizes.size(); ++type) {
    type_sizes_.push_back(
        static_cast<NodeId>(count("type_sizes", type, std::uint64_t(std::numeric_limits<NodeId>::max()))));
  }
  num_relations_ = typed_ ? sections_.array<std::int64_t>("relation_ends").size() / 2 : 1;
  if (count("counts", 4, most_int32) != num_relations_) {
    sections_.refuse("counts", std::to_string(num_relations_) + " relations", std::to_string(counts[4]));
  }
}

std::size_t GnnFile::count(std::string_view name, std::size_t place, std::uint64_t most) const {
  const auto values = sections_.array<std::int64_t>(name);
  if (place < values.size() && std::cmp_less_equal(0, values[place]) &&
      std::cmp_less_equal(values[place], most)) {
    return static_cast<std::size_t>(values[place]);
  }
  sections_.refuse(name, "a number from 0 to " + std::to_string(most) + " at place " + std::to_string(place),
                   place < values.size() ? std::to_string(values[place]) : "none");
}

graphs::Csr GnnFile::graph(std::size_t relation) const {
  std::size_t source = 0, target = 0;
  if (typed_) {
    source = count("relation_ends", 2 * relation, type_sizes_.size() - 1);
    target = count("relation_ends", 2 * relation + 1, type_sizes_.size() - 1);
  }
  auto offsets = shared<EdgeOffset, std::int64_t>(sections_, "offsets", relation);
  if (offsets.size() != static_cast<std::size_t>(type_sizes_[target]) + 1) {
    sections_.refuse("offsets", std::to_string(type_sizes_[target]) + " rows, one a node, and one more",
                     std::to_string(offsets.size()));
  }
  return in_file(sections_.file(), [&] {
    return graphs::Csr(type_sizes_[source], std::move(offsets),
                       shared<NodeId, std::int32_t>(sections_, "columns", relation),
                       {sections_.array<float>("weights", relation), sections_.owner()});
  });
}

FeaturesView GnnFile::features(std::size_t type) const {
  const auto columns = sections_.array<std::int64_t>("feature_columns", type);
  if (columns.size() != 1 || columns[0] < 0 || std::cmp_greater(columns[0], most_int32)) {
    sections_.refuse(
        "feature_columns", "one number from 0 to " + std::to_string(most_int32),
        columns.size() == 1 ? std::to_string(columns[0]) : std::to_string(columns.size()) + " numbers");
  }
  FeaturesView view;
  view.columns = static_cast<std::size_t>(columns[0]);
  view.offsets = sections_.array<std::int64_t>("feature_offsets", type);
  view.indices = sections_.array<std::int32_t>("feature_indices", type);
  view.values = sections_.array<float>("feature_values", type);
  view.rows = static_cast<std::size_t>(type_sizes_[type]);
  if (view.offsets.size() != view.rows + 1 || view.indices.size() != view.values.size()) {
    sections_.refuse("feature_offsets",
                     std::to_string(view.rows + 1) + " offsets and as many values as columns",
                     std::to_string(view.offsets.size()) + ", " + std::to_string(view.values.size()) +
                         " and " + std::to_string(view.indices.size()));
  }
  return view;
}

Features GnnFile::copy_features(std::size_t type) const {
  const FeaturesView view = features(type);
  return {view.rows, view.columns, to_vector(view.offsets), to_vector(view.indices), to_vector(view.values)};
}

template <class Data>
void GnnFile::read_common(Data& data) const {
  verify();
  data.name = sections_.text("name");
  data.notes = sections_.texts("notes");
  data.class_names = sections_.texts("class_names");
  data.num_classes = static_cast<std::int32_t>(count("counts", 1, most_int32));
  data.labels = to_vector(labels());
  data.targets = to_vector(targets());
  data.split = {std::string(sections_.text("split_name")), read_part(sections_, "train"),
                read_part(sections_, "val"), read_part(sections_, "test")};
}

Dataset read_gnn_file(const std::filesystem::path& path) {
  const GnnFile file(path);
  const SectionReader& sections = file.sections_;
  if (file.is_typed()) sections.refuse("counts", "a plain graph", "one with types of nodes");
  Dataset data;
  file.read_common(data);
  data.graph = file.graph();
  data.features = file.copy_features(0);
  data.node_names = sections.texts("node_names");
  data.graph_id = to_vector(sections.array<std::int32_t>("graph_id"));
  data.exact_rows = to_vector(sections.array<std::uint8_t>("exact_rows"));
  in_file(sections.file(), [&] { validate(data); });
  return data;
}

TypedDataset read_typed_gnn_file(const std::filesystem::path& path) {
  const GnnFile file(path);
  const SectionReader& sections = file.sections_;
  if (!file.is_typed()) sections.refuse("counts", "a graph with types of nodes", "a plain one");
  TypedDataset data;
  file.read_common(data);
  data.target = file.count("counts", 2, file.num_types() - 1);
  const auto type_names = sections.texts("type_names"), relation_names = sections.texts("relation_names");
  if (type_names.size() != file.num_types() || relation_names.size() != file.num_relations()) {
    sections.refuse("type_names", "a name for each type and relation",
                    std::to_string(type_names.size()) + " and " + std::to_string(relation_names.size()));
  }
  bool any_names = false;
  for (std::size_t type = 0; type < file.num_types(); ++type) {
    data.graph.types.push_back({type_names[type], file.type_sizes_[type]});
    data.features.push_back(file.copy_features(type));
    data.node_names.push_back(sections.texts("node_names", type));
    any_names = any_names || !data.node_names.back().empty();
  }
  if (!any_names) data.node_names.clear();
  for (std::size_t k = 0; k < file.num_relations(); ++k) {
    const std::size_t source = file.count("relation_ends", 2 * k, file.num_types() - 1);
    const std::size_t target = file.count("relation_ends", 2 * k + 1, file.num_types() - 1);
    data.graph.relations.push_back({relation_names[k], source, target, file.graph(k)});
  }
  in_file(sections.file(), [&] { validate(data); });
  return data;
}

}  // namespace gnn::datasets
