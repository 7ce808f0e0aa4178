// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/node_link.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include <datasets/sets/json_scanner.hpp>
#include <graphs/error.hpp>
#include <graphs/sizes.hpp>

namespace gnn::datasets {
namespace {

/// Refuses a member that was there before.
void once(JsonScanner& json, bool& seen) {
  if (std::exchange(seen, true)) json.refuse(json.last(), "each key once");
}

/// The key of a node, which is its number in decimal digits.
std::size_t node_key(JsonScanner& json, std::string_view key, std::size_t num_nodes) {
  std::size_t node = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), node);
  if (error != std::errc() || end != key.data() + key.size() || node >= num_nodes) {
    json.refuse(json.last(), "a node from 0 to " + std::to_string(std::int64_t(num_nodes) - 1));
  }
  return node;
}

NodeLink::Part read_node(JsonScanner& json, std::int64_t number) {
  bool has_id = false, has_test = false, has_val = false, is_test = false, is_val = false;
  const std::size_t begin = (json.peek(), json.at());
  json.object([&](std::string_view key) {
    if (key == "id") {
      once(json, has_id);
      json.integer(number, number, "the id of the next node,");
    } else if (key == "test") {
      once(json, has_test);
      is_test = json.boolean("whether the node tests");
    } else if (key == "val") {
      once(json, has_val);
      is_val = json.boolean("whether the node validates");
    } else {
      json.skip();
    }
  });
  if (!has_id) json.refuse(begin, "a node with an id");
  if (is_test && is_val) json.refuse(begin, "a node that tests or validates, not both");
  return is_test ? NodeLink::test : is_val ? NodeLink::val : NodeLink::train;
}

void read_link(JsonScanner& json, std::int64_t num_nodes, graphs::EdgeList& edges) {
  const std::size_t begin = (json.peek(), json.at());
  const auto node = [&] { return static_cast<NodeId>(json.integer(0, num_nodes - 1, "a node")); };
  NodeId source = -1, target = -1;
  json.object([&](std::string_view key) {
    NodeId* const end = key == "source" ? &source : key == "target" ? &target : nullptr;
    if (!end) return json.skip();
    if (*end >= 0) json.refuse(json.last(), "each key once");
    *end = node();
  });
  if (source < 0 || target < 0) json.refuse(begin, "a link with source and target");
  edges.source.push_back(source);
  edges.target.push_back(target);
}

}  // namespace

NodeLink parse_node_link(std::string_view text, const std::string& file) {
  NodeLink graph;
  JsonScanner json(text, file);
  bool has_nodes = false, has_links = false;
  json.object([&](std::string_view key) {
    if (key == "nodes") {
      once(json, has_nodes);
      json.array([&] {
        graphs::to_node_count(graph.parts.size() + 1);
        graph.parts.push_back(read_node(json, static_cast<std::int64_t>(graph.parts.size())));
      });
    } else if (key == "links" || key == "edges") {
      if (!has_nodes) json.refuse(json.last(), "\"nodes\" before them");
      once(json, has_links);
      const auto num_nodes = static_cast<std::int64_t>(graph.parts.size());
      json.array([&] { read_link(json, num_nodes, graph.edges); });
    } else {
      json.skip();
    }
  });
  json.expect_end();
  if (!has_nodes || !has_links) {
    fail(ErrorKind::input, file, ": expected an object with \"nodes\" and \"links\", found one without ",
         has_nodes ? "links" : "nodes");
  }
  graph.edges.num_nodes = graphs::to_node_count(graph.parts.size());
  return graph;
}

ClassMap parse_class_map(std::string_view text, const std::string& file, std::size_t num_nodes) {
  ClassMap map;
  map.labels.assign(num_nodes, -1);
  JsonScanner json(text, file);
  // Rows may come in any order, so they are placed at the end.
  std::vector<std::size_t> order;
  std::vector<std::uint8_t> rows;
  json.object([&](std::string_view key) {
    const std::size_t node = node_key(json, key, num_nodes);
    if (map.labels[node] == 0) json.refuse(json.last(), "each node once");
    map.labels[node] = 0;
    order.push_back(node);
    const std::size_t begin = rows.size();
    json.array([&] { rows.push_back(static_cast<std::uint8_t>(json.integer(0, 1, "a number"))); });
    const std::size_t width = rows.size() - begin;
    if (order.size() == 1) map.num_classes = width;
    if (width != map.num_classes || width == 0) {
      json.refuse(json.last(), width == 0 ? "a number for each class" : std::to_string(map.num_classes) +
                                                                            " numbers a node, as in the first row");
    }
  });
  json.expect_end();
  if (order.empty()) fail(ErrorKind::input, file, ": expected a row for each node, found none");
  const bool in_order = order.size() == num_nodes && std::is_sorted(order.begin(), order.end());
  if (in_order) {
    map.targets = std::move(rows);
    return map;
  }
  if (num_nodes > std::numeric_limits<std::size_t>::max() / 2 / map.num_classes ||
      num_nodes * map.num_classes > (std::size_t(64) << 20) + 4 * text.size()) {
    fail(ErrorKind::input, file, ": expected a row for each of ", num_nodes, " nodes, found ", order.size());
  }
  map.targets.assign(num_nodes * map.num_classes, 0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::copy_n(rows.begin() + std::ptrdiff_t(i * map.num_classes), map.num_classes,
                map.targets.begin() + std::ptrdiff_t(order[i] * map.num_classes));
  }
  return map;
}

void check_id_map(std::string_view text, const std::string& file, std::size_t num_nodes) {
  JsonScanner json(text, file);
  std::vector<bool> seen(num_nodes);
  std::size_t count = 0;
  json.object([&](std::string_view key) {
    const std::size_t node = node_key(json, key, num_nodes);
    if (seen[node]) json.refuse(json.last(), "each node once");
    seen[node] = true;
    ++count;
    json.integer(std::int64_t(node), std::int64_t(node), "the row of the node's own number,");
  });
  json.expect_end();
  if (count != num_nodes) fail(ErrorKind::input, file, ": expected ", num_nodes, " nodes, found ", count);
}

}  // namespace gnn::datasets
