// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/registry.hpp>

#include <gnn/layers/aero.hpp>
#include <gnn/layers/config.hpp>
#include <gnn/layers/dagnn.hpp>
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

std::unique_ptr<Layer> make_aero(const ModelConfig& c, std::size_t, Parameters& parameters, std::uint32_t first_stream) {
  AeroOptions o;
  o.in = c.in;
  o.channels = c.hidden[0];
  o.heads = c.heads[0];
  o.classes = c.classes;
  o.hops = c.hops;
  o.mlp_layers = c.mlp_layers;
  o.decay = c.decay;
  o.dropout = c.dropout;
  o.add_dropout = c.add_dropout;
  o.concat = c.attention_mode == "concat";
  return std::make_unique<Aero>(o, parameters, first_stream);
}

std::unique_ptr<Layer> make_dagnn(const ModelConfig& c, std::size_t, Parameters& parameters, std::uint32_t first_stream) {
  DagnnOptions o;
  o.in = c.in;
  o.hidden = c.hidden[0];
  o.classes = c.classes;
  o.hops = c.hops;
  o.dropout = c.dropout;
  return std::make_unique<Dagnn>(o, parameters, first_stream);
}

// "2 layers, heads 8→1": heads of the hidden layers, then of the last.
std::string stack_of_heads(const ModelConfig& c) {
  std::string heads;
  for (const std::size_t h : c.heads) heads += (heads.empty() ? "" : ",") + std::to_string(h);
  const std::string inner = c.layers > 1 ? heads + "→" : "";
  return std::to_string(c.layers) + (c.layers == 1 ? " layer" : " layers") + ", heads " + inner + std::to_string(c.out_heads);
}

// "32 hops, hidden 64, heads 1".
std::string hops_and_width(const ModelConfig& c) {
  return std::to_string(c.hops) + (c.hops == 1 ? " hop" : " hops") + ", hidden " + std::to_string(c.hidden[0]) +
         (c.layer == "aero" ? ", heads " + std::to_string(c.heads[0]) : "");
}

constexpr LayerKind kinds[] = {
    {"gat", "graph attention network", "Velickovic et al. 2018, arXiv:1710.10903", Gat::num_streams, Reach::layers, false, stack_of_heads, make_gat},
    {"aero", "attentive deep propagation network, AERO-GNN", "Lee et al. 2023, arXiv:2306.02376", Aero::num_streams, Reach::whole, true,
     hops_and_width, make_aero},
    {"dagnn", "deep adaptive graph neural network", "Liu, Gao and Ji 2020, arXiv:2007.09296", Dagnn::num_streams, Reach::whole, true,
     hops_and_width, make_dagnn},
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
