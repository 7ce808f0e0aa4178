// SPDX-License-Identifier: Apache-2.0
#include <graphs/graphml_outline.hpp>

#include <algorithm>
#include <limits>
#include <set>
#include <unordered_map>

#include <graphs/error.hpp>
#include <graphs/quote.hpp>
#include <graphs/xml_scanner.hpp>

namespace gnn::graphs {
namespace {

// Boost needs many times the size of a text, so it gets little at once.
constexpr std::size_t slice_bytes = std::size_t(1) << 20;
constexpr std::size_t most_element_bytes = std::size_t(4) << 20;
constexpr std::size_t most_key_bytes = std::size_t(1) << 18;

/// What may stand inside an element; nullptr: anything.
const std::vector<std::string>* allowed_inside(const std::string& name) {
  static const std::vector<std::string> graphml = {"key", "graph", "desc", "data"},
                                        graph = {"node", "edge", "desc", "data"}, item = {"desc", "data"},
                                        key = {"default", "desc"};
  if (name == "graphml") return &graphml;
  if (name == "graph") return &graph;
  if (name == "node" || name == "edge") return &item;
  if (name == "key") return &key;
  return nullptr;
}

class Outliner {
 public:
  Outliner(std::string_view text, const std::string& file) : text_(text), xml_(text, file) {}

  GraphmlOutline read() {
    while (xml_.next()) {
      if (xml_.opens()) open();
      if (xml_.closes()) close();
    }
    if (!has_graph_) xml_.refuse(text_.size(), "the element 'graph'", "none");
    for (const auto& [id, at] : unresolved_) {
      if (!declared_[std::size_t(number_.at(id))])
        xml_.refuse(at, "an edge between nodes of the file", in_quotes(id));
    }
    end_slice(text_.size());
    return std::move(outline_);
  }

  bool at_level(std::size_t depth) const { return xml_.depth() == depth; }
  /// True when the current tag stands right inside the graph. Deeper ones may carry any names.
  bool in_graph() const { return at_level(3) && xml_.open()[1] == "graph"; }

  void open() {
    const std::string& name = xml_.name();
    const auto& open = xml_.open();
    if (at_level(1)) {
      if (name != "graphml") xml_.refuse(xml_.begin(), "the element 'graphml'");
      return;
    }
    for (std::size_t i = 1; i + 1 < open.size(); ++i) {
      if (!allowed_inside(open[i])) return;  // inside data, desc or default
    }
    const auto& allowed = *allowed_inside(open[open.size() - 2]);
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      std::string list;
      for (const std::string& one : allowed) list += (list.empty() ? "" : ", ") + one;
      xml_.refuse(xml_.begin(), "one of the elements " + list, in_quotes(name));
    }
    if (name == "graph") open_graph();
    if (name == "key") open_key();
    if (name == "node") open_node();
    if (name == "edge") open_edge();
    if (name == "data" && keys_.count(xml_.needed_attribute("key")) == 0) {
      xml_.refuse(xml_.begin(), "a key that is declared before", in_quotes(xml_.needed_attribute("key")));
    }
  }

  void close() {
    if (xml_.name() == "key" && at_level(2)) {
      outline_.keys += text_.substr(item_begin_, xml_.end() - item_begin_);
      if (outline_.keys.size() > most_key_bytes) {
        xml_.refuse(item_begin_, "at most " + std::to_string(most_key_bytes) + " bytes of keys", "more");
      }
    }
    if ((xml_.name() == "node" || xml_.name() == "edge") && in_graph()) {
      if (xml_.end() - item_begin_ > most_element_bytes) {
        xml_.refuse(item_begin_, "an element of at most " + std::to_string(most_element_bytes) + " bytes",
                    std::to_string(xml_.end() - item_begin_));
      }
      item_end_ = xml_.end();
      if (item_end_ - slice_begin_ > slice_bytes) end_slice(item_end_);
    }
    // What else stands in the graph is of no use to Boost and may be large: it is left out.
    if ((xml_.name() == "data" || xml_.name() == "desc") && in_graph()) {
      end_slice(item_end_);
    }
  }

  void open_graph() {
    if (has_graph_) xml_.refuse(xml_.begin(), "one graph", "another");
    has_graph_ = true;
    const std::string& direction = xml_.needed_attribute("edgedefault");
    if (direction != "directed" && direction != "undirected") {
      xml_.refuse(xml_.begin(), "edgedefault directed or undirected", in_quotes(direction));
    }
    outline_.directed = direction == "directed";
  }

  void open_key() {
    item_begin_ = xml_.begin();
    for (const char* needed : {"id", "for", "attr.name", "attr.type"}) xml_.needed_attribute(needed);
    const std::string& type = xml_.needed_attribute("attr.type");
    const auto types = {"boolean", "int", "long", "float", "double", "string"};
    if (std::find(types.begin(), types.end(), type) == types.end()) {
      xml_.refuse(xml_.begin(), "attr.type boolean, int, long, float, double or string", in_quotes(type));
    }
    if (!keys_.insert(xml_.needed_attribute("id")).second) xml_.refuse(xml_.begin(), "every key once");
  }

  void begin_item() {
    item_begin_ = xml_.begin();
    if (in_slice_) return;
    in_slice_ = true;
    slice_begin_ = item_begin_;
    outline_.slices.emplace_back();
  }

  void end_slice(std::size_t end) {
    if (!in_slice_) return;
    in_slice_ = false;
    end = std::min(end, item_end_);
    GraphmlSlice& slice = outline_.slices.back();
    slice.text = text_.substr(slice_begin_, end - slice_begin_);
    std::set<NodeId> seen(slice.nodes.begin(), slice.nodes.end());
    for (std::size_t e = 0; e < slice.edges.size(); ++e) {
      for (const NodeId node : {slice.source[e], slice.target[e]}) {
        if (seen.insert(node).second) slice.nodes.push_back(node);
      }
    }
  }

  /// The node's number, a new one where the file mentions it first.
  NodeId mention(const std::string& id) {
    const std::size_t count = number_.size();
    const auto [entry, is_new] = number_.emplace(id, NodeId(count));
    if (is_new) {
      if (count == std::size_t(std::numeric_limits<NodeId>::max())) xml_.refuse(xml_.begin(), "fewer nodes");
      outline_.node_names.push_back(id);
      declared_.push_back(false);
    }
    return entry->second;
  }

  void open_node() {
    begin_item();
    const std::string& id = xml_.needed_attribute("id");
    const NodeId node = mention(id);
    if (declared_[std::size_t(node)]) xml_.refuse(xml_.begin(), "every node once", in_quotes(id) + " twice");
    declared_[std::size_t(node)] = true;
    outline_.slices.back().nodes.push_back(node);
  }

  void open_edge() {
    begin_item();
    GraphmlSlice& slice = outline_.slices.back();
    for (const char* end : {"source", "target"}) {
      const std::string& id = xml_.needed_attribute(end);
      const NodeId node = mention(id);
      if (!declared_[std::size_t(node)]) unresolved_.emplace_back(id, xml_.begin());
      (end[0] == 's' ? slice.source : slice.target).push_back(node);
    }
    const std::string* direction = xml_.attribute("directed");
    if (direction && *direction != (outline_.directed ? "true" : "false")) {
      xml_.refuse(xml_.begin(),
                  std::string("edges that are all ") + (outline_.directed ? "directed" : "undirected"),
                  "directed=" + in_quotes(*direction));
    }
    slice.edges.push_back(xml_.begin());
  }

  std::string_view text_;
  XmlScanner xml_;
  GraphmlOutline outline_;
  bool has_graph_ = false, in_slice_ = false;
  std::size_t item_begin_ = 0, item_end_ = 0, slice_begin_ = 0;
  std::set<std::string> keys_;
  std::unordered_map<std::string, NodeId> number_;
  std::vector<bool> declared_;
  std::vector<std::pair<std::string, std::size_t>> unresolved_;
};

}  // namespace

GraphmlOutline outline_graphml(std::string_view text, const std::string& file) {
  return Outliner(text, file).read();
}

std::string graphml_place(std::string_view text, const std::string& file, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return file + ":" + std::to_string(line) + ":" +
         std::to_string(before.size() - (before.rfind('\n') + 1) + 1);
}

}  // namespace gnn::graphs
