// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/typed_csv.hpp>

#include <algorithm>
#include <utility>

#include <datasets/formats/array_tables.hpp>
#include <datasets/formats/npz.hpp>
#include <datasets/in_quotes.hpp>
#include <datasets/input_file.hpp>
#include <datasets/sets/files.hpp>
#include <datasets/sets/lines.hpp>
#include <graphs/error.hpp>
#include <graphs/sizes.hpp>
#include <graphs/transforms.hpp>

namespace gnn::datasets {
namespace {

namespace fs = std::filesystem;

struct Pairs {
  std::string file, source, target;  ///< the types
  graphs::EdgeList edges;            ///< numbers are not yet compared with the types
};

struct LabelLines {
  std::string file;
  std::vector<NodeId> nodes;
  std::vector<std::int32_t> classes;
  Split split;  ///< in the order of the file
};

/// Numbers above this are no nodes of a file of that size, where no features say how many there are.
std::int64_t most_nodes(std::size_t bytes) {
  return std::clamp<std::int64_t>(std::int64_t(bytes) * 16, std::int64_t(1) << 20, 2147483646);
}

Pairs read_pairs(const fs::path& folder, const std::string& stem) {
  const InputFile file(find_file(folder, stem + ".csv"));
  Lines lines(file.text(), file.name());
  Pairs pairs;
  pairs.file = file.name();
  if (!lines.next()) fail(ErrorKind::input, file.name(), ": expected a header of two node types, found an empty file");
  const std::string_view header = lines.line();
  pairs.source = lines.field(',', "a node type");
  pairs.target = lines.field(',', "a node type");
  lines.expect_end();
  if (pairs.source + "-" + pairs.target != stem) {
    lines.refuse(header, "the node types of the file's name with a comma between them");
  }
  const std::int64_t most = most_nodes(file.bytes().size());
  while (lines.next()) {
    for (auto* end : {&pairs.edges.source, &pairs.edges.target}) {
      end->push_back(static_cast<NodeId>(lines.integer(lines.field(',', "a node number"), 0, most, "a node number")));
    }
    lines.expect_end();
  }
  return pairs;
}

LabelLines read_labels(const fs::path& folder, const std::string& target) {
  const InputFile file(find_file(folder, target + "-labels.csv"));
  Lines lines(file.text(), file.name());
  LabelLines labels;
  labels.file = file.name();
  if (!lines.next() || lines.line() != "node,class,split") {
    fail(ErrorKind::input, file.name(), ":1:1: expected the header node,class,split, found ", in_quotes(lines.line()));
  }
  const std::int64_t most = most_nodes(file.bytes().size());
  while (lines.next()) {
    const auto node = lines.integer(lines.field(',', "a node number"), 0, most, "a node number");
    // A class has at least one line, so a wild number cannot make a wide model.
    const auto most_classes = std::min<std::int64_t>(std::int64_t(file.bytes().size()), 32767);
    const auto value = lines.integer(lines.field(',', "a class"), 0, most_classes, "a class");
    const std::string_view part = lines.field(',', "train, val or test");
    lines.expect_end();
    Split& split = labels.split;
    auto* const nodes = part == "train" ? &split.train : part == "val" ? &split.val : part == "test" ? &split.test : nullptr;
    if (!nodes) lines.refuse(part, "train, val or test");
    nodes->push_back(static_cast<NodeId>(node));
    labels.nodes.push_back(static_cast<NodeId>(node));
    labels.classes.push_back(static_cast<std::int32_t>(value));
  }
  if (labels.nodes.empty()) fail(ErrorKind::input, file.name(), ": expected a line for each labelled node, found none");
  return labels;
}

/// Target first, then the others in sorted order.
std::vector<std::string> type_names(const std::vector<Pairs>& relations, const std::string& target) {
  std::vector<std::string> names;
  for (const Pairs& pairs : relations) {
    for (const std::string& type : {pairs.source, pairs.target}) {
      if (type != target) names.push_back(type);
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  names.insert(names.begin(), target);
  return names;
}

void raise(std::int64_t& count, const std::vector<NodeId>& nodes) {
  for (const NodeId node : nodes) count = std::max<std::int64_t>(count, std::int64_t(node) + 1);
}

/// Features of a type, or rows without columns as far as its numbers go.
Features read_type_features(const fs::path& folder, const std::string& type, const std::vector<Pairs>& relations,
                            const LabelLines& labels, bool is_target) {
  const std::string features = type + "-features.npz";
  if (has_file(folder, features)) {
    const InputFile file(find_file(folder, features));
    Npz npz(file.bytes(), file.name());
    return csr_features(npz, "");
  }
  std::int64_t count = 0;
  for (const Pairs& pairs : relations) {
    if (pairs.source == type) raise(count, pairs.edges.source);
    if (pairs.target == type) raise(count, pairs.edges.target);
  }
  if (is_target) raise(count, labels.nodes);
  Features none;
  none.rows = static_cast<std::size_t>(count);
  none.offsets.assign(none.rows + 1, 0);
  return none;
}

/// Throws unless all numbers are below `count`. The header is line 1.
void check_nodes(const std::vector<NodeId>& nodes, NodeId count, const std::string& file) {
  const auto wrong = std::find_if(nodes.begin(), nodes.end(), [&](NodeId node) { return node >= count; });
  if (wrong == nodes.end()) return;
  fail(ErrorKind::input, file, ":", wrong - nodes.begin() + 2, ": expected node numbers below ", +count,
       ", the rows of the type's features, found '", +*wrong, "'");
}

void add_relation(Pairs& pairs, TypedDataset& data) {
  graphs::TypedGraph& graph = data.graph;
  const auto index = [&](const std::string& type) {
    const auto found = std::ranges::find(graph.types, type, &graphs::NodeType::name);
    return static_cast<std::size_t>(found - graph.types.begin());
  };
  const std::size_t source = index(pairs.source), target = index(pairs.target);
  const NodeId sources = graph.types[source].count, targets = graph.types[target].count;
  check_nodes(pairs.edges.source, sources, pairs.file);
  check_nodes(pairs.edges.target, targets, pairs.file);
  pairs.edges.num_nodes = std::max(sources, targets);
  const graphs::Transformed single = graphs::merge_duplicates(pairs.edges);
  const std::string name = pairs.source + "-" + pairs.target;
  if (single.count > 0) data.notes.push_back(std::to_string(single.count) + " duplicate lines of " + name + " merged");
  graph.relations.push_back({name, source, target, graphs::bipartite(single.edges, targets, sources)});
}

void add_reverses(TypedDataset& data) {
  auto& relations = data.graph.relations;
  const std::size_t given = relations.size();
  for (std::size_t i = 0; i < given; ++i) {
    if (relations[i].source == relations[i].target) continue;
    const auto& types = data.graph.types;
    const std::string name = types[relations[i].target].name + "-" + types[relations[i].source].name;
    if (std::ranges::find(relations, name, &graphs::Relation::name) != relations.end()) continue;
    relations.push_back(graphs::reversed(relations[i], name));
    data.notes.push_back("relation " + name + " added as the reverse of " + relations[i].name);
  }
}

void place_labels(LabelLines labels, TypedDataset& data) {
  const NodeId count = data.graph.types[data.target].count;
  check_nodes(labels.nodes, count, labels.file);
  data.labels.assign(static_cast<std::size_t>(count), -1);
  for (std::size_t i = 0; i < labels.nodes.size(); ++i) {
    std::int32_t& label = data.labels[static_cast<std::size_t>(labels.nodes[i])];
    if (label >= 0) {
      fail(ErrorKind::input, labels.file, ":", i + 2, ":1: expected each node once, found '", +labels.nodes[i], "'");
    }
    label = labels.classes[i];
    data.num_classes = std::max(data.num_classes, label + 1);
  }
  data.split = std::move(labels.split);
  data.split.name = "public";
  for (auto* part : {&data.split.train, &data.split.val, &data.split.test}) std::sort(part->begin(), part->end());
}

/// The stems of the files of relations: all *-*.csv but the one of labels.
std::vector<std::string> relation_stems(const fs::path& folder) {
  std::vector<std::string> result;
  for (std::string& stem : stems(folder, ".csv")) {
    if (stem.find('-') != std::string::npos && !stem.ends_with("-labels")) result.push_back(std::move(stem));
  }
  return result;
}

}  // namespace

bool has_typed_csv(const fs::path& folder) {
  return !stems(folder, "-labels.csv").empty() && !relation_stems(folder).empty();
}

TypedDataset read_typed_csv(const fs::path& folder, const std::string& name) {
  const std::vector<std::string> targets = stems(folder, "-labels.csv"), files = relation_stems(folder);
  if (targets.size() != 1 || files.empty()) {
    fail(ErrorKind::input, folder.string(), ": expected one file TYPE-labels.csv and a file TYPE-TYPE.csv for each relation, found ",
         targets.size(), " and ", files.size());
  }
  LabelLines labels = read_labels(folder, targets.front());
  std::vector<Pairs> relations;
  for (const std::string& stem : files) relations.push_back(read_pairs(folder, stem));

  TypedDataset data;
  data.name = name;
  for (const std::string& type : type_names(relations, targets.front())) {
    data.features.push_back(read_type_features(folder, type, relations, labels, data.features.empty()));
    data.graph.types.push_back({type, graphs::to_node_count(data.features.back().rows)});
  }
  for (Pairs& pairs : relations) add_relation(pairs, data);
  add_reverses(data);
  place_labels(std::move(labels), data);
  validate(data);
  return data;
}

}  // namespace gnn::datasets
