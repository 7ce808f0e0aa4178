// SPDX-License-Identifier: Apache-2.0
#include "case_layer.hpp"

#include <algorithm>
#include <stdexcept>

#include <graphs/transforms.hpp>

namespace gnn::test {
namespace {

// A network says some things once: they hold for each layer. What it lists per layer is picked apart.
Json config_of_layer(const Json& config, std::size_t k) {
  if (!config.contains("layers")) return config;
  Json own = config;
  own.erase("layers");
  own.update(config["layers"][k]);
  if (config.contains("self_supervision")) {
    Json& supervision = own["self_supervision"];
    const Json& all = need(supervision, "per_layer");
    if (!all.is_array() || k >= all.size())
      throw std::runtime_error("self_supervision.per_layer: expected one entry for each layer");
    const Json one = all[k];
    supervision.erase("per_layer");
    supervision.update(one);
  }
  return own;
}

void read_layer_graph(Context& ctx, const Json& file, CaseLayer& layer) {
  const auto find = [&](const char* key) { return layer.config.value(key, Json()); };
  layer.edges = read_edges(need(file, "edge_index"), NodeId(layer.nodes), "edge_index");
  const Json self_loops = find("self_loops"), listed = find("effective_edge_index");
  if (self_loops == "remove_then_add") {
    layer.edges = graphs::add_self_loops(layer.edges).edges;
  } else if (self_loops != "none") {
    throw std::runtime_error("self_loops: expected remove_then_add or none, found " + self_loops.dump());
  }
  const graphs::Csr graph = graphs::Csr::from_edges(layer.edges, &layer.position);
  if (!listed.is_null()) {
    layer.edges = read_edges(listed, NodeId(layer.nodes), "effective_edge_index");
    const graphs::Csr expected = graphs::Csr::from_edges(layer.edges, &layer.position);
    if (!std::ranges::equal(graph.offsets(), expected.offsets()) || !std::ranges::equal(graph.columns(), expected.columns())) {
      throw std::runtime_error("the edges after self_loops are not those of effective_edge_index");
    }
  }
  layer.adjacency = Adjacency(ctx.pool(), graph);
}

}  // namespace

CaseLayer read_case_layer(Context& ctx, const Json& file, std::size_t k, std::size_t in) {
  const Json& config = need(file, "config");
  CaseLayer layer;
  layer.config = config_of_layer(config, k);
  layer.name = "layer" + std::to_string(k + 1);
  const std::string prefix = config.contains("layers") ? layer.name + "." : "";
  for (const auto& [name, value] : need(file, "params").items()) {
    if (name.starts_with(prefix)) layer.params[name.substr(prefix.size())] = value;
  }
  layer.nodes = need(file, "num_nodes").get<std::size_t>();
  layer.in = in;
  layer.heads = need(layer.config, "heads").get<std::size_t>();
  layer.channels = need(layer.config, "out_channels").get<std::size_t>();
  layer.concat = need(layer.config, "concat").get<bool>();
  layer.negative_slope = layer.config.value("negative_slope", 0.2);
  const std::string activation = layer.config.value("activation", "none");
  if (activation != "none" && activation != "elu") throw std::runtime_error("activation: '" + activation + "' is unknown");
  layer.activation = activation == "elu";
  layer.residual = layer.has("res.weight")                                ? Residual::linear
                   : layer.config.value("residual", Json()) == "identity" ? Residual::identity
                                                                          : Residual::none;
  read_layer_graph(ctx, file, layer);
  return layer;
}

Matrix read_edge_array(const CaseLayer& layer, const Json& list, std::size_t cols, const std::string& name) {
  const Matrix stored = read_matrix(list, layer.position.size(), cols, name);
  Matrix result = stored;
  for (std::size_t e = 0; e < layer.position.size(); ++e) {
    std::copy_n(&stored.values[e * cols], cols, &result.values[std::size_t(layer.position[e]) * cols]);
  }
  return result;
}

}  // namespace gnn::test
