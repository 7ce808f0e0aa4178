// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <stdexcept>

#include <gnn/layers/dagnn.hpp>
#include <graphs/transforms.hpp>

#include "cases.hpp"
#include "network_case.hpp"

namespace gnn::test {
namespace {

graphs::EdgeList read_graph(const Json& file, const Json& config, NodeId nodes) {
  graphs::EdgeList edges = read_edges(need(file, "edge_index"), nodes, "edge_index");
  const Json weight = config.value("edge_weight", Json());
  if (!weight.is_null()) {
    const Matrix numbers = read_matrix(weight, edges.source.size(), 1, "edge_weight");
    edges.weight.assign(numbers.values.begin(), numbers.values.end());
  }
  const Json fill = config.value("add_remaining_self_loops", Json(true));
  if (!fill.is_boolean())
    throw std::runtime_error("add_remaining_self_loops: expected true or false, found " + fill.dump());
  return fill.get<bool>() ? graphs::fill_self_loops(edges).edges : edges;
}

// The entries of the normalised matrix by source and target, duplicates summed.
using Entries = std::map<std::pair<NodeId, NodeId>, double>;

void compare_edges(Comparison& result, const Json& listed, const graphs::EdgeList& edges,
                   const std::vector<EdgeOffset>& position, const std::vector<Real>& actual) {
  Entries expected, found;
  const graphs::EdgeList list = read_edges(Json::array({need(listed, "src"), need(listed, "dst")}),
                                           edges.num_nodes, "normalized_edges");
  const Matrix value = read_matrix(need(listed, "value"), list.source.size(), 1, "normalized_edges.value");
  for (std::size_t e = 0; e < list.source.size(); ++e)
    expected[{list.source[e], list.target[e]}] += double(value.values[e]);
  for (std::size_t e = 0; e < edges.source.size(); ++e)
    found[{edges.source[e], edges.target[e]}] += double(actual[std::size_t(position[e])]);
  std::vector<Real> a, b;
  for (const auto& [ends, number] : expected) {
    if (!found.contains(ends)) throw std::runtime_error("normalized_edges: an edge is not in the graph");
    b.push_back(Real(number));
    a.push_back(Real(found[ends]));
  }
  if (found.size() != expected.size())
    throw std::runtime_error("normalized_edges: an edge of the graph is missing");
  result.compare("normalized_edges", a, b, forward_tolerance);
}

}  // namespace

Comparison run_dagnn_case(Context& ctx, const Json& file) {
  NetworkCase one(ctx, file);
  const Json& config = one.config();
  const std::string mode = need(config, "mode").get<std::string>();
  if (mode != "full" && mode != "prop") throw std::runtime_error("mode: '" + mode + "' is unknown");
  const Json normalization = config.value("normalization", Json("sym"));
  if (!normalization.is_string() || !normalization.get<std::string>().starts_with("sym"))
    throw std::runtime_error("normalization: expected sym, found " + normalization.dump());

  DagnnOptions options;
  options.in = one.x().cols;
  options.mlp = mode == "full";
  options.classes = need(config, "num_classes").get<std::size_t>();
  options.hops = need(config, "K").get<std::size_t>();
  if (options.mlp) options.hidden = need(config, "hidden").get<std::size_t>();
  options.dropout = config.value("dropout", 0.0);
  if (options.dropout != 0) throw std::runtime_error("dropout: expected 0: nothing says what is dropped");
  const Dagnn network(options, one.parameters(), 0);
  const graphs::EdgeList edges = read_graph(file, config, NodeId(one.nodes()));
  one.set_graph(edges);

  const auto read = [](const Json& object, const Parameters::Entry& entry) {
    const bool output_major = entry.name == "lin1.weight" || entry.name == "lin2.weight";
    return output_major ? read_transposed(need(object, entry.name), entry.rows, entry.cols, entry.name)
                        : read_matrix(need(object, entry.name), entry.rows, entry.cols, entry.name);
  };
  std::vector<std::string> names;
  for (const Parameters::Entry& entry : one.parameters().entries()) names.push_back(entry.name);
  Comparison result = one.run(network, read, names);
  if (config.contains("normalized_edges") && !config["normalized_edges"].is_null()) {
    Tape tape(ctx, Tape::inference);
    const auto explained =
        network.explain(tape, one.parameters(), one.adjacency(), tape.constant(upload(ctx, one.x())));
    compare_edges(result, config["normalized_edges"], edges, one.position(),
                  explained.at(0).weights.to_host());
  }
  return result;
}

}  // namespace gnn::test
