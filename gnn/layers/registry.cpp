// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/registry.hpp>

#include <cmath>

#include <gnn/layers/aero.hpp>
#include <gnn/layers/config.hpp>
#include <gnn/layers/dagnn.hpp>
#include <gnn/layers/gatv2.hpp>
#include <gnn/layers/gcn.hpp>
#include <gnn/layers/latte.hpp>
#include <gnn/layers/supergat.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

std::string number_of_layers(const ModelConfig& c) { return std::to_string(c.layers) + (c.layers == 1 ? " layer" : " layers"); }

std::string numbers(const std::vector<std::size_t>& list) {
  std::string text;
  for (const std::size_t n : list) text.append(text.empty() ? "" : ",").append(std::to_string(n));
  return text;
}

// ", 128 wide encoder, linear head"
std::string dense_maps(const ModelConfig& c) {
  return (c.encoder ? ", " + std::to_string(c.encoder) + " wide encoder" : "") + (c.linear_head ? ", linear head" : "");
}

// "2 layers, heads 8→1": heads of the hidden layers, then of the last.
std::string stack_of_heads(const ModelConfig& c) {
  const std::string inner = c.layers > 1 || c.linear_head ? numbers(c.heads) : "";
  const std::string last = c.linear_head ? "" : (inner.empty() ? "" : "→") + std::to_string(c.out_heads);
  return number_of_layers(c) + ", heads " + inner + last + dense_maps(c);
}

// "2 layers, 16 hidden": for layers without attention, whose width is that of all heads.
std::string stack_of_widths(const ModelConfig& c) {
  std::string widths;
  for (std::size_t k = 0; k < c.layers && !gives_logits(c, k); ++k) {
    widths.append(k ? "," : ", ").append(std::to_string(heads_of(c, k) * channels_of(c, k)));
  }
  return number_of_layers(c) + widths + (widths.empty() ? "" : " hidden") + dense_maps(c);
}

// "32 hops, hidden 64, heads 1".
std::string hops_and_width(const ModelConfig& c) {
  return std::to_string(c.hops) + (c.hops == 1 ? " hop" : " hops") + ", hidden " + std::to_string(c.hidden[0]) +
         (c.layer == "aero" ? ", heads " + std::to_string(c.heads[0]) : "");
}

std::string shape_of_latte(const ModelConfig& c) {
  std::string shape = "order ";
  shape.append(std::to_string(c.order)).append(", form of ").append(c.variant);
  if (c.variant != "2020") shape.append(", ").append(std::to_string(c.heads[0])).append(c.heads[0] == 1 ? " head" : " heads");
  return shape.append(", target ").append(c.target);
}

constexpr LayerKind kinds[] = {
    {"gat", "graph attention network", "Velickovic et al. 2018, arXiv:1710.10903", Gat::num_streams, Reach::layers, false, stack_of_heads, make_gat},
    {"gatv2", "graph attention that ranks by target", "Brody, Alon, Yahav 2022, arXiv:2105.14491", GatV2::num_streams, Reach::layers, false, stack_of_heads, make_gatv2},
    {"supergat", "GAT that learns its attention from edges, too", "Kim and Oh 2021, arXiv:2204.04879", SuperGat::num_streams,
     Reach::whole_in_training, false, stack_of_heads, make_supergat},
    {"aero", "attentive deep propagation network, AERO-GNN", "Lee et al. 2023, arXiv:2306.02376", Aero::num_streams, Reach::whole, true,
     hops_and_width, make_aero},
    {"dagnn", "deep adaptive graph neural network", "Liu, Gao and Ji 2020, arXiv:2007.09296", Dagnn::num_streams, Reach::whole, true,
     hops_and_width, make_dagnn, true},
    {"latte", "layer-stacked attention over metapaths of typed graphs", "Tran and Gao 2020, arXiv:2009.08072", Latte::num_streams,
     Reach::whole, true, shape_of_latte, make_latte, false, true},
    {"gcn", "graph convolutional network", "Kipf, Welling 2017, arXiv:1609.02907", Gcn::num_streams, Reach::whole, false, stack_of_widths, make_gcn, true},
    {"mlp", "dense layers that see no edge", "baseline", MlpLayer::num_streams, Reach::layers, false, stack_of_widths, make_mlp},
};

}  // namespace

std::span<const LayerKind> layer_kinds() { return kinds; }

std::string describe_stack(const ModelConfig& config) { return stack_of_widths(config); }

const LayerKind& kind_of(const ModelConfig& config) { return config.kind ? *config.kind : find_layer_kind(config.layer); }

const LayerKind& find_layer_kind(const std::string& name, std::span<const LayerKind> own) {
  for (const LayerKind& kind : own) {
    if (name == kind.name) return kind;
  }
  std::string known;
  for (const LayerKind& kind : kinds) {
    if (name == kind.name) return kind;
    known += (known.empty() ? "" : ", ") + std::string(kind.name);
  }
  fail(ErrorKind::usage, "model: expected ", known, ", found '", name, "'");
}

std::size_t num_layers(const ModelConfig& config) { return kind_of(config).is_network ? 1 : config.layers; }

Stack make_layers(const ModelConfig& config, Parameters& parameters) {
  const LayerKind& kind = kind_of(config);
  check(!kind.is_network || config.encoder == 0, "encoder: expected a stack of layers behind it, found the network ", kind.name);
  check(!kind.is_network || !config.linear_head, "linear-head: expected a stack of layers before it, found the network ", kind.name);
  Stack stack;
  // Neither drops anything, so their stream is never drawn from.
  if (config.encoder > 0) {
    LinearOptions o{.in = config.in, .out = config.encoder, .bias = false, .relu = true};
    o.start = Parameters::Start::normal;
    o.scale = 1;
    stack.encoder = std::make_unique<Linear>(o, parameters, "encoder", 0);
  }
  for (std::size_t k = 0; k < num_layers(config); ++k) {
    stack.layers.push_back(kind.make(config, k, parameters, std::uint32_t(k) * kind.num_streams));
  }
  if (config.linear_head) {
    const std::size_t width = stack.layers.back()->output_width();
    LinearOptions o{.in = width, .out = config.classes, .bias = false};
    o.scale = 1 / std::sqrt(double(width));  // as PyTorch starts its dense maps
    stack.head = std::make_unique<Linear>(o, parameters, "head", 0);
  }
  return stack;
}

}  // namespace gnn::inline GNN_PRECISION
