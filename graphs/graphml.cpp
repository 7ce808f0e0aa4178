// SPDX-License-Identifier: Apache-2.0
#include <graphs/graphml.hpp>

#include <boost/graph/graphml.hpp>
#include <charconv>
#include <cmath>
#include <limits>
#include <new>
#include <sstream>

#include <graphs/error.hpp>
#include <graphs/graphml_outline.hpp>
#include <graphs/quote.hpp>

namespace gnn::graphs {
namespace {

constexpr float missing = std::numeric_limits<float>::quiet_NaN();

/// Takes what Boost finds in one slice. Boost makes a node where the slice mentions it first, so the k-th one
/// is known.
class SliceSink final : public boost::mutate_graph {
 public:
  SliceSink(GraphmlGraph& graph, const GraphmlSlice& slice, const std::string& weight_name)
      : graph_(graph), slice_(slice), weight_name_(weight_name), first_edge_(graph.edges.source.size()) {}

  /// Whether Boost found the nodes and edges that the slice has. It would not if it made nodes in another
  /// order.
  bool as_outlined() const {
    return as_outlined_ && nodes_ == slice_.nodes.size() && edges() == slice_.edges.size();
  }
  std::size_t edges() const { return graph_.edges.source.size() - first_edge_; }
  std::size_t bad_edge() const { return bad_edge_; }  ///< whose weight is no number; edges(): none
  const std::string& bad_weight() const { return bad_weight_; }
  bool has_bad_weight() const { return has_bad_weight_; }

  bool is_directed() const override { return graph_.directed; }
  boost::any do_add_vertex() override { return boost::any(slice_.nodes.at(nodes_++)); }
  std::pair<boost::any, bool> do_add_edge(boost::any source, boost::any target) override {
    const std::size_t edge = graph_.edges.source.size(), in_slice = edges();
    graph_.edges.source.push_back(boost::any_cast<NodeId>(source));
    graph_.edges.target.push_back(boost::any_cast<NodeId>(target));
    as_outlined_ = as_outlined_ && in_slice < slice_.edges.size() &&
                   graph_.edges.source.back() == slice_.source[in_slice] &&
                   graph_.edges.target.back() == slice_.target[in_slice];
    graph_.edges.weight.push_back(missing);
    return {boost::any(edge), true};
  }
  void set_graph_property(const std::string&, const std::string&, const std::string&) override {}
  void set_vertex_property(const std::string&, boost::any, const std::string&, const std::string&) override {}
  void set_edge_property(const std::string& name, boost::any edge, const std::string& value,
                         const std::string&) override {
    if (name != weight_name_) return;
    const auto place = boost::any_cast<std::size_t>(edge);
    const std::size_t from = std::min(value.find_first_not_of(" \t\r\n"), value.size());
    const std::size_t to = value.find_last_not_of(" \t\r\n") + 1;
    double number = 0;
    const char* end = value.data() + std::max(from, to);
    const auto [stop, error] = std::from_chars(value.data() + from, end, number);
    const bool good =
        error == std::errc() && stop == end && std::abs(number) <= double(std::numeric_limits<float>::max());
    if (!good && !has_bad_weight_) {
      has_bad_weight_ = true;
      bad_edge_ = place - first_edge_;
      bad_weight_ = value;
    }
    graph_.edges.weight[place] = good ? static_cast<float>(number) : 0;
  }

 private:
  GraphmlGraph& graph_;
  const GraphmlSlice& slice_;
  const std::string& weight_name_;
  std::size_t first_edge_, nodes_ = 0, bad_edge_ = 0;
  bool has_bad_weight_ = false, as_outlined_ = true;
  std::string bad_weight_;
};

/// Gives one slice to Boost, as a file of its own.
void read_slice(GraphmlGraph& graph, const GraphmlOutline& outline, const GraphmlSlice& slice,
                std::string_view text, const std::string& file, const std::string& weight_name) {
  std::string document = "<graphml>" + outline.keys + "<graph edgedefault=\"";
  document += outline.directed ? "directed\">" : "undirected\">";
  document += slice.text;
  document += "</graph></graphml>";
  const auto place = [&](std::size_t at) { return graphml_place(text, file, at); };
  SliceSink sink(graph, slice, weight_name);
  std::string problem;
  try {
    std::istringstream stream(std::move(document));
    boost::read_graphml(stream, sink, 0);
    if (!sink.as_outlined()) problem = "other nodes and edges";
  } catch (const std::bad_alloc&) {
    fail(ErrorKind::memory, file, ": too little memory for GraphML");
  } catch (const std::exception& error) {
    problem = error.what();
  }
  if (!problem.empty()) {
    fail(ErrorKind::input, place(std::size_t(slice.text.data() - text.data())),
         ": expected GraphML from here on, found '", quote_for_message(problem), "'");
  }
  if (sink.has_bad_weight()) {
    fail(ErrorKind::input, place(slice.edges[sink.bad_edge()]),
         ": expected a finite number as the weight of an edge, found '", quote_for_message(sink.bad_weight()),
         "'");
  }
}

}  // namespace

GraphmlGraph read_graphml(std::string_view text, const std::string& file, const std::string& weight_name) {
  GraphmlOutline outline = outline_graphml(text, file);
  GraphmlGraph graph;
  graph.directed = outline.directed;
  for (const GraphmlSlice& slice : outline.slices) read_slice(graph, outline, slice, text, file, weight_name);
  graph.edges.num_nodes = static_cast<NodeId>(outline.node_names.size());
  graph.node_names = std::move(outline.node_names);

  std::vector<float>& weight = graph.edges.weight;
  const auto without =
      std::find_if(weight.begin(), weight.end(), [](float value) { return std::isnan(value); });
  const auto with =
      std::find_if(weight.begin(), weight.end(), [](float value) { return !std::isnan(value); });
  if (with == weight.end()) {
    weight.clear();
  } else if (without != weight.end()) {
    auto edge = std::size_t(without - weight.begin());
    for (const GraphmlSlice& slice : outline.slices) {
      if (edge < slice.edges.size()) {
        fail(ErrorKind::input, graphml_place(text, file, slice.edges[edge]), ": expected the attribute '",
             quote_for_message(weight_name), "' for every edge or for none, found an edge without it");
      }
      edge -= slice.edges.size();
    }
  }
  return graph;
}

}  // namespace gnn::graphs
