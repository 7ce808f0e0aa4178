// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/registry.hpp>

#include <gnn/layers/config.hpp>
#include <gnn/layers/latte.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

std::unique_ptr<Layer> make_gat(const ModelConfig& c, std::size_t k, Parameters& parameters, std::uint32_t first_stream) {
  const bool last = k + 1 == c.layers;
  GatOptions o;
  o.in = width_into(c, k);
  o.channels = channels_of(c, k);
  o.heads = heads_of(c, k);
  o.concat = o.activation = !last;
  o.dropout = c.dropout;
  o.attention_dropout = c.attention_dropout;
  o.feature_dropout = c.feature_dropout;
  o.mask_per_head = c.mask_per_head;
  o.negative_slope = c.negative_slope;
  o.score_bias = c.score_bias;
  o.residual = residual_of(c, k);
  o.residual_bias = c.residual_bias;
  o.initialisation = c.initialisation;
  return std::make_unique<Gat>(o, parameters, "layer" + std::to_string(k + 1), first_stream);
}

// "2 layers, heads 8→1": heads of the hidden layers, then of the last.
std::string stack_of_heads(const ModelConfig& c) {
  std::string heads;
  for (const std::size_t h : c.heads) heads += (heads.empty() ? "" : ",") + std::to_string(h);
  const std::string inner = c.layers > 1 ? heads + "→" : "";
  return std::to_string(c.layers) + (c.layers == 1 ? " layer" : " layers") + ", heads " + inner + std::to_string(c.out_heads);
}

std::unique_ptr<Layer> make_latte(const ModelConfig& c, std::size_t, Parameters& parameters, std::uint32_t first_stream) {
  return std::make_unique<Latte>(c, parameters, first_stream);
}

std::string shape_of_latte(const ModelConfig& c) {
  std::string shape = "order ";
  shape.append(std::to_string(c.order)).append(", form of ").append(c.variant);
  if (c.variant != "2020") shape.append(", ").append(std::to_string(c.heads[0])).append(c.heads[0] == 1 ? " head" : " heads");
  return shape.append(", target ").append(c.target);
}

constexpr LayerKind kinds[] = {
    {"gat", "graph attention network", "Velickovic et al. 2018, arXiv:1710.10903", Gat::num_streams, Reach::layers, false, stack_of_heads, make_gat},
    {"latte", "layer-stacked attention over metapaths of typed graphs", "Tran and Gao 2020, arXiv:2009.08072", Latte::num_streams,
     Reach::whole, true, shape_of_latte, make_latte, true},
};

}  // namespace

std::span<const LayerKind> layer_kinds() { return kinds; }

const LayerKind& find_layer_kind(const std::string& name) {
  std::string known;
  for (const LayerKind& kind : kinds) {
    if (name == kind.name) return kind;
    known += (known.empty() ? "" : ", ") + std::string(kind.name);
  }
  fail(ErrorKind::usage, "model: expected ", known, ", found '", name, "'");
}

std::size_t num_layers(const ModelConfig& config) { return find_layer_kind(config.layer).is_network ? 1 : config.layers; }

std::vector<std::unique_ptr<Layer>> make_layers(const ModelConfig& config, Parameters& parameters) {
  const LayerKind& kind = find_layer_kind(config.layer);
  std::vector<std::unique_ptr<Layer>> layers;
  for (std::size_t k = 0; k < num_layers(config); ++k) {
    layers.push_back(kind.make(config, k, parameters, std::uint32_t(k) * kind.num_streams));
  }
  return layers;
}

}  // namespace gnn::inline GNN_PRECISION
