// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/json_dataset.hpp>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>

#include <datasets/formats/json_reader.hpp>
#include <datasets/formats/numbered_edges.hpp>
#include <datasets/formats/whole_dataset.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

using Kind = JsonReader::Kind;

constexpr auto most_id = std::uint64_t(std::numeric_limits<NodeId>::max()) - 1;

/// What the file says, before it is put together.
struct Parts {
  bool has_edges = false, directed = false;
  std::optional<std::uint64_t> num_nodes;
  std::vector<std::int64_t> source, target;
  std::vector<float> weights;         ///< behind the ends of an edge
  std::vector<float> listed_weights;  ///< under a key of their own
  bool has_features = false, has_listed_weights = false;
  std::vector<std::string> text_labels;  ///< beside data.labels when these are names
  Dataset data;
};

/// One walk through the file. Ids above `most` are refused where they stand.
class Walk {
 public:
  Walk(const InputFile& file, std::uint64_t most)
      : file_(file.name()), json_(file.text(), file.name()), most_(most) {}

  Parts read() {
    json_.enter_object();
    for (std::string key; json_.next_key(key);) {
      if (key == "edges") {
        read_edges();
      } else if (key == "num_nodes") {
        parts_.num_nodes = json_.whole("a number of nodes up to " + std::to_string(most_id + 1), most_id + 1);
      } else if (key == "directed") {
        parts_.directed = json_.boolean();
      } else if (key == "name") {
        parts_.data.name = json_.string();
      } else if (key == "weights") {
        parts_.has_listed_weights = true;
        read_list([&] { parts_.listed_weights.push_back(json_.number("a weight")); });
      } else if (key == "features") {
        read_features();
      } else if (key == "labels") {
        read_labels();
      } else if (key == "class_names") {
        read_list([&] { parts_.data.class_names.push_back(json_.string()); });
      } else if (key == "node_names") {
        read_list([&] { parts_.data.node_names.push_back(json_.string()); });
      } else if (key == "split") {
        read_split();
      } else {
        json_.skip();
        parts_.data.notes.push_back("key " + in_quotes(key) + " is not used");
      }
    }
    json_.finish();
    return std::move(parts_);
  }

 private:
  template <class Action>
  void read_list(Action action) {
    json_.enter_array();
    while (json_.next_element()) action();
  }

  std::int64_t read_id() {
    return std::int64_t(json_.whole("a node number from 0 to " + std::to_string(most_), most_));
  }

  void read_edges() {
    parts_.has_edges = true;
    read_list([&] {
      std::size_t count = 0;
      std::string place;
      read_list([&] {
        if (count == 3) json_.refuse("the end of an edge of two node numbers and a weight");
        if (count < 2) (count == 0 ? parts_.source : parts_.target).push_back(read_id());
        if (count == 2) parts_.weights.push_back(json_.number("a weight"));
        ++count;
      });
      if (count < 2)
        fail(ErrorKind::input, json_.place(), ": expected an edge of two node numbers, found ", count);
      if (!parts_.weights.empty() && parts_.weights.size() != parts_.source.size()) {
        fail(ErrorKind::input, json_.place(),
             ": expected a weight for every edge or for none, found an edge ",
             count == 3 ? "with" : "without", " one");
      }
    });
  }

  void read_features() {
    Features& features = parts_.data.features;
    parts_.has_features = true;
    read_list([&] {
      std::size_t column = 0;
      read_list([&] {
        const float value = json_.number("a feature");
        if (value != 0) {
          features.indices.push_back(std::int32_t(column));
          features.values.push_back(value);
        }
        ++column;
      });
      if (features.rows == 0) features.columns = column;
      if (column != features.columns) {
        fail(ErrorKind::input, json_.place(), ": expected ", features.columns,
             " features, as in the first row, found ", column, " in row ", features.rows);
      }
      features.offsets.push_back(std::int64_t(features.values.size()));
      ++features.rows;
    });
  }

  void read_labels() {
    std::optional<Kind> kind;
    std::vector<std::int64_t> classes;
    std::vector<std::uint8_t> targets;
    std::size_t width = 0;
    read_list([&] {
      const Kind found = json_.peek();
      if (found == Kind::null && kind != Kind::array) {
        json_.null();
        classes.push_back(-1);
        parts_.text_labels.emplace_back();
        return;
      }
      if (kind && found != *kind) json_.refuse("labels of one kind");
      kind = found;
      if (found == Kind::string) {
        classes.push_back(0);
        parts_.text_labels.push_back(json_.string());
      } else if (found == Kind::array) {
        if (!classes.empty()) json_.refuse("labels of one kind");
        const std::size_t before = targets.size();
        read_list([&] { targets.push_back(std::uint8_t(json_.whole("0 or 1", 1))); });
        if (before == 0) width = targets.size();
        if (targets.size() != before + width || width == 0) {
          fail(ErrorKind::input, json_.place(), ": expected ", std::max<std::size_t>(width, 1),
               " zeros and ones, found ", targets.size() - before);
        }
      } else {
        classes.push_back(std::int64_t(json_.whole("a class number, null where it is unknown", most_id)));
        parts_.text_labels.emplace_back();
      }
    });
    if (kind == Kind::array) {
      set_targets(parts_.data, std::move(targets), width);
    } else if (kind == Kind::string) {
      name_classes(classes);
    } else {
      set_labels(parts_.data, classes, file_ + ": labels");
    }
  }

  /// Classes are the texts that occur, in sorted order.
  void name_classes(std::vector<std::int64_t>& classes) {
    std::map<std::string, std::int64_t> numbers;
    for (std::size_t i = 0; i < classes.size(); ++i) {
      if (classes[i] == 0) numbers[parts_.text_labels[i]] = 0;
    }
    std::int64_t next = 0;
    std::vector<std::string> names;
    for (auto& [name, number] : numbers) {
      number = next++;
      names.push_back(name);
    }
    for (std::size_t i = 0; i < classes.size(); ++i) {
      if (classes[i] == 0) classes[i] = numbers[parts_.text_labels[i]];
    }
    set_labels(parts_.data, classes, file_ + ": labels");
    parts_.data.class_names = std::move(names);
  }

  void read_split() {
    Split& split = parts_.data.split;
    split.name = "public";
    json_.enter_object();
    for (std::string key; json_.next_key(key);) {
      std::vector<NodeId>* nodes = key == "train"  ? &split.train
                                   : key == "val"  ? &split.val
                                   : key == "test" ? &split.test
                                                   : nullptr;
      if (key == "name") {
        split.name = json_.string();
        continue;
      }
      if (!nodes)
        fail(ErrorKind::input, json_.place(), ": expected the keys name, train, val and test, found ",
             in_quotes(key));
      read_list([&] { nodes->push_back(NodeId(read_id())); });
      std::sort(nodes->begin(), nodes->end());
    }
  }

  std::string file_;
  JsonReader json_;
  std::uint64_t most_;
  Parts parts_;
};

std::uint64_t largest_id(const Parts& parts) {
  std::int64_t largest = -1;
  for (const auto* ids : {&parts.source, &parts.target}) {
    for (const std::int64_t id : *ids) largest = std::max(largest, id);
  }
  for (const auto* nodes : {&parts.data.split.train, &parts.data.split.val, &parts.data.split.test}) {
    if (!nodes->empty()) largest = std::max(largest, std::int64_t(nodes->back()));
  }
  return std::uint64_t(largest + 1);
}

/// Features, labels and names count the nodes as well, when nothing else does.
std::uint64_t count_nodes(const Parts& parts) {
  if (parts.num_nodes) return *parts.num_nodes;
  for (const std::size_t size :
       {parts.data.features.rows, parts.data.labels.size(), parts.data.node_names.size()}) {
    if (size > 0) return size;
  }
  return 0;
}

}  // namespace

Dataset read_json_dataset(const InputFile& file) {
  Parts parts = Walk(file, most_id).read();
  if (!parts.has_edges) fail(ErrorKind::input, file.name(), ": expected the key 'edges', found none");
  const std::uint64_t nodes = count_nodes(parts);
  // What is out of range is looked up by a second walk, which stops where it stands.
  if (nodes > 0 && largest_id(parts) > nodes) Walk(file, nodes - 1).read();
  if (nodes == 0 && parts.num_nodes && largest_id(parts) > 0) {
    fail(ErrorKind::input, file.name(), ": expected no edges between num_nodes 0, found ",
         parts.source.size());
  }
  if (parts.has_listed_weights) {
    if (!parts.weights.empty() || parts.listed_weights.size() != parts.source.size()) {
      fail(ErrorKind::input, file.name(), ": expected ", parts.source.size(), " weights, one an edge, found ",
           parts.weights.size() + parts.listed_weights.size());
    }
    parts.weights = std::move(parts.listed_weights);
  }
  Dataset data = std::move(parts.data);
  if (data.name.empty()) data.name = std::filesystem::path(file.name()).stem().string();
  const auto expect_rows = [&](const char* what, std::size_t size, std::uint64_t wanted) {
    if (size > 0 && size != wanted) {
      fail(ErrorKind::input, file.name(), ": ", what, ": expected ", wanted, ", one a node, found ", size);
    }
  };
  RawEdges raw = number_edges(
      parts.source, parts.target, std::move(parts.weights), nodes, {}, file.name(),
      [&](std::size_t edge, bool) { return file.name() + ": edges[" + std::to_string(edge) + "]"; });
  const auto num_nodes = std::uint64_t(raw.edges.num_nodes);
  expect_rows("features", data.features.rows, num_nodes);
  expect_rows("labels", data.labels.size(), num_nodes);
  expect_rows("node_names", data.node_names.size(), num_nodes);
  try {
    finish_dataset(data, raw, parts.directed);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::input) throw;
    fail(ErrorKind::input, file.name(), ": ", error.what());
  }
  return data;
}

}  // namespace gnn::datasets
