// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/node_link.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include <datasets/formats/json_reader.hpp>
#include <datasets/formats/line_scanner.hpp>
#include <graphs/error.hpp>
#include <graphs/sizes.hpp>

namespace gnn::datasets {
namespace {

constexpr std::uint64_t any = std::numeric_limits<std::int64_t>::max();

std::string up_to(const std::string& what, std::size_t count) {
  return what + " from 0 to " + std::to_string(std::int64_t(count) - 1);
}

/// The key read last is the number of a node in decimal digits.
std::size_t node_key(const JsonReader& json, std::string_view key, std::size_t num_nodes) {
  std::uint64_t node = 0;
  if (!parse_digits(key, node) || node >= num_nodes) json.refuse_last(up_to("a node", num_nodes));
  return node;
}

/// A value that has to be one number and no other.
void expect_number(JsonReader& json, std::uint64_t number, const std::string& what) {
  const std::string wanted = what + ", " + std::to_string(number);
  if (json.whole(wanted, any) != number) json.refuse_last(wanted);
}

NodeLink::Part read_node(JsonReader& json, std::size_t number) {
  bool has_id = false, is_test = false, is_val = false;
  const std::size_t begin = json.position();
  json.enter_object();
  for (std::string key; json.next_key(key);) {
    if (key == "id") {
      has_id = true;
      expect_number(json, number, "the id of the next node");
    } else if (key == "test") {
      is_test = json.boolean();
    } else if (key == "val") {
      is_val = json.boolean();
    } else {
      json.skip();
    }
  }
  if (!has_id) json.refuse_at(begin, "a node with an id");
  if (is_test && is_val) json.refuse_at(begin, "a node that tests or validates, not both");
  return is_test ? NodeLink::test : is_val ? NodeLink::val : NodeLink::train;
}

void read_link(JsonReader& json, std::size_t num_nodes, graphs::EdgeList& edges) {
  const std::size_t begin = json.position();
  NodeId source = -1, target = -1;
  json.enter_object();
  for (std::string key; json.next_key(key);) {
    NodeId* const end = key == "source" ? &source : key == "target" ? &target : nullptr;
    if (!end) {
      json.skip();
      continue;
    }
    const std::string wanted = up_to("a node", num_nodes);
    const std::uint64_t node = json.whole(wanted, any);
    if (node >= num_nodes) json.refuse_last(wanted);
    *end = static_cast<NodeId>(node);
  }
  if (source < 0 || target < 0) json.refuse_at(begin, "a link with source and target");
  edges.source.push_back(source);
  edges.target.push_back(target);
}

/// A row of numbers 0 and 1 behind those of `rows`; returns how many.
std::size_t read_row(JsonReader& json, std::vector<std::uint8_t>& rows) {
  const std::size_t begin = rows.size();
  json.enter_array();
  while (json.next_element()) rows.push_back(static_cast<std::uint8_t>(json.whole("0 or 1", 1)));
  return rows.size() - begin;
}

}  // namespace

NodeLink parse_node_link(std::string_view text, const std::string& file) {
  NodeLink graph;
  JsonReader json(text, file);
  bool has_nodes = false, has_links = false;
  json.enter_object();
  for (std::string key; json.next_key(key);) {
    if (key == "nodes") {
      has_nodes = true;
      json.enter_array();
      while (json.next_element()) {
        graphs::to_node_count(graph.parts.size() + 1);
        graph.parts.push_back(read_node(json, graph.parts.size()));
      }
    } else if (key == "links" || key == "edges") {
      if (!has_nodes) json.refuse_last("\"nodes\" before them");
      if (std::exchange(has_links, true)) json.refuse_last("links once");
      json.enter_array();
      while (json.next_element()) read_link(json, graph.parts.size(), graph.edges);
    } else {
      json.skip();
    }
  }
  json.finish();
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
  JsonReader json(text, file);
  // Rows may come in any order, so they are placed at the end.
  std::vector<std::size_t> order;
  std::vector<std::uint8_t> rows;
  json.enter_object();
  for (std::string key; json.next_key(key);) {
    const std::size_t node = node_key(json, key, num_nodes);
    if (map.labels[node] == 0) json.refuse_last("each node once");
    map.labels[node] = 0;
    order.push_back(node);
    const std::size_t begin = json.position(), width = read_row(json, rows);
    if (order.size() == 1) map.num_classes = width;
    if (width == 0) json.refuse_at(begin, "a number for each class");
    if (width != map.num_classes) {
      json.refuse_at(begin, std::to_string(map.num_classes) + " numbers a node, as in the first row");
    }
  }
  json.finish();
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
  JsonReader json(text, file);
  std::vector<bool> seen(num_nodes);
  std::size_t count = 0;
  json.enter_object();
  for (std::string key; json.next_key(key); ++count) {
    const std::size_t node = node_key(json, key, num_nodes);
    if (seen[node]) json.refuse_last("each node once");
    seen[node] = true;
    expect_number(json, node, "the row of the node's own number");
  }
  json.finish();
  if (count != num_nodes) fail(ErrorKind::input, file, ": expected ", num_nodes, " nodes, found ", count);
}

}  // namespace gnn::datasets
