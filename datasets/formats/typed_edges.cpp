// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/typed_edges.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/transforms.hpp>

namespace gnn::datasets {
namespace {

std::pair<std::string, std::string> ends_of(const std::string& type) {
  const std::size_t dash = type.find('-');
  const bool good = dash != type.npos && dash > 0 && dash + 1 < type.size() && type.find('-', dash + 1) == type.npos;
  if (!good) {
    fail(ErrorKind::input, "edge types: expected the node types SOURCE-TARGET with a - between them, found ", in_quotes(type));
  }
  return {type.substr(0, dash), type.substr(dash + 1)};
}

/// The nodes of one type: which number each has within it.
class TypeNodes {
 public:
  void see(NodeId node) { seen_.push_back(node); }

  /// With names only those that occur are nodes, else all numbers up to the largest.
  void finish(bool named) {
    std::sort(seen_.begin(), seen_.end());
    seen_.erase(std::unique(seen_.begin(), seen_.end()), seen_.end());
    named_ = named;
  }
  NodeId count() const {
    if (named_) return static_cast<NodeId>(seen_.size());
    return static_cast<NodeId>(seen_.empty() ? 0 : seen_.back() + 1);
  }
  NodeId place(NodeId node) const {
    if (!named_) return node;
    return static_cast<NodeId>(std::lower_bound(seen_.begin(), seen_.end(), node) - seen_.begin());
  }
  const std::vector<NodeId>& nodes() const { return seen_; }

 private:
  std::vector<NodeId> seen_;
  bool named_ = false;
};

}  // namespace

TypedDataset typed_graph(const RawEdges& raw, Duplicates duplicates) {
  const graphs::EdgeList& edges = raw.edges;
  if (raw.types.size() != edges.source.size() || raw.type_names.empty()) {
    fail(ErrorKind::input, "edge types: expected one an edge, found none");
  }
  std::vector<std::pair<std::string, std::string>> ends;
  for (const std::string& type : raw.type_names) ends.push_back(ends_of(type));
  std::map<std::string, TypeNodes> nodes;
  for (std::size_t e = 0; e < edges.source.size(); ++e) {
    const auto& [source, target] = ends[static_cast<std::size_t>(raw.types[e])];
    nodes[source].see(edges.source[e]);
    nodes[target].see(edges.target[e]);
  }

  TypedDataset data;
  const bool named = !raw.node_names.empty();
  for (auto& [name, type] : nodes) {
    type.finish(named);
    data.graph.types.push_back({name, type.count()});
    Features& none = data.features.emplace_back();
    none.rows = static_cast<std::size_t>(type.count());
    none.offsets.assign(none.rows + 1, 0);
    std::vector<std::string>& names = data.node_names.emplace_back();
    for (const NodeId node : type.nodes()) {
      if (named) names.push_back(raw.node_names[static_cast<std::size_t>(node)]);
    }
  }
  const auto number = [&](const std::string& name) {
    return static_cast<std::size_t>(std::ranges::find(data.graph.types, name, &graphs::NodeType::name) - data.graph.types.begin());
  };
  EdgeOffset repeated = 0;
  for (std::size_t r = 0; r < ends.size(); ++r) {
    const auto& [source, target] = ends[r];
    if (!nodes.contains(source) || !nodes.contains(target)) continue;  // no edge has this type
    graphs::EdgeList own;
    own.num_nodes = std::max(nodes[source].count(), nodes[target].count());
    for (std::size_t e = 0; e < edges.source.size(); ++e) {
      if (static_cast<std::size_t>(raw.types[e]) != r) continue;
      own.source.push_back(nodes[source].place(edges.source[e]));
      own.target.push_back(nodes[target].place(edges.target[e]));
      if (edges.weighted()) own.weight.push_back(edges.weight[e]);
    }
    if (duplicates == Duplicates::error) {
      try {
        graphs::check_no_duplicates(own);
      } catch (const Error& error) {
        throw Error(error.kind(), raw.type_names[r] + ": " + error.what(), error.hint());
      }
    } else if (duplicates == Duplicates::merge) {
      graphs::Transformed merged = graphs::merge_duplicates(own);
      own = std::move(merged.edges);
      repeated += merged.count;
    }
    data.graph.relations.push_back(
        {raw.type_names[r], number(source), number(target), graphs::bipartite(own, nodes[target].count(), nodes[source].count())});
  }
  data.notes = raw.notes;
  if (repeated > 0) {
    data.notes.push_back(std::to_string(repeated) + " duplicate edges merged" + (edges.weighted() ? ", their weights added" : ""));
  }
  return data;
}

}  // namespace gnn::datasets
