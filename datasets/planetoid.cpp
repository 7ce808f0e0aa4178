// SPDX-License-Identifier: Apache-2.0
#include <datasets/planetoid.hpp>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <utility>

#include <datasets/in_quotes.hpp>
#include <datasets/pickle.hpp>
#include <datasets/planetoid_tables.hpp>
#include <datasets/sets/simple_graph.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::datasets {
namespace {

namespace fs = std::filesystem;

std::string file_name(const std::string& name, std::string_view part) {
  return "ind." + name + "." + std::string(part);
}

void check_complete(const fs::path& folder, const std::string& name) {
  std::string present, missing;
  int count = 0;
  std::error_code ignored;
  for (const std::string_view part : planetoid_parts) {
    const std::string file = file_name(name, part);
    const bool here = fs::exists(folder / file, ignored);
    std::string& list = here ? present : missing;
    list += list.empty() ? file : ", " + file;
    count += here;
  }
  if (present.empty()) {
    fail(ErrorKind::file, folder.string(), ": expected the files ", file_name(name, "x"),
         ", ... of a set, found none");
  }
  if (!missing.empty()) {
    fail(ErrorKind::input, missing, ": no such file beside ", present,
         "; expected all eight files of the set, found ", count);
  }
}

/// The node numbers of test.index, one a line.
std::vector<NodeId> read_test_index(const graphs::MappedFile& mapped, const std::string& file,
                                    NodeId num_nodes) {
  std::vector<NodeId> nodes;
  std::string_view text = mapped.text();
  for (std::size_t line = 1; !text.empty(); ++line) {
    std::string_view row = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(row.size() + 1, text.size()));
    if (row.ends_with('\r')) row.remove_suffix(1);
    NodeId node = -1;
    const auto [end, error] = std::from_chars(row.data(), row.data() + row.size(), node);
    if (error != std::errc() || end != row.data() + row.size() || node < 0 || node >= num_nodes) {
      fail(ErrorKind::input, file, ":", line, ": expected a node number from 0 to ", num_nodes - 1,
           ", found ", in_quotes(row));
    }
    nodes.push_back(node);
  }
  return nodes;
}

/// What the eight files hold, each checked by itself.
struct Parts {
  Features x, tx, allx;
  OneHotLabels y, ty, ally;
  graphs::EdgeList edges;
  std::vector<NodeId> test;
};

Parts read_parts(const fs::path& folder, const std::string& name) {
  const auto read = [&](std::string_view part, auto convert) {
    const std::string file = file_name(name, part);
    const graphs::MappedFile mapped(folder / file);
    return convert(pickle::read(mapped.bytes(), file), file);
  };
  Parts parts;
  parts.x = read("x", to_features);
  parts.y = read("y", to_labels);
  parts.tx = read("tx", to_features);
  parts.ty = read("ty", to_labels);
  parts.allx = read("allx", to_features);
  parts.ally = read("ally", to_labels);
  parts.edges = read("graph", to_edges);
  const std::string index = file_name(name, "test.index");
  parts.test = read_test_index(graphs::MappedFile(folder / index), index, parts.edges.num_nodes);
  return parts;
}

void check_equal(const std::string& first_file, std::size_t first, const std::string& second_file,
                 std::size_t second, const char* what) {
  if (first != second) {
    fail(ErrorKind::input, first_file, ": expected ", second, " ", what, " as in ", second_file, ", found ",
         first);
  }
}

template <class T>
bool starts_with(const std::vector<T>& all, const std::vector<T>& start) {
  return start.size() <= all.size() && std::equal(start.begin(), start.end(), all.begin());
}

/// Throws unless the files fit together.
void check_parts(const Parts& parts, const std::string& name) {
  const auto file = [&](std::string_view part) { return file_name(name, part); };
  check_equal(file("y"), parts.y.classes.size(), file("x"), parts.x.rows, "rows");
  check_equal(file("ty"), parts.ty.classes.size(), file("tx"), parts.tx.rows, "rows");
  check_equal(file("ally"), parts.ally.classes.size(), file("allx"), parts.allx.rows, "rows");
  check_equal(file("x"), parts.x.columns, file("allx"), parts.allx.columns, "columns");
  check_equal(file("tx"), parts.tx.columns, file("allx"), parts.allx.columns, "columns");
  const auto classes = static_cast<std::size_t>(parts.ally.num_classes);
  check_equal(file("y"), static_cast<std::size_t>(parts.y.num_classes), file("ally"), classes, "columns");
  check_equal(file("ty"), static_cast<std::size_t>(parts.ty.num_classes), file("ally"), classes, "columns");
  check_equal(file("test.index"), parts.test.size(), file("tx"), parts.tx.rows, "lines, the rows");

  if (!starts_with(parts.allx.offsets, parts.x.offsets) ||
      !starts_with(parts.allx.indices, parts.x.indices) || !starts_with(parts.allx.values, parts.x.values)) {
    fail(ErrorKind::input, file("x"), ": expected the first rows of ", file("allx"), ", found other rows");
  }
  if (!starts_with(parts.ally.classes, parts.y.classes)) {
    fail(ErrorKind::input, file("y"), ": expected the first rows of ", file("ally"), ", found other rows");
  }
  const auto num_nodes = static_cast<std::size_t>(parts.edges.num_nodes);
  if (parts.allx.rows > num_nodes) {
    fail(ErrorKind::input, file("allx"), ": expected at most ", num_nodes, " rows, one a node of ",
         file("graph"), ", found ", parts.allx.rows);
  }
  std::vector<bool> seen(num_nodes);
  for (std::size_t i = 0; i < parts.test.size(); ++i) {
    const auto node = static_cast<std::size_t>(parts.test[i]);
    if (node < parts.allx.rows) {
      fail(ErrorKind::input, file("test.index"), ":", i + 1, ": expected a node after the ", parts.allx.rows,
           " of ", file("allx"), ", found ", node);
    }
    if (seen[node])
      fail(ErrorKind::input, file("test.index"), ":", i + 1, ": expected each node once, found ", node,
           " again");
    seen[node] = true;
  }
}

void append_row(Features& to, const Features& from, std::size_t row) {
  const auto begin = static_cast<std::ptrdiff_t>(from.offsets[row]);
  const auto end = static_cast<std::ptrdiff_t>(from.offsets[row + 1]);
  to.indices.insert(to.indices.end(), from.indices.begin() + begin, from.indices.begin() + end);
  to.values.insert(to.values.end(), from.values.begin() + begin, from.values.begin() + end);
}

/// Puts the rows of allx, ally and of tx, ty at the nodes that they belong to.
void place_rows(const Parts& parts, Dataset& data) {
  const auto num_nodes = static_cast<std::size_t>(parts.edges.num_nodes);
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::vector<std::size_t> test_row(num_nodes, none);
  for (std::size_t i = 0; i < parts.test.size(); ++i) test_row[static_cast<std::size_t>(parts.test[i])] = i;

  Features& features = data.features;
  features.rows = num_nodes;
  features.columns = parts.allx.columns;
  data.labels.assign(num_nodes, -1);
  data.num_classes = parts.ally.num_classes;
  std::size_t uncovered = 0;
  for (std::size_t node = 0; node < num_nodes; ++node) {
    if (node < parts.allx.rows) {
      append_row(features, parts.allx, node);
      data.labels[node] = parts.ally.classes[node];
    } else if (test_row[node] != none) {
      append_row(features, parts.tx, test_row[node]);
      data.labels[node] = parts.ty.classes[test_row[node]];
    } else {
      ++uncovered;
    }
    features.offsets.push_back(static_cast<std::int64_t>(features.values.size()));
  }
  if (uncovered > 0) data.notes.push_back(std::to_string(uncovered) + " nodes without features and label");
}

Split public_split(const Parts& parts) {
  constexpr std::size_t num_val = 500;
  Split split;
  split.name = "public";
  split.train.resize(parts.x.rows);
  std::iota(split.train.begin(), split.train.end(), NodeId{0});
  split.val.resize(std::min(num_val, parts.allx.rows - parts.x.rows));
  std::iota(split.val.begin(), split.val.end(), static_cast<NodeId>(parts.x.rows));
  split.test = parts.test;
  std::sort(split.test.begin(), split.test.end());
  return split;
}

}  // namespace

bool has_planetoid(const fs::path& folder, const std::string& name) {
  return std::any_of(planetoid_parts.begin(), planetoid_parts.end(), [&](std::string_view part) {
    std::error_code ignored;
    return fs::exists(folder / file_name(name, part), ignored);
  });
}

Dataset read_planetoid(const fs::path& folder, const std::string& name) {
  check_complete(folder, name);
  Parts parts = read_parts(folder, name);
  check_parts(parts, name);
  Dataset data;
  data.name = name;
  place_rows(parts, data);
  data.split = public_split(parts);
  data.graph = simple_graph(std::move(parts.edges), data.notes);
  validate(data);
  return data;
}

}  // namespace gnn::datasets
