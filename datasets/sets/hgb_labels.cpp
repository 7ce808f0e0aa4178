// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/hgb_labels.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include <datasets/splits.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

/// The classes of the nodes of one file, node by node.
struct Classes {
  std::vector<NodeId> nodes;
  std::vector<std::size_t> begin = {0};  ///< of each node's classes
  std::vector<std::int32_t> classes;
  bool lists = false;  ///< some node has several classes
};

class LabelReader {
 public:
  LabelReader(const HgbInfo& info, const TypedDataset& data) : info_(info), data_(data) {}

  Classes read(Lines lines) {
    Classes result;
    while (lines.next()) {
      const std::string_view node = lines.field('\t', "a node number");
      lines.field('\t', "the name of the node");
      const std::string_view type = lines.field('\t', "the type of the node");
      set_target(lines, type);
      result.nodes.push_back(local_node(lines, node));
      const std::string_view line_rest = lines.rest();
      if (line_rest.find('\t') != std::string_view::npos) lines.refuse(line_rest, "the classes, and no more fields");
      read_classes(lines, result);
    }
    return result;
  }

  std::size_t target() const { return target_.value_or(0); }

 private:
  void set_target(const Lines& lines, std::string_view field) {
    const std::int64_t most = std::int64_t(data_.graph.types.size()) - 1;
    const auto type = static_cast<std::size_t>(lines.integer(field, 0, most, "a node type"));
    if (target_.value_or(type) != type) {
      lines.refuse(field, "labels of nodes of type " + std::to_string(*target_) + " only");
    }
    if (target_) return;
    if (info_.classes[type].empty()) lines.refuse(field, "a node type whose classes info.dat names");
    target_ = type;
    for (std::size_t k = 0; k < type; ++k) first_ += data_.graph.types[k].count;
    labelled_.resize(static_cast<std::size_t>(data_.graph.types[type].count));
  }

  NodeId local_node(const Lines& lines, std::string_view field) {
    const std::int64_t count = data_.graph.types[*target_].count;
    const auto node = lines.integer(field, first_, first_ + count - 1, "a node of that type,") - first_;
    if (labelled_[static_cast<std::size_t>(node)]) lines.refuse(field, "each node once in both files of labels");
    labelled_[static_cast<std::size_t>(node)] = true;
    return static_cast<NodeId>(node);
  }

  void read_classes(Lines& lines, Classes& result) {
    const std::int64_t most = std::int64_t(info_.classes[*target_].size()) - 1;
    const auto begin = static_cast<std::ptrdiff_t>(result.begin.back());
    do {
      const std::string_view field = lines.field(',', "a class");
      const auto value = static_cast<std::int32_t>(lines.integer(field, 0, most, "a class of info.dat"));
      if (std::find(result.classes.begin() + begin, result.classes.end(), value) != result.classes.end()) {
        lines.refuse(field, "each class of a node once");
      }
      result.classes.push_back(value);
    } while (lines.has_field());
    result.lists = result.lists || result.classes.size() > result.begin.back() + 1;
    result.begin.push_back(result.classes.size());
  }

  const HgbInfo& info_;
  const TypedDataset& data_;
  std::optional<std::size_t> target_;
  std::int64_t first_ = 0;
  std::vector<bool> labelled_;
};

void place(const Classes& found, TypedDataset& data) {
  for (std::size_t i = 0; i < found.nodes.size(); ++i) {
    const auto node = static_cast<std::size_t>(found.nodes[i]);
    data.labels[node] = data.targets.empty() ? found.classes[found.begin[i]] : 0;
    for (std::size_t c = found.begin[i]; c < found.begin[i + 1] && !data.targets.empty(); ++c) {
      const auto width = static_cast<std::size_t>(data.num_classes);
      data.targets[node * width + static_cast<std::size_t>(found.classes[c])] = 1;
    }
  }
}

}  // namespace

void read_hgb_labels(Lines train, Lines test, const HgbInfo& info, TypedDataset& data) {
  LabelReader reader(info, data);
  const std::string file = train.file();
  const Classes known = reader.read(std::move(train)), asked = reader.read(std::move(test));
  if (known.nodes.empty()) fail(ErrorKind::input, file, ": expected a line for each labelled node, found an empty file");
  data.target = reader.target();
  data.class_names = info.classes[data.target];
  data.num_classes = static_cast<std::int32_t>(data.class_names.size());
  const auto count = static_cast<std::size_t>(data.graph.types[data.target].count);
  data.labels.assign(count, -1);
  if (known.lists || asked.lists) data.targets.assign(count * data.class_names.size(), 0);
  place(known, data);
  data.split = ratio_split(data.labels, 0.8, 0.2, 0);
  data.split.name = "public";
  place(asked, data);
  data.split.test = asked.nodes;
  std::sort(data.split.test.begin(), data.split.test.end());
}

}  // namespace gnn::datasets
